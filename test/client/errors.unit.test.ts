import { expect, test } from 'vitest';
import {
  ConflictError,
  ForbiddenError,
  InvalidInputError,
  NotAuthenticatedError,
  NotFoundError,
  RowhouseError,
  toRowhouseError,
  UnavailableError,
} from '../../src/client/index.ts';

const answer = (details: string | null) => ({ message: 'No.', code: 'PT409', details, hint: 'Ask.' });

test.each([
  [400, InvalidInputError],
  [401, NotAuthenticatedError],
  [403, ForbiddenError],
  [404, NotFoundError],
  [409, ConflictError],
  [422, InvalidInputError],
  [500, UnavailableError],
  [503, UnavailableError],
  [0, UnavailableError],
  [418, RowhouseError],
  [429, RowhouseError],
])('status %i becomes its class', (status, kind) => {
  const error = toRowhouseError(answer('{"code": "no"}'), status);
  expect(error.constructor).toBe(kind);
  expect(error).toBeInstanceOf(RowhouseError);
  expect(error).toMatchObject({ name: kind.name, code: 'no', status });
});

test.each([
  ['{"code": "seat_taken"}', 'seat_taken'],
  ['{"reason": 1}', 'PT409'],
  ['Key (id)=(1) already exists.', 'PT409'],
  ['null', 'PT409'],
  ['', 'PT409'],
  [null, 'PT409'],
])('the detail %j gives the code %s', (details, code) => {
  expect(toRowhouseError(answer(details), 409)).toMatchObject({ code, message: 'No.', hint: 'Ask.' });
});

test.each([
  [
    'a number for a code',
    { code: 401, message: 'Missing authorization header' },
    'Missing authorization header',
  ],
  ['nothing', undefined, 'The request failed.'],
  ['a page of HTML', '<h1>Bad gateway</h1>', 'The request failed.'],
  ['texts that are none', { message: 1, code: {}, details: [], hint: 2 }, 'The request failed.'],
])('an answer that is %s still becomes an error', (_, body, message) => {
  expect(toRowhouseError(body, 401)).toMatchObject({
    message,
    code: 'unknown',
    status: 401,
    hint: undefined,
  });
});

test('an answer that never came says so, and keeps the cause', () => {
  const cause = { message: 'TypeError: fetch failed', code: '', details: '', hint: '' };
  expect(toRowhouseError(cause, 0)).toMatchObject({
    message: 'The server did not answer.',
    code: 'no_answer',
    status: 0,
    hint: expect.any(String) as string,
    cause,
  });
});
