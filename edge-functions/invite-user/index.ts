/**
 * Invites a user by link: POST {"email", "redirect_to"?, "full_name"?} by a superadmin. Only the auth server creates
 * users, so this asks it to, and answers {"user_id", "email", "action_link"}. The link is for the invited person alone.
 */
import { edgeInputs } from '../../src/client/inputs.ts';
import { toRowhouseError } from '../../src/client/errors.ts';
import { callerClient, serviceClient } from '../_shared/clients.ts';
import { jsonHandler, refuse, respond } from '../_shared/respond.ts';

Deno.serve(
  jsonHandler(async (body, request) => {
    if (!(await callerClient(request).call('is_superadmin'))) {
      return refuse(
        403,
        'superadmin_required',
        'Only a superadmin may do this.',
        'Ask a superadmin of the platform.',
      );
    }
    const input = edgeInputs['invite-user'].safeParse(body);
    if (!input.success) {
      return refuse(400, 'invalid_input', 'The body is {"email", "redirect_to"?, "full_name"?}.');
    }
    const { email, redirect_to, full_name } = input.data;
    const { data, error } = await serviceClient().auth.admin.generateLink({
      type: 'invite',
      email,
      options: {
        ...(full_name === undefined ? {} : { data: { full_name } }),
        ...(redirect_to === undefined ? {} : { redirectTo: redirect_to }),
      },
    });
    if (error) throw toRowhouseError(error, error.status ?? 502);
    return respond(200, {
      user_id: data.user.id,
      email: data.user.email,
      action_link: data.properties.action_link,
    });
  }),
);
