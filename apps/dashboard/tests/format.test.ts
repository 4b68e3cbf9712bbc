import { expect, test } from 'vitest';
import { csvCell, csvLines } from '../src/lib/csv';
import { between, quantile, shorten, showBytes, showChange, showCount, showDuration, showQuarter, showRelative, showShare, showTokens } from '../src/lib/format';

test('counts and tokens', () => {
  expect(showCount(1234)).toBe('1234');
  expect(showCount(128412)).toBe('128\u202f412');
  expect(showTokens(9999)).toBe('9999');
  expect(showTokens(12400)).toBe('12.4\u202fk');
  expect(showTokens(1_000_000)).toBe('1.0\u202fM');
  expect(showBytes(1536)).toBe('1.5 KiB');
});

test('durations from microseconds to hours', () => {
  expect(between('2026-11-28T17:36:45.044574Z', '2026-11-28T17:36:45.047025Z')).toBeCloseTo(2.451, 6);
  expect(between('2026-11-28T17:36:45.999999Z', '2026-11-28T17:36:46.000001Z')).toBeCloseTo(0.002, 6);
  expect(between('2026-11-28T17:36:45Z', null)).toBeNull();
  expect([0.2, 2.4, 840, 6100, 75_000, 3_700_000].map(showDuration)).toEqual(
    ['< 1 ms', '2 ms', '840 ms', '6.10 s', '1 min 15 s', '1 h 1 min']);
  expect(showDuration(null)).toBe('-');
});

test('shares and changes say nothing where there is nothing to say', () => {
  expect(showShare(0, 0)).toBe('-');
  expect(showShare(0, 5)).toBe('0 %');
  expect(showShare(99999, 100000)).toBe('> 99.9 %');
  expect(showShare(1, 100000)).toBe('< 0.1 %');
  expect(showChange(112, 100)).toBe('+12 %');
  expect(showChange(97, 100)).toBe('\u22123 %');
  expect(showChange(1, 0)).toBeNull();
});

test('times relative to now', () => {
  const now = Date.parse('2026-11-28T12:00:00Z');
  expect(showRelative(now - 130_000, now)).toBe('2 min ago');
  expect(showRelative(now + 3 * 3600_000, now)).toBe('in 3 h');
  expect(showRelative(now, now)).toBe('now');
});

test('of a quarter of an hour neither more nor less is said than is known', () => {
  const quarter = Date.parse('2026-11-28T12:00:00Z');
  const after = (minutes: number, at = quarter) => showQuarter(at, quarter + minutes * 60_000);
  expect(after(0)).toBe('< 1 min ago');
  expect(after(6)).toBe('< 7 min ago');
  expect(after(15.5)).toBe('< 16 min ago');
  expect(after(16.5)).toBe('1 to 16 min ago');
  expect(after(74.5)).toBe('59 to 74 min ago');
  expect(after(76)).toBe('1 h ago');
  expect(after(130)).toBe('1 to 2 h ago');
  expect(after(49 * 60)).toBe('2 days ago');
  expect(after(20, quarter + 10 * 60_000)).toBe('5 to 10 min ago');
});

test('long names keep both ends', () => {
  expect(shorten('short')).toBe('short');
  const name = shorten('a-rather-long-project-name-for-the-quarterly-report', 20);
  expect(name).toHaveLength(20);
  expect(name.startsWith('a-rather-long')).toBe(true);
  expect(name.endsWith('report')).toBe(true);
});

test('quantiles are values that occurred', () => {
  expect(quantile([], 0.95)).toBeNull();
  expect(quantile([1, 2, 3, 4], 0.5)).toBe(2);
  expect(quantile([1, 2, 3, 4], 0.95)).toBe(4);
});

test('cells of a spreadsheet run nothing', () => {
  expect(csvCell('=1+1')).toBe("'=1+1");
  expect(csvCell('@x')).toBe("'@x");
  expect(csvCell('-0.5')).toBe('-0.5');
  expect(csvCell(-3)).toBe('-3');
  expect(csvCell('a,"b"')).toBe('"a,""b"""');
  expect(csvCell(['a', 'b'])).toBe('a b');
  expect(csvLines(['a', 'b'], [{ a: 1, b: null }])).toBe('a,b\r\n1,\r\n');
});
