import { expect, test } from 'vitest';
import { coloursOf, kOther } from '../src/lib/colours';
import { projectBody, type Draft } from '../src/lib/project_body';
import { changed, match, placeOf } from '../src/lib/router';
import { joins, kMostRows, mergeClosed, mergeNewest, windowOf } from '../src/lib/rows';
import { baseUrl, kLanguages, sample } from '../src/lib/samples';
import type { Row, Sum } from '../src/lib/types';
import { momentOf } from '../src/lib/span';
import { attemptsOf, chartOf, columnTimes, firstTime, touchedSpan } from '../src/lib/usage';

test('an address says which page, and with which questions', () => {
  const place = placeOf(new URL('http://host/dashboard/usage/?by=model&tz=UTC'));
  expect(place.path).toBe('/usage');
  expect(changed(place.params, { by: null, span: '7d' }).toString()).toBe('tz=UTC&span=7d');
  expect(placeOf(new URL('http://host/dashboard')).path).toBe('/');
  expect(match('/projects/{name}', '/projects/a%2Fb')).toEqual({ name: 'a/b' });
  expect(match('/projects/{name}', '/projects')).toBeNull();
  expect(match('/projects/{name}', '/projects/%')).toBeNull();
});

const row = (id: string, state = 'settled') => ({ request_id: id, attempt: 1, entry: 0, state }) as Row;

test('fresh rows go to the front, and those that closed replace what they were', () => {
  const { rows, added } = mergeNewest([row('b', 'open'), row('a')], [row('c'), row('b')]);
  expect(rows.map((one) => one.request_id)).toEqual(['c', 'b', 'a']);
  expect(rows[1].state).toBe('settled');
  expect(added).toBe(1);
  expect(joins([row('a')], [row('c')])).toBe(false);
  expect(joins([row('a')], [row('c'), row('a')])).toBe(true);
  expect(windowOf(5000, 33, -33_000, 900)).toEqual({ from: 980, to: 1048 });
  expect(windowOf(10, 33, 100, 900)).toEqual({ from: 0, to: 10 });
});

test('a row that took long goes where it began, and no more rows are kept than are shown', () => {
  const { rows, added } = mergeClosed([row('d'), row('b', 'open')], [row('e'), row('c'), row('b')]);
  expect(rows.map((one) => one.request_id)).toEqual(['e', 'd', 'c', 'b']);
  expect([rows[3].state, added]).toEqual(['settled', 2]);
  const many = Array.from({ length: kMostRows + 10 }, (_, i) => row(String(i).padStart(6, '0')));
  expect(mergeClosed([], many).rows).toHaveLength(kMostRows);
  expect(mergeClosed(mergeClosed([], many).rows, [row('1')]).rows[0].request_id).toBe('1');
});

test('a name keeps its colour unless a larger one has it', () => {
  const alone = coloursOf(['team-a']).get('team-a');
  expect(coloursOf(['team-a', 'x', 'y']).get('team-a')).toBe(alone);
  const many = coloursOf(Array.from({ length: 10 }, (_, i) => `p${i}`));
  expect(new Set([...many.values()].slice(0, 8)).size).toBe(8);
  expect(many.get('p9')).toBe(kOther);
});

const sum = (day: string, project: string, cost: string) => ({ day, project, cost }) as unknown as Sum;

test('days are those of the zone; small ones share a series', () => {
  const from = Date.parse('2026-11-26T23:00:00Z');
  const times = columnTimes(from, from + 48 * 3600_000, 'day', 'Europe/Berlin');
  expect(times).toHaveLength(2);
  const chart = chartOf([sum('2026-11-27', 'a', '1'), sum('2026-11-28', 'a', '2'), sum('2026-11-28', 'b', '0.5'), sum('2026-11-28', 'c', '0.25')],
                        'project', 'cost', times, 'Europe/Berlin', 1);
  expect(firstTime([sum('2026-11-27', 'a', '1')], 'Europe/Berlin', 0)).toBe(from);
  expect(firstTime([], 'Europe/Berlin', 7)).toBe(7);
  expect(chart.series).toEqual([{ name: 'a', values: [1, 2] }, { name: 'other', values: [0, 0.75] }]);
});

test('a selection in a chart is the span of the columns that it touches', () => {
  const at = Date.parse('2026-11-27T10:00:00Z');
  const quarter = 900_000;
  const times = columnTimes(at, at + 4 * quarter, 'quarter', 'UTC');
  expect(times).toEqual([at, at + quarter, at + 2 * quarter, at + 3 * quarter]);
  expect(touchedSpan(times, 'quarter', at + 1, at + quarter)).toEqual({ since: at, until: at + 2 * quarter });
  expect(touchedSpan(times, 'quarter', at + 3 * quarter, at + 9 * quarter)).toEqual({ since: at + 3 * quarter, until: at + 4 * quarter });
  expect(touchedSpan(times, 'quarter', at - 9 * quarter, at - quarter)).toBeNull();
  const sums = [{ quarter: '2026-11-27T10:15:00Z', attempts: 5, failed: 2 }] as unknown as Sum[];
  expect(attemptsOf(sums, times, 'UTC').series.map((one) => one.values)).toEqual([[0, 3, 0, 0], [0, 2, 0, 0]]);
  expect(momentOf('24h', at)).toBe(at - 86400_000);
  expect(momentOf('2026-11-27T10:00:00Z', 0)).toBe(at);
  expect(momentOf('soon', at)).toBeNull();
  expect(momentOf(null, at)).toBeNull();
});

test('a form sends what was changed, and money as it was typed', () => {
  const before: Draft = { name: 'p', models: '', limits: { concurrent: '5', requests_per_minute: '' }, spend: [{ cap: '2.5', period: 'month' }],
                          warn: '80', mode: 'strict', timezone: 'UTC', unpriced: 'refuse' };
  expect(projectBody(before, before)).toEqual({});
  expect(projectBody({ ...before, limits: { concurrent: '', requests_per_minute: '60' } }, before))
    .toEqual({ limits: { concurrent: null, requests_per_minute: 60 } });
  expect(projectBody({ ...before, spend: [{ cap: '0.000000000001', period: 'day' }] }, before))
    .toEqual({ spend: [{ cap: '0.000000000001', period: 'day', warn: [80] }] });
  expect(projectBody({ ...before, spend: [] }, before)).toEqual({ spend: [] });
});

test('samples name this server and no key', () => {
  expect(baseUrl('https://gw.example', ['127.0.0.1:8080'], [])).toBe('https://gw.example/v1');
  expect(baseUrl('http://127.0.0.1:9090', ['127.0.0.1:8080'], ['127.0.0.1:9090'])).toBe('http://127.0.0.1:8080/v1');
  for (const [language] of kLanguages) {
    for (const stream of [true, false]) {
      const code = sample(language, 'https://gw.example/v1', "it's/fast", stream);
      expect(code).toContain('https://gw.example/v1');
      expect(code).toContain('GATEWAY_KEY');
      expect(code).not.toContain('gk-');
    }
  }
});
