import type pg from 'pg';
import { z } from 'zod';
import { membersStatus } from '../client/database.types.ts';
import { noOrganization } from './organization.ts';

const listedMember = z.object({
  user_id: z.string(),
  display_name: z.string(),
  email: z.string().nullable(),
  status: z.enum(membersStatus),
  user_is_active: z.boolean(),
  role_codes: z.array(z.string()),
  joined_at: z.date().nullable(),
  last_seen_at: z.date().nullable(),
  created_at: z.date(),
});

/** A member in a list. */
export type ListedMember = z.infer<typeof listedMember>;

const member = z.object({
  organization_id: z.string(),
  user_id: z.string(),
  status: z.enum(membersStatus),
  joined_at: z.date().nullable(),
  suspended_at: z.date().nullable(),
});

/** A member, as a change has left them, or as they were when they went. */
export type Member = z.infer<typeof member>;

/**
 * Lists the members of an organization, by name.
 *
 * @param client a connection as role `postgres`
 * @param organization its id
 * @param filter a text to find in name and e-mail, and a status
 * @throws {Failure} when there is no such organization
 */
export async function listMembers(
  client: pg.ClientBase,
  organization: string,
  filter: { search?: string | undefined; status?: string | undefined } = {},
): Promise<ListedMember[]> {
  const known = await client.query('select from public.organizations as known where known.id = $1', [
    organization,
  ]);
  if (known.rowCount === 0) throw noOrganization(organization);
  const { rows } = await client.query('select * from private.members_of($1, $2, $3)', [
    organization,
    filter.search,
    filter.status,
  ]);
  return z.array(listedMember).parse(rows);
}

/** What an operator does to a member, by the name of the command, and the call that does it. */
const calls = {
  approve: `private.set_member_status($1, $2, 'pending', 'active')`,
  reject: 'private.delete_member($1, $2, true)',
  suspend: `private.set_member_status($1, $2, 'active', 'suspended')`,
  reactivate: `private.set_member_status($1, $2, 'suspended', 'active')`,
  remove: 'private.delete_member($1, $2, false)',
};

/** What can be done to a member. */
export type MemberAction = keyof typeof calls;

/**
 * Lets a member in, shuts one out, or lets one go. The rules are those for an organization's own administrators: the
 * limit of members holds, the last owner stays, the audit log has it.
 *
 * @param client a connection as role `postgres`
 * @param action what to do
 * @param organization the id of the organization
 * @param userId the user
 */
export async function changeMember(
  client: pg.ClientBase,
  action: MemberAction,
  organization: string,
  userId: string,
): Promise<Member> {
  const { rows } = await client.query(`select * from ${calls[action]}`, [organization, userId]);
  return member.parse(rows[0]);
}
