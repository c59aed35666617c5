create or replace function private.dependency_order (
  places integer,
  dependents integer[],
  dependencies integer[],
  OUT ordered integer[],
  OUT cycle integer[]
)
  returns record
  language plpgsql
  immutable
  parallel safe
  set search_path to ''
  AS $function$
declare
  -- How many dependencies of a place are not in the order yet, and who waits for it: its last edge, and for each edge
  -- the one before it of the same dependency. Arrays that are written in place: a thousand places take milliseconds.
  open integer[] := array_fill(0, array[places]);
  last_edge integer[] := array_fill(0, array[places]);
  previous_edge integer[] := array_fill(0, array[coalesce(cardinality(dependents), 0)]);
  total integer := 0;
  place integer;
  edge integer;
begin
  ordered := '{}'::integer[];
  for edge in 1 .. coalesce(cardinality(dependents), 0) loop
    open[dependents[edge]] := open[dependents[edge]] + 1;
    previous_edge[edge] := last_edge[dependencies[edge]];
    last_edge[dependencies[edge]] := edge;
  end loop;

  for place in 1 .. places loop
    if open[place] = 0 then
      total := total + 1;
      ordered[total] := place;
    end if;
  end loop;
  for reached in 1 .. places loop
    exit when reached > total;
    edge := last_edge[ordered[reached]];
    while edge > 0 loop
      place := dependents[edge];
      open[place] := open[place] - 1;
      if open[place] = 0 then
        total := total + 1;
        ordered[total] := place;
      end if;
      edge := previous_edge[edge];
    end loop;
  end loop;
  if total = places then
    return;
  end if;

  -- What is left waits for something that is left as well: walking from one to the next comes back to where it was.
  ordered := null;
  cycle := '{}'::integer[];
  select min(left_over) into place from generate_series(1, places) as left_over where open[left_over] > 0;
  while array_position(cycle, place) is null loop
    cycle := cycle || place;
    select min(edge_end) into place
    from unnest(dependents, dependencies) as pair (edge_start, edge_end)
    where edge_start = place and open[edge_end] > 0;
  end loop;
  cycle := cycle[array_position(cycle, place) :];
end;
$function$;

comment on function private.dependency_order(integer, integer[], integer[]) is 'Orders things after what they depend on. Takes how many there are (places 1 to n), and pairs in two lists: who depends, on what. Returns the places in such an order, or null and one cycle of places of which each depends on the next and the last on the first.';

revoke all on function private.dependency_order(integer, integer[], integer[]) from public;
