import { expect, test } from 'vitest';
import { spanBefore, spanOf, spanParams } from '../src/lib/span';
import { dayName, isZone, momentName, startOfDay, startOfMonth } from '../src/lib/zones';

const at = (text: string) => Date.parse(text);
const utc = (ms: number) => new Date(ms).toISOString();

test('a day begins where the zone begins it', () => {
  expect(utc(startOfDay(at('2026-11-28T23:30:00Z'), 'Europe/Berlin'))).toBe('2026-11-28T23:00:00.000Z');
  expect(utc(startOfDay(at('2026-11-28T03:00:00Z'), 'America/New_York'))).toBe('2026-11-27T05:00:00.000Z');
  expect(utc(startOfDay(at('2026-11-28T03:00:00Z'), 'Asia/Kathmandu'))).toBe('2026-11-27T18:15:00.000Z');
});

test('days of a change of clocks have 23 or 25 hours', () => {
  const hours = (day: string) => (startOfDay(at(day), 'Europe/Berlin', 1) - startOfDay(at(day), 'Europe/Berlin')) / 3600_000;
  expect(hours('2026-03-29T12:00:00Z')).toBe(23);
  expect(hours('2026-10-25T12:00:00Z')).toBe(25);
  expect(hours('2026-11-28T12:00:00Z')).toBe(24);
});

test('a zone that skips midnight begins its day an hour later', () => {
  const start = startOfDay(at('2026-09-06T12:00:00Z'), 'America/Santiago');
  expect(dayName(start, 'America/Santiago')).toBe('2026-09-06');
  expect(dayName(start - 1, 'America/Santiago')).toBe('2026-09-05');
});

test('months cross years', () => {
  expect(utc(startOfMonth(at('2026-01-15T00:00:00Z'), 'UTC', -1))).toBe('2025-12-01T00:00:00.000Z');
});

test('moments name their offset', () => {
  expect(momentName(at('2026-07-01T00:00:00Z'), 'Europe/Berlin')).toBe('2026-07-01T02:00:00+02:00');
  expect(momentName(at('2026-07-01T00:00:00Z'), 'America/St_Johns')).toBe('2026-06-30T21:30:00-02:30');
  expect(isZone('Mars/Olympus')).toBe(false);
});

test('spans are of the zone, and the span before ends as far into it', () => {
  const now = at('2026-11-28T12:07:00Z');
  expect(spanParams(spanOf('today', now, 'Europe/Berlin'))).toEqual({ since: '2026-11-27T23:00:00Z' });
  expect(spanParams(spanBefore('today', now, 'Europe/Berlin')!)).toEqual({ since: '2026-11-26T23:00:00Z', until: '2026-11-27T12:00:00Z' });
  expect(spanParams(spanOf('7d', now, 'UTC'))).toEqual({ since: '2026-11-22T00:00:00Z' });
  expect(spanBefore('all', now, 'UTC')).toBeNull();
});
