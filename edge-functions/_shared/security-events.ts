import { callerClient, serviceClient } from './clients.ts';

/** The caller, as the auth server and the signature of the token say. */
export interface VerifiedUser {
  id: string;
  /** The organization that the token names, whether or not its door is still open. */
  organizationId: string | undefined;
}

/** What is kept of one user and one event in an hour; more would be a flood. */
const mostInAnHour = 20;

function claimOf(token: string, name: string): string | undefined {
  try {
    const payload = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
    const claims = JSON.parse(atob(payload)) as Record<string, unknown> | null;
    const value = claims?.[name];
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Who sends a request, asked of the auth server: nothing that a caller only says is believed.
 *
 * @param request the request to the function
 * @returns the user, or undefined where the token is nobody's
 */
export async function verifiedUser(request: Request): Promise<VerifiedUser | undefined> {
  const token = /^Bearer\s+(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
  if (token === undefined) return undefined;
  const { data, error } = await callerClient(request).auth.getUser(token);
  if (error) return undefined;
  // The auth server has checked the signature of all of the token.
  const organizationId = claimOf(token, 'organization_id');
  return {
    id: data.user.id,
    organizationId: /^[A-Z0-9]{8,9}$/.test(organizationId ?? '') ? organizationId : undefined,
  };
}

/**
 * How often an event of a user was recorded in the last hour.
 *
 * @param organizationId where it was recorded; undefined for the platform
 * @param most counts no further
 */
export async function recentEvents(
  event: string,
  userId: string,
  organizationId: string | undefined,
  most: number,
): Promise<number> {
  const { data, error } = await serviceClient()
    .from('audit_logs')
    .select('id')
    .eq('organization_id', organizationId ?? 'PLATFORM')
    .gt('at', new Date(Date.now() - 60 * 60 * 1000).toISOString())
    .eq('actor_id', userId)
    .eq('event', event)
    .limit(most);
  if (error) throw error;
  return data.length;
}

/**
 * Writes a refusal to the audit log: the database cannot, since refusing undoes what it has written. Does not fail: what
 * the caller is told does not depend on it.
 *
 * @param request where the refused request came from
 * @param user who was refused
 * @param event `module.what_happened`
 * @param organizationId where; undefined for the platform
 * @param details what there is to tell
 */
export async function recordRefusal(
  request: Request,
  user: VerifiedUser | undefined,
  event: string,
  organizationId: string | undefined,
  details: Record<string, string | string[]>,
): Promise<void> {
  if (user === undefined) return;
  try {
    if ((await recentEvents(event, user.id, organizationId, mostInAnHour)) >= mostInAnHour) return;
    await serviceClient(request).call('record_security_event', {
      event,
      severity: 'warning',
      actor_id: user.id,
      ...(organizationId === undefined ? {} : { organization_id: organizationId }),
      details,
    });
  } catch (error) {
    console.error(`${event} was not recorded:`, error);
  }
}
