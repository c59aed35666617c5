import type pg from 'pg';
import { z } from 'zod';
import { organizationsStatus, organizationsTier } from '../client/database.types.ts';
import { Failure } from '../failure.ts';

/** An organization id, in whatever case it was typed. */
export const organizationId = z
  .string()
  .toUpperCase()
  .regex(/^[A-Z0-9]{8,9}$/, 'It is an organization id: 8 or 9 letters and digits.');

const organization = z.object({
  id: z.string(),
  name: z.string(),
  slug: z.string(),
  status: z.enum(organizationsStatus),
  status_reason: z.string().nullable(),
  suspended_at: z.date().nullable(),
  cancelled_at: z.date().nullable(),
  tier: z.enum(organizationsTier),
  max_users: z.number(),
  max_properties: z.number(),
  timezone: z.string(),
  contact_name: z.string().nullable(),
  contact_email: z.string().nullable(),
  contact_phone: z.string().nullable(),
  address: z.record(z.string(), z.unknown()),
  industry: z.string().nullable(),
  size: z.string().nullable(),
  billing_email: z.string().nullable(),
  features: z.record(z.string(), z.boolean()),
  allow_self_registration: z.boolean(),
  requires_approval: z.boolean(),
  created_by: z.string().nullable(),
  created_at: z.date(),
  updated_at: z.date(),
});

/** A tenant: a row of public.organizations. */
export type Organization = z.infer<typeof organization>;

const owner = z.object({ user_id: z.string(), email: z.string().nullable(), display_name: z.string() });

const description = organization.extend({
  active_members: z.coerce.number(),
  pending_members: z.coerce.number(),
  suspended_members: z.coerce.number(),
  open_invitations: z.coerce.number(),
  plants: z.coerce.number(),
  owners: z.array(owner),
});

/** An organization with what an operator asks about it first. */
export type OrganizationDescription = z.infer<typeof description>;

const use = z.object({
  resource: z.string(),
  used: z.coerce.number(),
  allowed: z.coerce.number().nullable(),
});

/** How much of something an organization has. */
export type OrganizationUse = z.infer<typeof use>;

const page = z.object({
  organizations: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      slug: z.string(),
      status: z.enum(organizationsStatus),
      tier: z.enum(organizationsTier),
      max_users: z.number(),
      active_members: z.number(),
      pending_members: z.number(),
      plants: z.number(),
      created_at: z.coerce.date(),
    }),
  ),
  total: z.coerce.number(),
  page: z.number(),
  per_page: z.number(),
});

/** One page of organizations, newest first. */
export type OrganizationPage = z.infer<typeof page>;

async function organizationFrom(
  client: pg.ClientBase,
  call: string,
  values: unknown[],
): Promise<Organization> {
  const { rows } = await client.query(`select * from ${call}`, values);
  return organization.parse(rows[0]);
}

/** What a new organization may be given beside name, slug and owner. */
export interface OrganizationOptions {
  id?: string | undefined;
  tier?: string | undefined;
  timezone?: string | undefined;
  maxUsers?: number | undefined;
}

/**
 * Creates an organization with its system roles and its owner.
 *
 * @param client a connection as role `postgres`
 * @param name the name of the company
 * @param slug its name in links
 * @param ownerId the user who owns it
 * @param options what is not as the platform has it
 */
export function createOrganization(
  client: pg.ClientBase,
  name: string,
  slug: string,
  ownerId: string,
  { id, tier, timezone, maxUsers }: OrganizationOptions = {},
): Promise<Organization> {
  return organizationFrom(
    client,
    'public.create_organization($1, $2, owner_id => $3, id => $4, tier => $5, timezone => $6, max_users => $7)',
    [name, slug, ownerId, id, tier, timezone, maxUsers],
  );
}

/**
 * Lists organizations.
 *
 * @param client a connection as role `postgres`
 * @param filter a text to find in names, slugs, ids and addresses, a status, and the page from 1
 */
