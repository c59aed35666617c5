create or replace function private.refuse_configurations (
  ids uuid[]
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  perform private.refuse(
    409,
    'configuration_not_quotable',
    case cardinality(ids)
      when 1 then 'A configuration cannot be quoted: it is a draft, was ordered already, or no longer fits its type.'
      else format(
        '%s configurations cannot be quoted: they are drafts, were ordered already, or no longer fit their type.',
        cardinality(ids)
      )
    end,
    'Save drafts; reopen what no longer fits, and save it again. What was ordered is configured anew to be sold again.',
    jsonb_build_object('configurations', ids)
  );
end;
$function$;

comment on function private.refuse_configurations(uuid[]) is 'Refuses configurations that cannot be quoted or ordered. Takes their ids. Raises PT409 configuration_not_quotable with configurations, the ids.';

revoke all on function private.refuse_configurations(uuid[]) from public;
