create or replace function private.is_first_effect (
  queue text,
  message_id bigint
)
  returns boolean
  language sql
  security definer
  set search_path to ''
  AS $function$
  with recorded as (
    insert into private.job_effects (queue, message_id)
    values (is_first_effect.queue, is_first_effect.message_id)
    on conflict do nothing
    returning true
  )
  select exists (select from recorded);
$function$;

comment on function private.is_first_effect(text, bigint) is 'Returns whether the effect of a message is still to be had, and records it in the caller''s transaction. A function that does the work of a message asks first, so that the effect and its record commit together: a message that is delivered again has no second effect. Two transactions that ask at once wait for each other.';

revoke all on function private.is_first_effect(text, bigint) from public;
