-- Undoes 000007-bookings: what is scheduled, the functions, the policies of documents, the tables with what hangs on
-- them, the types.
-- pg_temp.set_aside drops a table that is empty, and moves one that holds rows to the schema of the rollback.

select cron.unschedule('rowhouse-expire-waitlist-offers');
select cron.unschedule('rowhouse-purge-idempotency-keys');

drop function public.waitlist_offer_to_send(text, uuid);
drop function public.void_invoice(uuid);
drop function public.session_calendar(timestamptz, timestamptz, uuid, uuid, uuid);
drop function public.send_invoice(uuid);
drop function public.retry_payment_event(text, text);
drop function public.resend_confirmation(uuid);
drop function public.request_refund(uuid, text, numeric);
drop function public.reject_refund(uuid, text);
drop function public.refund_to_process(bigint, text, uuid);
drop function public.record_payment_event(text, text, text, timestamptz, jsonb, jsonb);
drop function public.record_payment(uuid, numeric, text, text, text);
drop function public.record_attendance(uuid, jsonb);
drop function public.recalculate_customer_statistics(uuid, boolean);
drop function public.publish_session(uuid);
drop function public.payment_events(text, integer, integer);
drop function public.list_bookings(text, text, uuid, uuid, timestamptz, timestamptz, integer, integer);
drop function public.leave_waitlist(uuid);
drop function public.join_waitlist(uuid, jsonb, integer);
drop function public.invoice_document(text, uuid);
drop function public.finish_refund(text, uuid, jsonb);
drop function public.export_bookings(timestamptz, timestamptz, uuid, integer);
drop function public.create_recurring_sessions(
  uuid, timestamptz, text, integer, uuid, text, uuid, integer, numeric
);
drop function public.create_payment(uuid, text);
drop function public.create_booking(uuid, jsonb, jsonb, text, text, numeric, boolean, text);
drop function public.confirm_booking(uuid);
drop function public.complete_session(uuid);
drop function public.complete_refund(uuid);
drop function public.clone_session(uuid, timestamptz, boolean);
drop function public.cancel_session(uuid, text);
drop function public.cancel_booking(uuid, text);
drop function public.booking_price(uuid, integer, text);
drop function public.booking_document(text, uuid);
drop function public.booking_details(uuid);
drop function public.backfill_booking_customers(integer, boolean);
drop function public.attendance_sheet(uuid);
drop function public.attach_payment_intent(text, uuid, text);
drop function public.approve_refund(uuid);
drop function public.admin_list_customers(text, text, boolean, integer, integer);

