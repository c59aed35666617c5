/**
 * The bookings of the caller's organization as CSV: POST {"starts_from"?, "starts_before"?}, by who may read them all. It is
 * sent as it is read, page by page; where that breaks off, so does the answer.
 */
import { bookingsCsv } from '../../src/bookings/csv.ts';
import type { RowhouseClient } from '../../src/client/index.ts';
import { edgeInputs } from '../../src/client/inputs.ts';
import { callerClient } from '../_shared/clients.ts';
import { jsonHandler, refuse, respondWithFile } from '../_shared/respond.ts';

// A page is one statement, and has its time limit.
const pageSize = 500;

type Page = Awaited<ReturnType<typeof pageAfter>>;

function pageAfter(client: RowhouseClient, period: Record<string, string>, last: string | undefined) {
  return client.call('export_bookings', {
    ...period,
    ...(last === undefined ? {} : { after: last }),
    amount: pageSize,
  });
}

async function* allRows(client: RowhouseClient, period: Record<string, string>, first: Page) {
  let page = first;
  for (;;) {
    yield* page;
    const last = page.at(-1)?.id;
    if (page.length < pageSize || last === undefined) return;
    try {
      page = await pageAfter(client, period, last);
    } catch (error) {
      // The answer has begun, and cannot say it any more.
      console.error(error);
      throw error;
    }
  }
}

Deno.serve(
  jsonHandler(async (body, request) => {
    const input = edgeInputs['export-bookings'].safeParse(body);
    if (!input.success)
      return refuse(400, 'invalid_input', 'The body is {"starts_from"?, "starts_before"?}.');
    const client = callerClient(request);
    const period = input.data ?? {};
    // Who may not is told so: nothing is sent before the first page.
    const first = await pageAfter(client, period, undefined);
    const pieces = ReadableStream.from(bookingsCsv(allRows(client, period, first)));
    return respondWithFile(
      pieces.pipeThrough(new TextEncoderStream()),
      'text/csv; charset=utf-8',
      'bookings.csv',
    );
  }),
);
