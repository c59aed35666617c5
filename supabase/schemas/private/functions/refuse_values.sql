create or replace function private.refuse_values (
  fields jsonb
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  perform private.refuse(
    400,
    'values_invalid',
    format(
      'Some values are not right: %s.',
      (
        select left(string_agg(format('%s (%s)', code, list ->> 0), ', ' order by code), 500)
        from jsonb_each(fields) as field (code, list)
      )
    ),
    'The details list what is wrong, by the code of the attribute.',
    jsonb_build_object('fields', fields)
  );
end;
$function$;

comment on function private.refuse_values(jsonb) is 'Refuses values of an entry. Takes what is wrong: an object of lists of sentences by the code of the attribute, "selections" for what belongs to none. Raises PT400 values_invalid with it as "fields" in the details.';

revoke all on function private.refuse_values(jsonb) from public;
