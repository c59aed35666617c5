import { describe, expect, it } from 'vitest';
import { exampleUsers } from '../../scripts/support/example-users.ts';
import { useDatabase } from '../support/database.ts';

describe('the example users in auth.users', () => {
  const db = useDatabase();

  it('are all accepted, and each gets a plain profile', async () => {
    const users = exampleUsers();
    const columns = Object.keys(users[0] ?? {}).join(', ');
    const { rows } = await db.inRollback(async (client) => {
      await client.query(
        `insert into auth.users (${columns})
         select ${columns} from jsonb_populate_recordset(null::auth.users, $1)`,
        [JSON.stringify(users)],
      );
      return client.query<{ profiles: number; plain: number }>(
        `select
           count(*)::integer as profiles,
           count(*) filter (where platform_role = 'user' and is_active)::integer as plain
         from public.user_profiles
         where user_id = any ($1)`,
        [users.map(({ id }) => id)],
      );
    });
    expect(rows).toEqual([{ profiles: users.length, plain: users.length }]);
  });
});
