import { describe, expect, test } from 'vitest';
import { readFunctionComment } from '../../scripts/support/api/function-comments.ts';
import { refusalsOf, sqlRefusals, type SqlFunction } from '../../scripts/support/api/refusals.ts';
import { disagreements } from '../../scripts/support/generate-errors.ts';

const fn = (body: string, comment = '', name = 'planted'): SqlFunction => ({
  schema: 'private',
  name,
  body,
  comment,
  tables: [],
});
const refusals = (body: string, comment?: string) => sqlRefusals([fn(body, comment)]).refusals;

describe('the refusals of SQL', () => {
  test('are found with all that they say', () => {
    const body = `
      begin
        -- perform private.refuse(400, 'in_a_comment', 'No.');
        /* perform private.refuse(400, 'in_another', 'No.'); */
        perform private.refuse(
          409, 'seat_taken', format('Seat %s, row %2$s, is %L.', seat.number, upper(row_name), state),
          'Take ' || coalesce(nullif(other, ''), 'another') || '.',
          jsonb_build_object('seat', seat.number, 'free', jsonb_build_object('left', 1))
        );
      end;`;
    expect(refusals(body)).toEqual([
      {
        code: 'seat_taken',
        status: 409,
        messages: ['Seat {number}, row {row_name}, is {row_name}.'],
        hints: ['Take {other}.', 'Take another.'],
        details: ['seat', 'free'],
        by: 'private.planted',
      },
    ]);
  });

  test.each([
    ["select private.refuse(404, 'a_b', 'It''s gone.')", 404, 'a_b', "It's gone."],
    ["select private.refuse(status => 404, message => 'No.', code => 'a_b')", 404, 'a_b', 'No.'],
    ["execute $q$ select private.refuse(404, 'a_b', 'No.') $q$;", 404, 'a_b', 'No.'],
    [
      "raise exception using errcode = 'PT404', message = 'No.', detail = '{\"code\": \"a_b\"}';",
      404,
      'a_b',
      'No.',
    ],
    ["perform private . refuse ( 404 , $$a_b$$ , e'No\\n.' )", 404, 'a_b', 'No\n.'],
  ])('are found in %s', (body, status, code, message) => {
    expect(refusals(body)).toMatchObject([{ status, code, messages: [message] }]);
  });

  test('of a case are all of its branches, each code with its sentence', () => {
    const body = `perform private.refuse(
      400,
      case when a is null then 'a_missing' when (case when b then 1 end) = 1 then 'a_odd' else 'a_wrong' end,
      case when a is null then 'None.' when b then 'Odd.' else 'Wrong.' end
    );`;
    expect(refusals(body).map(({ code, messages }) => [code, messages])).toEqual([
      ['a_missing', ['None.']],
      ['a_odd', ['Odd.']],
      ['a_wrong', ['Wrong.']],
    ]);
  });

  test('with a computed code are those that the comment names and the SQL writes', () => {
    const body = "failure := 'formula_odd'; perform private.refuse(400, failure, problem.message);";
    const comment = 'Computes. Raises PT400 formula_odd, formula_even; PT404 formula_missing.';
    const { refusals: found, problems } = sqlRefusals([fn(body, comment), fn("'formula_even'", '', 'other')]);
    expect(problems).toEqual([]);
    expect(found.map(({ code, status }) => [status, code])).toEqual([
      [400, 'formula_odd'],
      [400, 'formula_even'],
    ]);
  });

  test('with a computed code and no word about it are a problem', () => {
    const { problems } = sqlRefusals([fn("perform private.refuse(400, 'a_' || kind, 'No.');", 'Refuses.')]);
    expect(problems).toEqual([
      'private.planted refuses with a computed code, and its comment does not say with which',
    ]);
  });

  test('are reached through what a function calls', () => {
    const { reached } = sqlRefusals([
      fn('select private.middle();', '', 'outer'),
      fn('select private.planted(private.outer());', '', 'middle'),
      fn("select private.refuse(400, 'a_b', 'No.');"),
    ]);
    expect([...reached('private.outer')]).toEqual(
      expect.arrayContaining(['private.middle', 'private.planted']),
    );
    expect(reached('private.planted').has('private.outer')).toBe(false);
  });
});

