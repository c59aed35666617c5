import { expect, test } from 'vitest';
import {
  ConflictError,
  ForbiddenError,
  GoneError,
  InvalidInputError,
  NotAuthenticatedError,
  NotFoundError,
  RateLimitedError,
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
  [410, GoneError],
  [422, InvalidInputError],
  [500, UnavailableError],
  [503, UnavailableError],
  [0, UnavailableError],
  [418, RowhouseError],
  [429, RateLimitedError],
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
  ['{"code": "formula_invalid", "position": 7}', { position: 7 }],
  ['{"code": "customer_in_use", "references": {"quotes": 3}}', { references: { quotes: 3 } }],
  ['{"code": "seat_taken"}', {}],
  ['{"reason": 1}', {}],
  ['Key (id)=(1) already exists.', {}],
  [null, {}],
])('the detail %j gives the details %j', (details, expected) => {
  expect(toRowhouseError(answer(details), 409).details).toEqual(expected);
  expect(toRowhouseError(answer(details), 418).details).toEqual(expected);
});

test.each([400, 422])('what the server finds wrong with fields is in fields (%i)', (status) => {
  const fields = { width: ['It is at least 40.', 'It is a number.'], colour: 'There is no such choice.' };
  const error = toRowhouseError(answer(JSON.stringify({ code: 'values_invalid', fields })), status);
  expect(error).toBeInstanceOf(InvalidInputError);
  expect(error).toMatchObject({
    code: 'values_invalid',
    details: { fields },
    fields: { width: 'It is at least 40. It is a number.', colour: 'There is no such choice.' },
  });
});

test.each([
  ['no detail', null],
  ['a detail without fields', '{"code": "values_invalid"}'],
  ['fields that are none', '{"code": "values_invalid", "fields": {"width": 1}}'],
])('%s leaves fields empty', (_, details) => {
  expect(toRowhouseError(answer(details), 400)).toMatchObject({ fields: {} });
});

test('fields that the client found itself are kept', () => {
  const error = new InvalidInputError('Wrong.', {
    code: 'invalid_input',
    status: 400,
    fields: { email: 'It is an e-mail address.' },
    details: { fields: { other: 'No.' } },
  });
  expect(error.fields).toEqual({ email: 'It is an e-mail address.' });
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

test('what a refusal tells programs beside its code is in details, and what is wrong with fields in fields', () => {
  const detail = { code: 'values_invalid', fields: { width: ['It is at least 400.', 'It is a number.'] } };
  const error = toRowhouseError(answer(JSON.stringify(detail)), 400);
  expect(error).toMatchObject({
    code: 'values_invalid',
    details: { fields: detail.fields },
    fields: { width: 'It is at least 400. It is a number.' },
  });
  expect(toRowhouseError(answer('{"code": "formula_invalid", "position": 7}'), 400)).toMatchObject({
    details: { position: 7 },
    fields: {},
  });
  expect(toRowhouseError(answer('Key (id)=(1) already exists.'), 409).details).toEqual({});
});
