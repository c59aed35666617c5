create or replace function private.next_number (
  document text,
  organization_id text
)
  returns text
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  today constant date := private.today(next_number.organization_id);
  given integer;
begin
  insert into private.number_counters as counter (organization_id, document, day, last_number)
  values (next_number.organization_id, next_number.document, today, 1)
  on conflict on constraint number_counters_pkey do update
  set last_number = counter.last_number + 1
  returning counter.last_number into given;
  return format('%s-%s-%s', document, to_char(today, 'YYYYMMDD'), lpad(given::text, greatest(3, length(given::text)), '0'));
end;
$function$;

comment on function private.next_number(text, text) is 'Returns the next number of a document, such as Q-20260115-001: the letters, the day in the time zone of the organization, a count of at least three digits that begins with 1 each day. Takes the letters and the organization; for functions that have checked who calls. Until the transaction ends, others of the same organization wait for theirs: what is rolled back leaves no gap, and no number is given twice.';

revoke all on function private.next_number(text, text) from public;
