import { expect, test } from 'vitest';
import { useDatabase } from './database.ts';
import { expectRefusal } from './refusal.ts';
import { asAnon, asService, asUser } from './roles.ts';
import { insertAuthUser } from './users.ts';

const db = useDatabase();
const claims = `select current_user::text as role, current_setting('request.jwt.claims', true)::jsonb as claims`;

test('a test works as role postgres, which is no superuser', async () => {
  const { rows } = await db.query(
    'select current_user::text as role, rolsuper from pg_roles where rolname = current_user',
  );
  expect(rows).toEqual([{ role: 'postgres', rolsuper: false }]);
});

test('the superuser of the server is there for what only it can do', async () => {
  const client = await db.superuser();
  const { rows } = await client.query(
    'select rolsuper, current_database() = $1 as same from pg_roles where rolname = current_user',
    [new URL(db.url).pathname.slice(1)],
  );
  expect(rows).toEqual([{ rolsuper: true, same: true }]);
});

test('each role sees its own claims', async () => {
  const id = '00000000-0000-4000-8000-000000000001';
  const user = await asUser(db, { id, organization_id: 'ABCDEFGHJ' }, (client) => client.query(claims));
  expect(user.rows[0]).toEqual({
    role: 'authenticated',
    claims: { role: 'authenticated', aud: 'authenticated', sub: id, organization_id: 'ABCDEFGHJ' },
  });
  expect((await asAnon(db, (client) => client.query(claims))).rows[0]).toEqual({
    role: 'anon',
    claims: { role: 'anon' },
  });
  expect((await asService(db, (client) => client.query(claims))).rows[0]).toMatchObject({
    role: 'service_role',
  });
});

test('what a role writes is rolled back, unless the test says commit', async () => {
  await db.query('create table public.notes (body text); grant all on public.notes to service_role');
  await asService(db, (client) => client.query(`insert into public.notes values ('undone')`));
  await asService(db, (client) => client.query(`insert into public.notes values ('kept')`), { commit: true });
  expect((await db.query('select body from public.notes')).rows).toEqual([{ body: 'kept' }]);
});

test('inside a transaction, a role is left again and the rest goes on', async () => {
  await db.inRollback(async (client) => {
    const id = await insertAuthUser(client);
    await asUser(client, id, (inside) => inside.query('select 1'));
    await asUser(client, id, (inside) => inside.query('select 1'), { commit: true });
    await expect(asAnon(client, (inside) => inside.query('select * from auth.users'))).rejects.toMatchObject({
      code: '42501',
    });
    const { rows } = await client.query(
      `select current_user::text as role, nullif(current_setting('request.jwt.claims'), '') as claims`,
    );
    expect(rows).toEqual([{ role: 'postgres', claims: null }]);
  });
  expect((await db.query('select from auth.users')).rowCount).toBe(0);
});

test('a refusal is known by its status and code, from pg and from supabase-js', async () => {
  const detail = JSON.stringify({ code: 'seat_unavailable' });
  const raised = db.query(
    `do $$ begin raise sqlstate 'PT409' using message = 'Taken.', detail = '${detail}', hint = 'Wait.'; end $$`,
  );
  expect(await expectRefusal(raised, 409, 'seat_unavailable')).toEqual({ message: 'Taken.', hint: 'Wait.' });

  const answered = Promise.resolve({
    data: null,
    error: { code: 'PT409', message: 'Taken.', details: detail, hint: null },
  });
  await expectRefusal(answered, 409, 'seat_unavailable');
});

test('what is not that refusal does not pass for it', async () => {
  const detail = JSON.stringify({ code: 'seat_unavailable' });
  const refused = () => Promise.resolve({ error: { code: 'PT409', message: 'Taken.', details: detail } });
  await expect(expectRefusal(refused(), 403, 'seat_unavailable')).rejects.toThrow('PT403');
  await expect(expectRefusal(refused(), 409, 'seat_taken')).rejects.toThrow('seat_taken');
  await expect(
    expectRefusal(Promise.resolve({ data: [], error: null }), 409, 'seat_unavailable'),
  ).rejects.toThrow('nothing was refused');
  await expect(expectRefusal(db.query('select 1 / 0'), 409, 'seat_unavailable')).rejects.toThrow('22012');
});
