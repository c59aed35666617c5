create or replace function private.next_yearly_number (
  document text,
  organization_id text,
  amount integer default 1
)
  returns SETOF text
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  year constant date := date_trunc('year', private.today(next_yearly_number.organization_id))::date;
  last_given integer;
begin
  insert into private.number_counters as counter (organization_id, document, day, last_number)
  values (next_yearly_number.organization_id, next_yearly_number.document, year, amount)
  on conflict on constraint number_counters_pkey do update
  set last_number = counter.last_number + amount
  returning counter.last_number into last_given;
  return query
  select format('%s-%s-%s', document, to_char(year, 'YYYY'), lpad(given::text, greatest(5, length(given::text)), '0'))
  from generate_series(last_given - amount + 1, last_given) as given;
end;
$function$;

comment on function private.next_yearly_number(text, text, integer) is 'Returns the next numbers of a document, such as INV-2026-00001: the letters, the year in the time zone of the organization, a count of at least five digits that begins with 1 each year. Takes the letters, the organization, and how many; for functions that have checked who calls. Until the transaction ends, others of the same organization wait for theirs: what is rolled back leaves no gap, and no number is given twice.';

revoke all on function private.next_yearly_number(text, text, integer) from public;
