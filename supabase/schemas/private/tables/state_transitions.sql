create table private.state_transitions (
  machine text not null,
  from_status text not null,
  to_status text not null,
  constraint state_transitions_pkey primary key (machine, from_status, to_status)
);

comment on column private.state_transitions.from_status is 'The status before; new for a row that is being made.';

comment on column private.state_transitions.machine is 'The table that has the status.';

comment on column private.state_transitions.to_status is 'The status after.';

comment on table private.state_transitions is 'Which status may follow which. What is not here is refused by the trigger private.tg__guard_status, whoever asks.';