export async function listOrganizations(
  client: pg.ClientBase,
  filter: { search?: string | undefined; status?: string | undefined; page: number },
): Promise<OrganizationPage> {
  const { rows } = await client.query('select * from public.list_organizations($1, $2, $3)', [
    filter.search,
    filter.status,
    filter.page,
  ]);
  return page.parse(rows[0]);
}

/**
 * Describes an organization: its particulars, counts and owners.
 *
 * @param client a connection as role `postgres`
 * @param id the organization
 * @throws {Failure} when there is none
 */
export async function describeOrganization(
  client: pg.ClientBase,
  id: string,
): Promise<OrganizationDescription> {
  const { rows } = await client.query(
    `select
       organization.*,
       members.active_members,
       members.pending_members,
       members.suspended_members,
       (
         select count(*) from public.invitations as sent
         where sent.organization_id = organization.id
           and sent.accepted_at is null and sent.revoked_at is null and sent.expires_at > now()
       ) as open_invitations,
       (select count(*) from public.plants as plant where plant.organization_id = organization.id) as plants,
       array(
         select jsonb_build_object('user_id', owner.user_id, 'email', owner.email, 'display_name', owner.display_name)
         from private.members_of(organization.id, null, 'active') as owner
         where 'owner' = any (owner.role_codes)
       ) as owners
     from public.organizations as organization
       cross join lateral (
         select
           count(*) filter (where member.status = 'active') as active_members,
           count(*) filter (where member.status = 'pending') as pending_members,
           count(*) filter (where member.status = 'suspended') as suspended_members
         from public.members as member
         where member.organization_id = organization.id
       ) as members
     where organization.id = $1`,
    [id],
  );
  if (!rows[0]) throw noOrganization(id);
  return description.parse(rows[0]);
}

/** What to say when there is no organization of an id. */
export function noOrganization(id: string): Failure {
  return new Failure(`There is no organization ${id}.`, {
    hint: '`rowhouse org list --search <text>` finds it.',
  });
}

/**
 * Suspends an organization: its members read and write nothing from this moment.
 *
 * @param client a connection as role `postgres`
 * @param id the organization
 * @param reason why, for the record
 */
export function suspendOrganization(
  client: pg.ClientBase,
  id: string,
  reason: string,
): Promise<Organization> {
  return organizationFrom(client, 'public.suspend_organization($1, $2)', [id, reason]);
}

/**
 * Makes a suspended or cancelled organization active again.
 *
 * @param client a connection as role `postgres`
 * @param id the organization
 */
export function reactivateOrganization(client: pg.ClientBase, id: string): Promise<Organization> {
  return organizationFrom(client, 'public.reactivate_organization($1)', [id]);
}

/**
 * Cancels an organization: nothing is deleted, and its members read and write nothing.
 *
 * @param client a connection as role `postgres`
 * @param id the organization
 * @param reason why, for the record
 */
export function cancelOrganization(client: pg.ClientBase, id: string, reason: string): Promise<Organization> {
  return organizationFrom(client, 'public.cancel_organization($1, $2)', [id, reason]);
}

/**
 * Deletes a cancelled organization with everything in it, for good.
 *
 * @param client a connection as role `postgres`
 * @param id the organization
 * @param confirmedName its exact name, as somebody has given it who means it
 * @returns how many rows of each table went
 */
export async function purgeOrganization(
  client: pg.ClientBase,
  id: string,
  confirmedName: string | undefined,
): Promise<OrganizationUse[]> {
  const { rows } = await client.query('select * from public.purge_organization($1, $2)', [id, confirmedName]);
  return z.array(use).parse(rows);
}

/**
 * Counts what an organization has, each against its limit.
 *
 * @param client a connection as role `postgres`
 * @param id the organization
 * @throws {Failure} when there is none
 */
export async function organizationUsage(client: pg.ClientBase, id: string): Promise<OrganizationUse[]> {
  const { rows } = await client.query(
    `select used.* from public.organizations as organization cross join private.usage_of(organization.id) as used
     where organization.id = $1`,
    [id],
  );
  if (rows.length === 0) throw noOrganization(id);
  return z.array(use).parse(rows);
}
