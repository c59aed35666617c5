import type { BookingConfirmationInput, InvoiceDocumentInput } from '../../../src/documents/data.ts';

const shared = {
  organization_name: 'Acme Training',
  organization_address: {
    street: '1 High Street',
    postal_code: 'AB1 2CD',
    city: 'Harbour Town',
    country: 'GB',
  },
  time_zone: 'Europe/Warsaw',
  customer_name: 'Ada Lovelace',
  customer_company: 'Engines & Sons',
  customer_email: 'ada@example.com',
  customer_address: ['12 Mill Lane', 'Harbour Town'],
  booking_reference: 'ABCD2345',
  course_name: 'First aid at work',
  venue_name: 'The Old Mill',
  venue_address: ['5 River Road'],
  room: 'Blue room',
  starts_at: '2026-12-01T08:00:00.123456+00:00',
  ends_at: '2026-12-01T16:30:00+00:00',
  attendees: ['Ada Lovelace', 'Grace Hopper'],
  quantity: 2,
  unit_price: '1234.5',
  subtotal: 2469,
  discount: '69.00',
  total: '2400',
  currency: 'EUR',
  paid: 2400,
  refunded: '100.10',
  payment_terms: 'Within 14 days.',
};

/** A booking whose every attribute is set. */
export const confirmation: BookingConfirmationInput = {
  ...shared,
  booking_status: 'no_show',
  issued_at: '2026-11-21T10:15:30+00:00',
};

/** An invoice whose every attribute is set. */
export const invoice: InvoiceDocumentInput = {
  ...shared,
  booking_status: 'confirmed',
  invoice_number: 'INV-2026-00042',
  invoice_status: 'sent',
  issued_on: '2026-11-21',
  due_on: '2026-12-05',
};
