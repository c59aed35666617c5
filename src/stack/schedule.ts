import { Cron } from 'croner';

const seconds = /^\s*(\d{1,2})\s+seconds?\s*$/i;

/**
 * Finds the moment at which a job became due, of a stretch of time that has passed.
 *
 * @param schedule five fields in UTC as pg_cron reads them (`$` is the last day of a month), or `30 seconds`
 * @param after the stretch begins after this moment
 * @param until and ends with this one
 * @returns the first moment at which the job was due; undefined when it was not, or the schedule is not one
 */
export function dueBetween(schedule: string, after: Date, until: Date): Date | undefined {
  const interval = Number(seconds.exec(schedule)?.[1] ?? 0) * 1000;
  if (interval > 0) {
    const due = new Date((Math.floor(after.getTime() / interval) + 1) * interval);
    return due <= until ? due : undefined;
  }
  const fields = schedule.trim().split(/\s+/);
  if (fields.length !== 5) return undefined;
  try {
    const pattern = fields
      .map((field, index) => (index === 2 ? field.replaceAll('$', 'L') : field))
      .join(' ');
    const due = new Cron(pattern, { timezone: 'UTC', paused: true }).nextRun(after);
    return due && due <= until ? due : undefined;
  } catch {
    return undefined;
  }
}
