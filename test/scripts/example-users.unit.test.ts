import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { exampleUsers, toCsv } from '../../scripts/support/example-users.ts';
import { root } from '../../scripts/support/sql-files.ts';

const users = exampleUsers();

function countWhere(test: (user: (typeof users)[number]) => boolean): number {
  return users.filter(test).length;
}

describe('the example users', () => {
  it('are in examples/auth-users.csv as `npm run generate` writes it', async () => {
    expect(toCsv(users)).toBe(await readFile(join(root, 'examples/auth-users.csv'), 'utf8'));
  });

  it('are 1,000 with different ids', () => {
    expect(users).toHaveLength(1_000);
    expect(new Set(users.map(({ id }) => id)).size).toBe(1_000);
  });

  it('keep what auth.users wants unique unique', () => {
    const emails = users.filter((user) => user.email !== null && !user.is_sso_user).map(({ email }) => email);
    const phones = users.filter(({ phone }) => phone !== null).map(({ phone }) => phone);
    expect(new Set(emails).size).toBe(emails.length);
    expect(new Set(phones).size).toBe(phones.length);
  });

  it('have every kind of user that an auth server holds', () => {
    expect({
      phoneOnly: countWhere((user) => user.email === null && user.phone !== null),
      sso: countWhere((user) => user.is_sso_user),
      anonymous: countWhere((user) => user.is_anonymous),
      banned: countWhere((user) => user.banned_until !== null),
      deleted: countWhere((user) => user.deleted_at !== null),
      withoutMetadata: countWhere((user) => user.raw_user_meta_data === null),
      upperCase: countWhere((user) => user.email !== null && user.email === user.email.toUpperCase()),
    }).toEqual({
      phoneOnly: 70,
      sso: 70,
      anonymous: 60,
      banned: 30,
      deleted: 30,
      withoutMetadata: 20,
      upperCase: 17,
    });
  });

  it('have addresses and numbers that belong to nobody', () => {
    const addresses = users.flatMap(({ email }) => (email?.includes('@') ? [email.toLowerCase()] : []));
    expect(addresses.filter((email) => !/(@|\.)(example\.(com|org)|test)$/.test(email))).toEqual([]);
    expect(users.filter(({ phone }) => phone !== null && !/^1\d{3}55501\d\d$/.test(phone))).toEqual([]);
  });

  it('come out of the CSV as they went in', () => {
    const rows = parse<Record<string, string>>(toCsv(users), { columns: true });
    expect(rows.map((row) => row.raw_user_meta_data)).toEqual(
      users.map((user) => (user.raw_user_meta_data === null ? '' : JSON.stringify(user.raw_user_meta_data))),
    );
  });
});