drop function private.waitlist_offer_to_send(text, uuid);
drop function private.void_invoice(uuid);
drop function private.session_calendar(timestamptz, timestamptz, uuid, uuid, uuid);
drop function private.send_invoice(uuid);
drop function private.settle_money(text, uuid[]);
drop function private.retry_payment_event(text, text);
drop function private.resend_confirmation(uuid);
drop function private.require_invoice(uuid);
drop function private.request_refund(uuid, text, numeric);
drop function private.reject_refund(uuid, text);
drop function private.refund_to_process(bigint, text, uuid);
drop function private.refresh_customer_statistics(text, uuid[]);
drop function private.record_payment_event(text, text, text, timestamptz, jsonb, jsonb);
drop function private.record_payment(uuid, numeric, text, text, text);
drop function private.record_attendance(uuid, jsonb);
drop function private.recalculate_customer_statistics(uuid, boolean);
drop function private.purge_idempotency_keys();
drop function private.publish_session(uuid);
drop function private.payment_events(text, integer, integer);
drop function private.lock_settled(text[], uuid[], uuid[], uuid[]);
drop function private.list_bookings(text, text, uuid, uuid, timestamptz, timestamptz, integer, integer);
drop function private.leave_waitlist(uuid);
drop function private.join_waitlist(uuid, jsonb, integer);
drop function private.is_payment_change(jsonb);
drop function private.is_invoice_paid(public.invoices, public.bookings);
drop function private.invoice_document(text, uuid);
drop function private.finish_refund(text, uuid, jsonb);
drop function private.find_booking_ids(text, text);
drop function private.export_bookings(timestamptz, timestamptz, uuid, integer);
drop function private.expire_waitlist_offers();
drop function private.customer_statistics_differences(text, uuid[]);
drop function private.create_recurring_sessions(
  uuid, uuid, text, uuid, timestamptz, text, integer, integer, numeric
);
drop function private.create_payment(uuid, text);
drop function private.require_open_amount(public.bookings);
drop function private.payment_of_key(public.payments);
drop function private.insert_payment(public.payments);
drop function private.refuse_idempotency_mismatch();
drop function private.create_booking(uuid, jsonb, jsonb, text, text, numeric, boolean, text);
drop function private.require_places(public.course_sessions, uuid, integer);
drop function private.require_age(jsonb, integer, date);
drop function private.random_reference();
drop function private.offer_places(text, uuid);
drop function private.insert_attendees(text, uuid, jsonb, boolean);
drop function private.require_participants(jsonb);
drop function private.confirm_booking(uuid);
drop function private.complete_session(uuid);
drop function private.settle_attendance(text, uuid);
drop function private.issue_certificates(text, uuid);
drop function private.next_yearly_number(text, text, integer);
drop function private.complete_refund(uuid);
drop function private.clone_session(uuid, timestamptz, boolean);
drop function private.insert_sessions(public.course_sessions, timestamptz[], interval);
drop function private.claim_idempotency(text, text, text, jsonb);
drop function private.store_response(text, text, text, jsonb);
drop function private.cancel_session(uuid, text);
drop function private.open_refunds(text, uuid[], text);
drop function private.lock_session_bookings(text, uuid);
drop function private.cancel_booking(uuid, text);
drop function private.require_no_open_refund(text, uuid);
drop function private.refund_share(text, timestamptz, timestamptz);
drop function private.calendar_date(text);
drop function private.booking_settings_of(text);
drop function private.booking_price(uuid, integer, text);
drop function private.require_session(text, uuid);
drop function private.price_booking(text, uuid, integer, text, uuid);
drop function private.refuse_discount_code(text, numeric);
drop function private.booking_document(text, uuid);
drop function private.booking_details(uuid);
drop function private.booking_details_of(text, uuid, boolean, boolean, boolean);
drop function private.booking_customer(jsonb);
drop function private.line_problem(jsonb, integer);
drop function private.backfill_booking_customers(integer, boolean);
drop function private.backfill_booking_customers_of(text, integer, boolean);
drop function private.backfill_booking_batch(text, integer);
drop function private.attendance_sheet(uuid);
drop function private.require_attendance_session(uuid, boolean);
drop function private.attendance_entries(text, uuid, boolean);
drop function private.booking_contact(public.bookings);
drop function private.attach_payment_intent(text, uuid, text);
drop function private.approve_refund(uuid);
drop function private.require_refund(uuid);
drop function private.sees_money(text, uuid);
drop function private.require_money_booking(uuid, boolean);
drop function private.require_booking(uuid);
drop function private.apply_payment_event(text, text);
drop function private.apply_intent_events(text, text);
drop function private.refund_late_payments(text, uuid);
drop function private.lock_payment_intent(text, text);
drop function private.lock_booking(text, uuid);
drop function private.enter_older_payments(text, uuid[]);
drop function private.judge_intent_events(text, text);
drop function private.apply_refund_results(text, uuid, jsonb);
drop function private.open_refund(text, uuid, numeric, text, text);
drop function private.allocate_refunds(text, uuid[]);
drop function private.admin_list_customers(text, text, boolean, integer, integer);
drop function private.find_customer_ids(text, text);
drop function private.search_parts(text);
drop function private.contact_text(jsonb, integer);

-- The bucket and its files stay: nobody but the backend reads them then.
drop policy "documents stay in their organization" on storage.objects;
drop policy "members read documents of bookings" on storage.objects;
drop policy "nobody reads documents without signing in" on storage.objects;
drop policy "only the backend adds documents" on storage.objects;
drop policy "only the backend changes documents" on storage.objects;
drop policy "only the backend deletes documents" on storage.objects;
drop statistics public.bookings_customer_dependencies, public.bookings_session_dependencies;
drop policy "who may read" on public.course_sessions;
select pg_temp.set_aside('private.webhook_events');
select pg_temp.set_aside('private.payment_intents');
select pg_temp.set_aside('private.idempotency_keys');
select pg_temp.set_aside('public.certificates');
select pg_temp.set_aside('public.attendance');
select pg_temp.set_aside('public.refund_items');
select pg_temp.set_aside('public.refunds');
select pg_temp.set_aside('public.payments');
select pg_temp.set_aside('public.invoices');
select pg_temp.set_aside('public.booking_waitlist');
select pg_temp.set_aside('public.booking_requirements');
select pg_temp.set_aside('public.booking_attendees');
select pg_temp.set_aside('public.bookings');
select pg_temp.set_aside('public.discount_codes');
select pg_temp.set_aside('public.course_sessions');
select pg_temp.set_aside('public.venues');
select pg_temp.set_aside('public.course_price_tiers');
select pg_temp.set_aside('public.courses');
select pg_temp.set_aside('public.refund_rules');
select pg_temp.set_aside('public.booking_settings');
-- The numbers that were given to invoices and certificates.
select pg_temp.copy_aside('private.number_counters', 'number_counters', 'document in (''INV'', ''CERT'')', null)
where current_setting('rowhouse.keep_rows')::boolean;
delete from private.number_counters where document in ('INV', 'CERT');
select pg_temp.set_aside_queue('bookings');
select pg_temp.set_aside_queue('payments');
-- Definitions, which the migration writes again.
delete from private.state_transitions where machine in ('booking_waitlist', 'bookings', 'course_sessions', 'invoices', 'payments', 'refunds');
drop index public.customers_last_booking_at_idx;

drop trigger _500_delete_documents on public.organizations;

