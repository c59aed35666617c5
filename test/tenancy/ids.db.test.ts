import { expect, test } from 'vitest';
import { edit } from '../properties/property.ts';
import { useDatabase } from '../support/database.ts';
import { expectRefusal } from '../support/refusal.ts';
import { insertAuthUser } from '../support/users.ts';
import { found } from './organizations.ts';

const db = useDatabase();
const alphabet = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789';
const generator = 'private.generate_organization_id()';

test('a million ids are a million different ones, drawn evenly from 31 letters', async () => {
  // A table of its own: in organizations each row would bring its sixteen roles.
  await db.query(`create unlogged table private.drawn (id text primary key default ${generator})`);
  const half = async () => {
    for (let batch = 0; batch < 10; batch += 1) {
      await db.query(`insert into private.drawn select from generate_series(1, 50000)`);
    }
  };
  await Promise.all([half(), half()]);

  const { rows: drawn } = await db.query('select count(*)::integer as ids from private.drawn');
  expect(drawn).toEqual([{ ids: 1_000_000 }]);

  const { rows } = await db.query<{ letter: string; count: string }>(
    `select letter, count(*)
     from (select id from private.drawn fetch first 50000 rows only) as sample, regexp_split_to_table(id, '') as letter
     group by letter`,
  );
  expect(rows.map(({ letter }) => letter).sort()).toEqual(alphabet.match(/./g)?.sort());
  const counts = rows.map(({ count }) => Number(count));
  const expected = 450_000 / alphabet.length;
  // Chi-squared with 30 degrees of freedom: beyond 150 once in 10^17 runs. A byte modulo 31 would give 1,200.
  expect(counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)).toBeLessThan(150);
  await db.query('drop table private.drawn');
}, 240_000);

test.each([
  ['a generated one', 'ABCDEFGH2', true],
  ['a reserved one of nine', 'LEGACY001', true],
  ['a reserved one of eight', 'TEST0001', true],
  ['what the audit log calls no organization', 'PLATFORM', false],
  ['seven characters', 'ABCDEFG', false],
  ['ten characters', 'ABCDEFGHJK', false],
  ['lower case', 'abcdefgh2', false],
  ['a line break at the end', 'ABCDEFGH2\n', false],
  ['letters beyond A to Z', 'ÄBCDEFGH2', false],
  ['nothing', '', false],
  ['null', null, false],
])('is_organization_id() knows %s', async (_, candidate, answer) => {
  const { rows } = await db.query('select public.is_organization_id($1) as answer', [candidate]);
  expect(rows).toEqual([{ answer }]);
});

test.each(['PLATFORM', 'ABCDEFG', 'abcdefgh2', 'ABCDEFGHJK', 'ABCDEFGH2\n'])(
  'no organization has the id %j',
  async (id) => {
    const attempt = db.query(`insert into public.organizations (id, name, slug) values ($1, 'x', 'x')`, [id]);
    await expect(attempt).rejects.toMatchObject({ code: '23514', constraint: 'organizations_id_wellformed' });
  },
);

test('an organization gets a generated id, or the reserved one that was asked for', async () => {
  await db.inRollback(async (client) => {
    expect((await found(client, 'Drawn')).id).toMatch(new RegExp(`^[${alphabet}]{9}$`));
    expect((await found(client, 'Legacy', { id: 'LEGACY001' })).id).toBe('LEGACY001');
    const owner = await insertAuthUser(client);
    const again = (id: string) =>
      client.query(`select public.create_organization('Again', 'again', $1, id => $2)`, [owner, id]);
    await client.query('savepoint again');
    await expectRefusal(again('LEGACY001'), 409, 'organization_exists');
    await client.query('rollback to savepoint again');
    await expectRefusal(again('PLATFORM'), 400, 'organization_id_invalid');
  });
});

test('a source that gives the same bits over and over ends in a clear error, after a hundred attempts', async () => {
  await db.inRollback(async (client) => {
    await client.query('create sequence private.draws');
    await edit(generator, [
      'uuid_send(gen_random_uuid())',
      `pg_catalog.decode(pg_catalog.substr('000000000000000000000000000000000000', 1, 32 + 0 * pg_catalog.nextval('private.draws')::integer), 'hex')`,
    ])(client);
    const draw = () => client.query<{ id: string }>(`select ${generator} as id`);
    expect((await draw()).rows).toEqual([{ id: 'AAAAAAAAA' }]);
    await client.query(`insert into public.organizations (id, name, slug) values ('AAAAAAAAA', 'x', 'x')`);
    await client.query('savepoint drawn');
    await expect(draw()).rejects.toMatchObject({
      code: '23505',
      message: 'No free organization id was found in 100 attempts.',
    });
    await client.query('rollback to savepoint drawn');
    const { rows } = await client.query('select last_value::integer as draws from private.draws');
    expect(rows).toEqual([{ draws: 101 }]);
  });
});

test('an id that is taken is drawn again', async () => {
  await db.inRollback(async (client) => {
    await client.query('create sequence private.draws minvalue 0');
    // 00…, 01…, 02…: AAAAAAAAA, BBBBBBBBB, CCCCCCCCC.
    await edit(generator, [
      'uuid_send(gen_random_uuid())',
      `pg_catalog.decode(pg_catalog.repeat(pg_catalog.lpad(pg_catalog.to_hex(pg_catalog.nextval('private.draws')), 2, '0'), 16), 'hex')`,
    ])(client);
    await client.query(
      `insert into public.organizations (id, name, slug) values ('AAAAAAAAA', 'x', 'x'), ('BBBBBBBBB', 'y', 'y')`,
    );
    expect((await client.query(`select ${generator} as id`)).rows).toEqual([{ id: 'CCCCCCCCC' }]);
  });
});

test('bytes that would favour a letter are thrown away', async () => {
  await db.inRollback(async (client) => {
    await edit(generator, [
      'uuid_send(gen_random_uuid())',
      `pg_catalog.decode('f8fff9fafbfc00fd00fef81e1f3e5d7c', 'hex')`,
    ])(client);
    // What is left of each 16 bytes, without 248 and more and the two that are not random: 1e 1f 3e 5d 7c.
    expect((await client.query(`select ${generator} as id`)).rows).toEqual([{ id: '9AAAA9AAA' }]);
  });
});
