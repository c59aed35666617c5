import process from 'node:process';
import { z } from 'zod';
import type { WorkerContext } from '../jobs/worker.ts';
import { acceptanceLink, invitationMail } from './invitation-mail.ts';
import { invitationSecret, invitationToken, tokenHash } from './invitation-token.ts';
import { notificationSettings } from './settings.ts';
import { transportOf } from './transport.ts';

const openInvitation = z.object({
  invitation_id: z.guid(),
  email: z.string(),
  organization_name: z.string(),
  inviter_name: z.string().nullable(),
  role_names: z.array(z.string()),
  expires_at: z.coerce.date(),
});

/** The payload of a job of kind `tenancy.invitation`. */
export const invitationJob = z.looseObject({ organization_id: z.string(), invitation_id: z.guid() });

/**
 * Sends the mail of an invitation, unless it was accepted or revoked or has expired meanwhile. A second delivery of the
 * job may send it again: it is the same mail then, with the same Message-ID.
 *
 * @param job the invitation
 * @param context a client with the service role, and when the time is over
 * @throws when the settings are missing, the link would not work, or the mail is not taken; what it says does not contain
 *   the token
 */
export async function sendInvitation(
  { organization_id, invitation_id }: z.infer<typeof invitationJob>,
  { client, signal }: WorkerContext,
): Promise<void> {
  const [open] = z
    .array(openInvitation)
    .parse(await client.call('invitation_to_send', { organization_id, invitation_id }));
  if (open === undefined) return;

  const settings = notificationSettings(process.env);
  const secret = await invitationSecret({
    invitationSecret: settings.invitationSecret,
    serviceKey: process.env.SUPABASE_SERVICE_ROLE_KEY,
  });
  const token = await invitationToken(secret, open.invitation_id);
  const { data: kept, error: unread } = await client
    .from('invitations')
    .select('token_hash')
    .eq('organization_id', organization_id)
    .eq('id', invitation_id)
    .maybeSingle();
  if (unread) throw new Error(unread.message);
  if (kept?.token_hash !== (await tokenHash(token))) {
    throw new Error('The token of this invitation was made with another secret: invite again.');
  }
  const mail = invitationMail(
    {
      invitationId: open.invitation_id,
      email: open.email,
      organizationName: open.organization_name,
      inviterName: open.inviter_name,
      expiresAt: open.expires_at,
      roleNames: open.role_names,
    },
    acceptanceLink(settings.siteUrl, token),
  );
  try {
    console.log(await transportOf(settings)(mail, signal));
  } catch (error) {
    // A mail server may quote what it does not like, and what it says is kept.
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(reason.replaceAll(token, '…'), { cause: error });
  }
}
