import { z } from 'zod';
import { invitationJob, sendInvitation } from '../notifications/send-invitation.ts';
import { handler, type Handler } from './worker.ts';

/** Every kind of message and who works on it. A module adds its kinds here. */
export const handlers: Record<string, Handler> = {
  'identity.sync_profiles': handler(z.looseObject({}), async ({ messageId }, { client }) => {
    await client.call('run_user_sync_job', { message_id: messageId });
  }),
  'tenancy.invitation': handler(invitationJob, ({ payload }, context) => sendInvitation(payload, context)),
};
