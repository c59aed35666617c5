/**
 * Invites somebody into the organization of the caller's token: POST {"email", "role_codes"?, "plant_id"?} by a member who
 * may, answered with {"invitation_id", "email", "expires_at"}. The token of the link is made here and forgotten: the
 * database gets its hash, and the worker that sends the mail makes it again.
 */
import { RowhouseError } from '../../src/client/errors.ts';
import { edgeInputs } from '../../src/client/inputs.ts';
import { invitationSecret, invitationToken, tokenHash } from '../../src/notifications/invitation-token.ts';
import { callerClient } from '../_shared/clients.ts';
import { jsonHandler, refuse, respond } from '../_shared/respond.ts';
import { recordRefusal, verifiedUser } from '../_shared/security-events.ts';

Deno.serve(
  jsonHandler(async (body, request) => {
    const input = edgeInputs['invite-member'].safeParse(body);
    if (!input.success) {
      return refuse(400, 'invalid_input', 'The body is {"email", "role_codes"?, "plant_id"?}.');
    }
    const { email, role_codes, plant_id } = input.data;
    const id = crypto.randomUUID();
    const secret = await invitationSecret({
      invitationSecret: Deno.env.get('ROWHOUSE_INVITATION_SECRET'),
      serviceKey: Deno.env.get('SUPABASE_SERVICE_ROLE_KEY'),
    });
    try {
      const invitation = await callerClient(request).call('create_invitation', {
        id,
        email,
        token_hash: await tokenHash(await invitationToken(secret, id)),
        ...(role_codes === undefined ? {} : { role_codes }),
        ...(plant_id === undefined ? {} : { plant_id }),
      });
      return respond(200, {
        invitation_id: invitation.invitation_id,
        email: invitation.email,
        expires_at: invitation.expires_at,
      });
    } catch (error) {
      if (error instanceof RowhouseError && error.status === 403) {
        const user = await verifiedUser(request);
        await recordRefusal(request, user, 'invitation.denied', user?.organizationId, {
          code: error.code,
          email,
          role_codes: role_codes ?? [],
        });
      }
      throw error;
    }
  }),
);
