/**
 * Accepts an invitation: POST {"token"}, from the link in the mail, by the invited user, answered with {"organization_id",
 * "organization_name"}. The session is to be refreshed then: the next access token names the organization.
 */
import { RowhouseError } from '../../src/client/errors.ts';
import { edgeInputs } from '../../src/client/inputs.ts';
import { callerClient } from '../_shared/clients.ts';
import { jsonHandler, refuse, respond } from '../_shared/respond.ts';
import { recentEvents, recordRefusal, verifiedUser } from '../_shared/security-events.ts';

const unknownToken = 'invitation.unknown_token';
const mostInAnHour = 10;

Deno.serve(
  jsonHandler(async (body, request) => {
    const input = edgeInputs['accept-invitation'].safeParse(body);
    if (!input.success) {
      return refuse(400, 'invalid_input', 'The body is {"token"}, from the link in the mail.');
    }
    const user = await verifiedUser(request);
    if (user === undefined) return refuse(401, 'not_authenticated', 'Sign in first.');
    if ((await recentEvents(unknownToken, user.id, undefined, mostInAnHour)) >= mostInAnHour) {
      return refuse(
        429,
        'rate_limited',
        'Too many links that were none, in the last hour.',
        'Try again later, with the link of the latest mail.',
      );
    }
    try {
      const joined = await callerClient(request).call('accept_invitation', input.data);
      return respond(200, {
        organization_id: joined.organization_id,
        organization_name: joined.organization_name,
      });
    } catch (error) {
      if (error instanceof RowhouseError && error.status === 404) {
        await recordRefusal(request, user, unknownToken, undefined, { code: error.code });
      }
      throw error;
    }
  }),
);
