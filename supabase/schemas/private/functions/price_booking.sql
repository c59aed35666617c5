create or replace function private.price_booking (
  organization_id text,
  session_id uuid,
  attendee_count integer,
  discount_code text default null::text,
  customer_id uuid default null::uuid
)
  returns public.booking_price
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  priced public.booking_price;
  course_id uuid;
  after_group numeric;
  code public.discount_codes;
  reason text;
begin
  select
    session.id,
    price_booking.attendee_count,
    coalesce(session.price, course.price),
    coalesce(session.price, course.price) * price_booking.attendee_count,
    coalesce(tier.discount_percent, 0),
    round(
      coalesce(session.price, course.price) * price_booking.attendee_count * coalesce(tier.discount_percent, 0) / 100, 2
    ),
    null::uuid,
    0.00,
    0.00,
    course.currency
  into priced
  from public.course_sessions as session
    join public.courses as course
      on course.organization_id = session.organization_id and course.id = session.course_id
    left join lateral (
      select met.discount_percent
      from public.course_price_tiers as met
      where met.organization_id = session.organization_id
        and met.course_id = session.course_id
        and met.min_attendees <= price_booking.attendee_count
      order by met.min_attendees desc
      fetch first row only
    ) as tier on true
  where session.organization_id = price_booking.organization_id and session.id = price_booking.session_id;
  after_group := priced.subtotal - priced.group_discount;

  if discount_code is not null then
    select * into code
    from public.discount_codes as known
    where known.organization_id = price_booking.organization_id and known.code = upper(discount_code);
    if found and code.course_id is not null then
      select session.course_id into course_id
      from public.course_sessions as session
      where session.organization_id = price_booking.organization_id and session.id = price_booking.session_id;
    end if;
    reason := case
      when code.id is null then 'unknown'
      when not code.is_active then 'inactive'
      when code.valid_from > clock_timestamp() then 'not_yet'
      when code.valid_until <= clock_timestamp() then 'expired'
      when code.course_id <> course_id then 'other_course'
      when code.currency <> priced.currency then 'other_currency'
      when code.minimum_total > after_group then 'minimum_total'
      when code.used_count >= code.max_uses then 'used_up'
    end;
    if reason is null and code.max_uses_per_customer is not null and customer_id is not null then
      select 'used_up' into reason
      from public.bookings as booking
      where booking.organization_id = price_booking.organization_id
        and booking.customer_id = price_booking.customer_id
        and booking.discount_code_id = code.id
        and booking.status not in ('cancelled', 'refunded')
      having count(*) >= code.max_uses_per_customer;
    end if;
    if reason is not null then
      perform private.refuse_discount_code(reason, code.minimum_total);
    end if;
    priced.discount_code_id := code.id;
    priced.code_discount := least(
      case code.kind when 'percentage' then round(after_group * code.amount / 100, 2) else code.amount end, after_group
    );
  end if;
  priced.total := after_group - priced.code_discount;
  return priced;
end;
$function$;

comment on function private.price_booking(text, uuid, integer, text, uuid) is 'Returns what places in a session cost: the price of the session, or else of its course, for each; less the discount of the largest group that is met; less that of the code. Takes the organization, the session, how many places, the discount code, and whose booking it is (null: who has used the code how often is not asked). For functions that have checked who calls. The reason of a refusal is unknown, inactive, not_yet, expired, other_course, other_currency, minimum_total or used_up. Raises PT422 discount_code_invalid (reason).';

revoke all on function private.price_booking(text, uuid, integer, text, uuid) from public;
