create or replace function private.require_transition (
  machine text,
  from_status text,
  to_status text
)
  returns void
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  if not exists (
    select
    from private.state_transitions as allowed
    where allowed.machine = require_transition.machine
      and allowed.from_status = require_transition.from_status
      and allowed.to_status = require_transition.to_status
  ) then
    perform private.refuse(
      409,
      'transition_not_allowed',
      format('What is %s cannot become %s.', from_status, to_status),
      'Look at it again: somebody may have been faster.',
      jsonb_build_object('from', from_status, 'to', to_status)
    );
  end if;
end;
$function$;

comment on function private.require_transition(text, text, text) is 'Refuses a change of status before anything is done for it; the trigger private.tg__guard_status refuses the same later. Takes the table, the status that is and the one that is to be. Raises PT409 transition_not_allowed with from and to.';

revoke all on function private.require_transition(text, text, text) from public;
