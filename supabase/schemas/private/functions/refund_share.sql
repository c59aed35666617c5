create or replace function private.refund_share (
  organization_id text,
  starts_at timestamp with time zone,
  cancelled_at timestamp with time zone default now()
)
  returns numeric
  language sql
  stable
  security definer
  set search_path to ''
  AS $function$
  with rule as (
    select settled.hours_before, settled.refund_percent
    from public.refund_rules as settled
    where settled.organization_id = refund_share.organization_id
    union all
    select standard.hours_before, standard.refund_percent
    from (values (168, 100.00), (48, 50.00)) as standard (hours_before, refund_percent)
    where not exists (
      select from public.refund_rules as settled where settled.organization_id = refund_share.organization_id
    )
  )
  select coalesce(
    (
      select rule.refund_percent
      from rule
      where refund_share.cancelled_at <= refund_share.starts_at - make_interval(hours => rule.hours_before)
      order by rule.hours_before desc
      fetch first row only
    ),
    0
  );
$function$;

comment on function private.refund_share(text, timestamp with time zone, timestamp
  with time zone) is 'Returns which share of what was paid comes back, in percent, to who cancels at a moment: that of the rule in public.refund_rules with the most hours that are met, or of the rules that hold without any (everything until 168 hours before the start, half until 48). Takes the organization, the start of the session, and the moment; for functions that have checked who calls.';

revoke all
  on function private.refund_share(text, timestamp with time zone, timestamp with time zone)
  from public;
