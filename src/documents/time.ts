function partsOf(
  moment: Date,
  options: Intl.DateTimeFormatOptions,
): (type: Intl.DateTimeFormatPartTypes) => string {
  const parts = new Intl.DateTimeFormat('en-GB', options).formatToParts(moment);
  return (type) => parts.find((part) => part.type === type)?.value ?? '';
}

/** A day without a time: `1 December 2026`. */
export function dayText(day: string): string {
  const part = partsOf(new Date(`${day}T00:00:00Z`), {
    timeZone: 'UTC',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
  });
  return `${part('day')} ${part('month')} ${part('year')}`;
}

// Put together here: between versions of the data of Intl, commas and spaces differ.
function local(moment: Date, timeZone: string): { day: string; time: string; offset: string } {
  const part = partsOf(moment, {
    timeZone,
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'longOffset',
  });
  return {
    day: `${part('weekday')} ${part('day')} ${part('month')} ${part('year')}`,
    time: `${part('hour')}:${part('minute')}`,
    offset: part('timeZoneName').replace('GMT', 'UTC'),
  };
}

/**
 * From when to when, as clocks there show it, with the zone: `Tuesday 1 December 2026, 09:00 to 17:00 (Europe/Warsaw,
 * UTC+01:00)`.
 */
export function periodText(startsAt: Date, endsAt: Date, timeZone: string): string {
  const start = local(startsAt, timeZone);
  const end = local(endsAt, timeZone);
  const zone =
    start.offset === end.offset
      ? `${timeZone}, ${start.offset}`
      : `${timeZone}, ${start.offset}, then ${end.offset}`;
  const until = start.day === end.day ? end.time : `${end.day}, ${end.time}`;
  return `${start.day}, ${start.time} to ${until} (${zone})`;
}

/** A moment as clocks there show it, with the zone: `Tuesday 1 December 2026, 09:00 (Europe/Warsaw, UTC+01:00)`. */
export function momentText(moment: Date, timeZone: string): string {
  const { day, time, offset } = local(moment, timeZone);
  return `${day}, ${time} (${timeZone}, ${offset})`;
}
