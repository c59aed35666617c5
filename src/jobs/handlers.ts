import { z } from 'zod';
import {
  bookingJob,
  invoiceJob,
  sendCancellation,
  sendConfirmation,
  sendInvoice,
  sendWaitlistOffer,
  waitlistOfferJob,
} from '../notifications/send-booking-mails.ts';
import { invitationJob, sendInvitation } from '../notifications/send-invitation.ts';
import { processRefund, refundJob } from '../payments/process-refund.ts';
import { deleteDocuments, deleteDocumentsJob } from './delete-documents.ts';
import { handler, type Handler } from './worker.ts';

/** Every kind of message and who works on it. A module adds its kinds here. */
export const handlers: Record<string, Handler> = {
  'identity.sync_profiles': handler(z.looseObject({}), async ({ messageId }, { client }) => {
    await client.call('run_user_sync_job', { message_id: messageId });
  }),
  'tenancy.invitation': handler(invitationJob, ({ payload }, context) => sendInvitation(payload, context)),
  'bookings.confirmation': handler(bookingJob, sendConfirmation),
  'bookings.cancellation': handler(bookingJob, sendCancellation),
  'bookings.invoice': handler(invoiceJob, sendInvoice),
  'bookings.waitlist_offer': handler(waitlistOfferJob, sendWaitlistOffer),
  'bookings.delete_documents': handler(deleteDocumentsJob, deleteDocuments),
  'bookings.refund': handler(refundJob, processRefund),
};
