import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { withConnection } from '../postgres/connect.ts';

/** One thing that the trial saw, or did not see. */
export interface TrialStep {
  step: string;
  ok: boolean;
  /** What was seen. */
  found: string;
  /** What to do when that is not right; null when it is. */
  remedy: string | null;
}

/** What a trial of the sign-up ended in. */
export interface TrialReport {
  ok: boolean;
  steps: TrialStep[];
}

const look = 'Run `rowhouse verify`: it names what differs from the release.';

interface Profile {
  platform_role: string;
  is_active: boolean;
  display_name: string;
}

/** Inserts what the auth server inserts, as the auth server where the role may be taken. */
async function register(client: pg.ClientBase, id: string): Promise<string> {
  await client.query('savepoint as_auth_server');
  const writer = await client.query('set local role supabase_auth_admin').then(
    () => 'supabase_auth_admin',
    async () => {
      await client.query('rollback to savepoint as_auth_server');
      return 'postgres';
    },
  );
  await client.query(
    `insert into auth.users
       (id, instance_id, aud, role, email, raw_app_meta_data, raw_user_meta_data, created_at, updated_at)
     values ($1, '00000000-0000-0000-0000-000000000000', 'authenticated', 'authenticated', $2,
       '{"provider": "email", "providers": ["email"]}', '{"full_name": "Rowhouse Trial"}', now(), now())`,
    [id, `rowhouse-trial-${id}@example.invalid`],
  );
  await client.query('set local role none');
  return writer;
}

async function trial(client: pg.ClientBase, id: string, steps: TrialStep[]): Promise<void> {
  const note = (step: string, ok: boolean, found: string, remedy = look) => {
    steps.push({ step, ok, found, remedy: ok ? null : remedy });
    return ok;
  };
  const profiles = async () => {
    const { rows } = await client.query<Profile>(
      'select platform_role::text, is_active, display_name from public.user_profiles where user_id = $1',
      [id],
    );
    return rows;
  };

  const writer = await register(client, id);
  // What would wait for the commit happens here: deferred constraints and triggers.
  await client.query('set constraints all immediate');
  note('a user registers', true, `written by ${writer}`);

  const [profile] = await profiles();
  if (!profile) {
    const { rows } = await client.query<{ sqlstate: string; message: string }>(
      'select sqlstate, message from private.profile_failures where user_id = $1',
      [id],
    );
    const reason = rows[0];
    note(
      'the profile appears',
      false,
      reason
        ? `none: ${reason.message} (${reason.sqlstate})`
        : 'none, and no failure was recorded: the trigger did not fire',
    );
  } else {
    const { platform_role, is_active, display_name } = profile;
    note(
      'the profile appears',
      platform_role === 'user' && is_active && display_name === 'Rowhouse Trial',
      `role ${platform_role}, ${is_active ? 'active' : 'inactive'}, display name "${display_name}"`,
    );
  }

  await client.query('delete from auth.users where id = $1', [id]);
  await client.query('set constraints all immediate');
  note('the user is deleted', true, 'deleted from auth.users');
  const left = (await profiles()).length;
  note('the profile goes with the user', left === 0, left === 0 ? 'gone' : 'still there');
}

/**
 * Registers a user by the path that the auth server takes (a row of auth.users), sees the profile appear, deletes the
 * user, and sees it go. All of it is one transaction that is rolled back: whatever happens half way, a killed process
 * or a lost connection included, nothing stays, and nobody else ever sees the user. It proves what a committed sign-up
 * does all the same: the trigger runs inside the auth server's transaction, and what waits for the end of one
 * (deferred constraints and triggers) is made to happen at once. What is left out is the commit itself, which is not Rowhouse's.
 *
 * @param url connection string of role `postgres`
 * @returns each step with what was seen; `ok` when all went right
 * @throws {Failure} when the database cannot be reached
 */
export async function endToEnd(url: string): Promise<TrialReport> {
  const id = randomUUID();
  const steps: TrialStep[] = [];
  await withConnection(url, async (client) => {
    await client.query('begin');
    try {
      await client.query(`set local statement_timeout = '30s'; set local lock_timeout = '5s'`);
      await trial(client, id, steps);
    } catch (error) {
      const { message, code } = error as { message: string; code?: string };
      steps.push({
        step:
          [
            'a user registers',
            'the profile appears',
            'the user is deleted',
            'the profile goes with the user',
          ][steps.length] ?? 'the trial',
        ok: false,
        found: `${message}${code === undefined ? '' : ` (${code})`}`,
        remedy: code === '42501' ? 'Connect as role postgres, which may write to auth.users.' : look,
      });
    } finally {
      await client.query('rollback').catch(() => undefined);
    }
    const { rows } = await client
      .query<{ left: number }>('select count(*)::integer as left from auth.users where id = $1', [id])
      .catch(() => ({ rows: [{ left: undefined }] }));
    const left = rows[0]?.left;
    steps.push({
      step: 'nothing is left behind',
      ok: left === 0,
      found: left === 0 ? 'nothing' : left === undefined ? 'auth.users cannot be read' : 'the user',
      remedy: left === 0 ? null : `delete from auth.users where id = '${id}';`,
    });
  });
  return { ok: steps.every(({ ok }) => ok), steps };
}
