/**
 * The calendar file of a booking, for whoever may see the booking: POST {"id"} or GET ?id=, answered with text/calendar.
 */
import { bookingCalendar } from '../../src/bookings/calendar.ts';
import { bookingFacts, calendarOf } from '../../src/bookings/facts.ts';
import { edgeInputs } from '../../src/client/inputs.ts';
import { callerClient } from '../_shared/clients.ts';
import { jsonHandler, refuse, respondWithFile } from '../_shared/respond.ts';

const handle = jsonHandler(async (body, request) => {
  const input = edgeInputs['booking-calendar'].safeParse(body);
  if (!input.success) return refuse(400, 'invalid_input', 'The body is {"id"}, of a booking.');
  const booking = bookingFacts.parse(await callerClient(request).call('booking_details', input.data));
  return respondWithFile(
    bookingCalendar(calendarOf(booking)),
    'text/calendar; charset=utf-8',
    'calendar.ics',
  );
});

Deno.serve((request) => {
  if (request.method !== 'GET') return handle(request);
  const body = JSON.stringify(Object.fromEntries(new URL(request.url).searchParams));
  return handle(new Request(request.url, { method: 'POST', headers: request.headers, body }));
});