drop function private.tg_refunds__settle();
drop function private.tg_refund_items__settle();
drop function private.tg_payments__settle();
drop function private.tg_organizations__delete_documents();
drop function private.tg_course_sessions__offer();
drop function private.tg_course_sessions__flip();
drop function private.tg_bookings__settle();
drop function private.tg_booking_waitlist__settle();
drop function private.tg__money_frozen();
drop function private.taught_session_ids();
drop function private.contact_search(jsonb);
drop function private.contact_problem(jsonb);
drop function private.contact_email(jsonb);

drop type public.waitlist_offer_mail;
drop type public.attendance_entry;
drop type public.attendee_requirement;
drop type public.session_calendar_entry;
drop type public.booking_export_row;
drop type public.invoice_document;
drop type public.booking_details;
drop type public.booking_invoice;
drop type public.booking_refund;
drop type public.booking_payment;
drop type public.booking_need;
drop type public.booking_person;
drop type public.booking_summary;
drop type public.booking_page;
drop type public.customer_statistics_difference;
drop type public.booking_backfill;
drop type public.unusable_booking;
drop type public.refund_part;
drop type public.payment_event_page;
drop type public.payment_event;
drop type public.payment_event_outcome;
drop type public.booking_receipt;
drop type public.booking_price;

-- What roles hold of the module.
select pg_temp.copy_aside('private.role_permissions', 'role_permissions', 'split_part(permission, ''.'', 1) = ''bookings''', null)
where current_setting('rowhouse.keep_rows')::boolean;
select private.undefine_permissions('bookings');

-- As 000005-customers and 000006-sales left them.

alter type public.customer_details
  drop attribute bookings,
  drop attribute payments;
drop type public.customer_payment;
drop type public.customer_booking;
comment on column public.customers.total_bookings is 'How many bookings it has made. Kept by the database.';
comment on column public.customers.total_spent is 'What it has paid, in the currency of the organization. Kept by the database.';
comment on column public.customers.first_booking_at is 'When it first booked. Kept by the database.';
comment on column public.customers.last_booking_at is 'When it last booked. Kept by the database.';
select private.audit_table('public.customers');

create or replace function private.customer_details (
  id uuid
)
  returns public.customer_details
  language plpgsql
  stable
  security definer
  set search_path = ''
  as $$
declare
  customer constant public.customers := private.require_customer(customer_details.id);
  is_sold constant boolean := private.has_permission('sales.read') or customer.id = any (private.sold_customer_ids());
  is_own constant boolean := customer.id = any (private.own_customer_ids());
  details public.customer_details;
begin
  details.id := customer.id;
  details.company_name := customer.company_name;
  details.contact_person := customer.contact_person;
  details.email := customer.email;
  details.phone := customer.phone;
  details.address := customer.address;
  details.customer_type := customer.customer_type;
  details.tax_id := customer.tax_id;
  details.payment_terms := customer.payment_terms;
  details.is_active := customer.is_active;
  details.notes := customer.notes;
  details.tags := customer.tags;
  details.customer_since := customer.customer_since;
  details.total_bookings := customer.total_bookings;
  details.total_spent := customer.total_spent;
  details.created_at := customer.created_at;
  -- What the policies of the tables show.
  details.quotes := to_jsonb(array(
    select
      row(
        quote.id, quote.number, quote.status, quote.currency, quote.total, quote.valid_until, quote.created_at
      )::public.customer_quote
    from public.quotes as quote
    where quote.organization_id = customer.organization_id
      and quote.customer_id = customer.id
      and (is_sold or is_own and quote.status <> 'draft')
    order by quote.created_at desc, quote.id desc
    limit 10
  ));
  details.orders := to_jsonb(array(
    select
      row(
        placed.id, placed.number, placed.status, placed.currency, placed.total, placed.required_date, placed.created_at
      )::public.customer_order
    from public.orders as placed
    where placed.organization_id = customer.organization_id
      and placed.customer_id = customer.id
      and (is_sold or is_own)
    order by placed.created_at desc, placed.id desc
    limit 10
  ));
  return details;
end;
$$;

comment on function private.customer_details(uuid) is
  'Returns a customer with what was last sold to it: public.customer_details with the rights that this takes.';

create or replace function public.customer_details (
  id uuid
)
  returns public.customer_details
  language sql
  stable
  set search_path = ''
  as $$
  select private.customer_details(id);
$$;

comment on function public.customer_details(uuid) is
  'Returns a customer with its 10 latest quotes and orders (customers.read; without it, customers that the caller acts for or that are assigned to them with customers.assigned). Quotes and orders are those that the caller may see: with sales.read all; of assigned customers with sales.assigned; of one''s own customers orders, and quotes that were sent. Takes the id. Raises PT401 not_authenticated; PT403 organization_required, customer_authorization; PT404 customer_not_found.';

-- Rows that are set aside may need it: then it stays.
do $$
begin
  drop extension btree_gist;
exception
  when dependent_objects_still_exist then
    null;
end;
$$;
