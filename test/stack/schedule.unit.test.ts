import { describe, expect, test } from 'vitest';
import { dueBetween } from '../../src/stack/schedule.ts';

const due = (schedule: string, after: string, until: string) =>
  dueBetween(schedule, new Date(after), new Date(until))?.toISOString();

describe('a job is due', () => {
  test('at the minutes of its five fields, in UTC', () => {
    expect(due('*/5 * * * *', '2026-01-01T00:04:59.500Z', '2026-01-01T00:05:00.200Z')).toBe(
      '2026-01-01T00:05:00.000Z',
    );
    expect(due('*/5 * * * *', '2026-01-01T00:05:00.000Z', '2026-01-01T00:09:59.900Z')).toBeUndefined();
    expect(due('30 3 * * 1', '2026-01-05T03:29:59Z', '2026-01-05T03:30:00Z')).toBe(
      '2026-01-05T03:30:00.000Z',
    );
    expect(due('30 3 * * 2', '2026-01-05T03:29:59Z', '2026-01-05T03:30:00Z')).toBeUndefined();
  });

  test('on either day when both the day of the month and of the week are given', () => {
    expect(due('0 0 13 * 5', '2026-02-12T23:59:59Z', '2026-02-13T00:00:00Z')).toBeDefined();
    expect(due('0 0 13 * 5', '2026-02-19T23:59:59Z', '2026-02-20T00:00:00Z')).toBeDefined();
    expect(due('0 0 13 * 5', '2026-02-20T23:59:59Z', '2026-02-21T00:00:00Z')).toBeUndefined();
  });

  test('on the last day of a month', () => {
    expect(due('0 0 $ * *', '2026-02-27T23:59:59Z', '2026-02-28T00:00:00Z')).toBe('2026-02-28T00:00:00.000Z');
    expect(due('0 0 $ * *', '2026-01-27T23:59:59Z', '2026-01-28T00:00:00Z')).toBeUndefined();
  });

  test('every so many seconds', () => {
    expect(due('10 seconds', '2026-01-01T00:00:09.9Z', '2026-01-01T00:00:10Z')).toBe(
      '2026-01-01T00:00:10.000Z',
    );
    expect(due('10 seconds', '2026-01-01T00:00:10Z', '2026-01-01T00:00:19.9Z')).toBeUndefined();
  });

  test('once, however long nobody looked', () => {
    expect(due('* * * * *', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z')).toBe('2026-01-01T00:01:00.000Z');
  });

  test('never, with a schedule that is none', () => {
    for (const schedule of ['', 'soon', '* * * *', '61 * * * *', '* * * * * *', '@reboot']) {
      expect(due(schedule, '2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z')).toBeUndefined();
    }
  });
});