test('the refusals of TypeScript are found', () => {
  const source = `
    return refuse(405, 'not_here', 'Not here.', 'Elsewhere.');
    throw new InvalidInputError(\`The input of \${what} is wrong.\`, { code: 'input_wrong', status: 400, fields });
    const error = { code: ownCode ?? (code || (status === 0 ? 'no_word' : 'no_idea')), status };
    return refuse(error.status, error.code, error.message);`;
  expect(
    refusalsOf(source, 'me').map(({ code, status, messages, hints }) => [code, status, messages, hints]),
  ).toEqual([
    ['not_here', 405, ['Not here.'], ['Elsewhere.']],
    ['input_wrong', 400, ['The input of {what} is wrong.'], []],
    ['no_word', 0, [], []],
    ['no_idea', undefined, [], []],
  ]);
});

describe('what is raised and what is documented', () => {
  const raised = sqlRefusals([
    fn("perform private.refuse(400, 'a_b', 'No.', null, jsonb_build_object('position', 1));"),
  ]);
  const notes = { a_b: { when: 'no', details: { position: 1 } } };

  test('agree', () => {
    expect(disagreements(raised, notes)).toEqual([]);
  });

  test.each([
    ['a code without a note', raised, {}, 'a_b is raised and not documented'],
    [
      'a note without a code',
      raised,
      { ...notes, c_d: { when: 'never' } },
      'c_d is documented and raised nowhere',
    ],
    [
      'details that the example lacks',
      raised,
      { a_b: { when: 'no' } },
      'a_b is raised with the details "position"',
    ],
    [
      'a code with two statuses',
      {
        ...raised,
        refusals: [...raised.refusals, ...refusals("perform private.refuse(409, 'a_b', 'No.')")],
      },
      notes,
      'a_b is raised with the statuses 400, 409',
    ],
  ])('disagree by %s', (_, graph, documented, sentence) => {
    expect(disagreements(graph, documented)).toEqual([expect.stringContaining(sentence)]);
  });
});

describe('the comment on a function', () => {
  const permissions = new Set(['seats.book', 'seats.sell']);
  const comment =
    'Books a seat (seats.book; with seats.sell for others). Takes the seat (from row A on) and a name. Returns it. ' +
    'Raises PT400 name_invalid (too long, or seat_less), seat_invalid with position; PT401 not_authenticated, PT404 ' +
    'seat_not_found, the same for one of others; PT409 seat_taken and seat_broken. It is quick. @anonymous';

  test('is taken apart', () => {
    expect(readFunctionComment(comment, permissions)).toEqual({
      text: 'Books a seat. Takes the seat (from row A on) and a name. Returns it. It is quick.',
      who: 'seats.book; with seats.sell for others',
      raises: [
        { status: 400, code: 'name_invalid', remark: ' (too long, or seat_less)' },
        { status: 400, code: 'seat_invalid', remark: ' with position' },
        { status: 401, code: 'not_authenticated', remark: '' },
        { status: 404, code: 'seat_not_found', remark: ', the same for one of others' },
        { status: 409, code: 'seat_taken', remark: '' },
        { status: 409, code: 'seat_broken', remark: '' },
      ],
    });
  });

  test('keeps addresses, and loses tags with what they say', () => {
    const tagged = 'Finds ada@acme.example. @example {"kind": "a b"} @unlogged';
    expect(readFunctionComment(tagged, permissions)).toEqual({ text: 'Finds ada@acme.example.', raises: [] });
  });

  test('may name no refusals, and nobody in particular', () => {
    const plain = 'Returns the seats (all of them). Never raises: there are always some.';
    expect(readFunctionComment(plain, permissions)).toEqual({ text: plain, raises: [] });
  });
});
