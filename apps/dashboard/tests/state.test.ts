import { expect, test, vi } from 'vitest';
import { coloursOf, kOther } from '../src/lib/colours';
import { kept } from '../src/lib/kept';
import { taken } from '../src/lib/money';
import { projectBody, type Draft } from '../src/lib/project_body';
import { changed, match, placeOf } from '../src/lib/router';
import { joins, kMostRows, mergeClosed, mergeNewest, windowOf } from '../src/lib/rows';
import { agentConfig, agentPrompt, baseUrl, kLanguages, sample } from '../src/lib/samples';
import { query } from '../src/lib/api';
import { curlOf, quoted } from '../src/lib/shell';
import { eventsIn, saidIn } from '../src/lib/test_request';
import type { Row, Sum } from '../src/lib/types';
import { momentOf, spanBefore } from '../src/lib/span';
import { attemptsOf, chartOf, columnName, columnTimes, cumulated, firstTime, nameOf, rollupFor, stack, tickName, totalOf, touchedSpan, wholeColumns } from '../src/lib/usage';

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
  expect(windowOf(5000, 33, 100, 900)).toEqual({ from: 0, to: 68 });
  expect(windowOf(100, 33, -9000, 900)).toEqual({ from: 0, to: 100 });
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
                        ['project'], 'cost', times, 'Europe/Berlin', 1);
  expect(firstTime([sum('2026-11-27', 'a', '1')], 'Europe/Berlin', 0)).toBe(from);
  expect(firstTime([], 'Europe/Berlin', 7)).toBe(7);
  expect(chart.series).toEqual([{ name: 'a', values: [1, 2] }, { name: '…', values: [0, 0.75], others: { count: 2, total: 0.75 } }]);
});

test('a selection in a chart is the span of the columns that it touches', () => {
  const at = Date.parse('2026-11-27T10:00:00Z');
  const quarter = 900_000;
  const times = columnTimes(at, at + 4 * quarter, 'quarter', 'UTC');
  expect(times).toEqual([at, at + quarter, at + 2 * quarter, at + 3 * quarter]);
  expect(touchedSpan(times, 'quarter', 'UTC', at + 1, at + quarter)).toEqual({ since: at, until: at + 2 * quarter });
  expect(touchedSpan(times, 'quarter', 'UTC', at + 3 * quarter, at + 9 * quarter)).toEqual({ since: at + 3 * quarter, until: at + 4 * quarter });
  expect(touchedSpan(times, 'quarter', 'UTC', at - 9 * quarter, at - quarter)).toBeNull();
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
  expect(JSON.parse(agentConfig('https://gw.example/v1')).mcpServers.gateway.url).toBe('https://gw.example/mcp');
  expect(kLanguages).toHaveLength(7);
  for (const [language] of kLanguages) {
    for (const stream of [true, false]) {
      const code = sample(language, 'https://gw.example/v1', "it's/fast", stream);
      expect(code).toContain(language === 'insforge' ? "'https://gw.example'" : 'https://gw.example/v1');
      expect(code).toContain('GATEWAY_KEY');
      expect(code).not.toContain('gk-');
    }
  }
});

test('weeks begin on Monday and months on their first day, in the zone', () => {
  const from = Date.parse('2026-10-14T10:00:00Z');  // a Wednesday; the clocks change on the 25th
  const to = Date.parse('2026-12-02T10:00:00Z');
  const weeks = columnTimes(from, to, 'week', 'Europe/Berlin');
  expect(weeks.map((at) => new Date(at).toISOString()).slice(0, 3)).toEqual(['2026-10-11T22:00:00.000Z', '2026-10-18T22:00:00.000Z', '2026-10-25T23:00:00.000Z']);
  expect(weeks).toHaveLength(8);
  const months = columnTimes(from, to, 'month', 'Europe/Berlin');
  expect(months.map((at) => columnName(at, 'month', 'Europe/Berlin'))).toEqual(['2026-10', '2026-11', '2026-12']);
  expect(months.map((at) => tickName(at, 'month', 'Europe/Berlin'))).toEqual(['Oct 2026', 'Nov 2026', 'Dec 2026']);
  expect(columnName(weeks[0], 'week', 'Europe/Berlin')).toBe('the week of 2026-10-12');
  const sums = [{ week: '2026-10-26', project: 'a', model: 'm', cost: '2' }, { week: '2026-10-26', project: 'a', model: '', cost: '1' }] as unknown as Sum[];
  const chart = chartOf(sums, ['project', 'model'], 'cost', weeks, 'Europe/Berlin');
  expect(chart.series.map((one) => [one.name, one.values[2]])).toEqual([['a / m', 2], ['a / none', 1]]);
  expect(wholeColumns(sums, 'cost', weeks.slice(0, 4), 'Europe/Berlin')).toEqual([0, 0, 3, 0]);
  expect(firstTime([{ month: '2026-11' }] as unknown as Sum[], 'UTC', 0)).toBe(Date.parse('2026-11-01T00:00:00Z'));
  expect(touchedSpan(months, 'month', 'Europe/Berlin', months[1], months[1])).toEqual({ since: months[1], until: months[2] });
  expect(cumulated([1, 0, 2])).toEqual([1, 1, 3]);
});

test('columns are no more than can be seen', () => {
  const day = 86400_000;
  expect(rollupFor('quarter', 7 * day)).toBe('quarter');
  expect(rollupFor('quarter', 30 * day)).toBe('hour');
  expect(rollupFor('hour', 90 * day)).toBe('day');
  expect(rollupFor('month', 9000 * day)).toBe('month');
});

test('sums are added exactly, and named by the groups', () => {
  const some = { requests: 2, refused: 1, cost: '0.000000000001', held: '0.1', project: 'p', key: 'key_1' } as unknown as Sum;
  const total = totalOf([{ ...totalOf([]), ...some }, { ...totalOf([]), ...some, cost: '12345678.9' }]);
  expect([total.requests, total.refused, total.cost, total.held]).toEqual([4, 2, '12345678.900000000001', '0.2']);
  expect(nameOf(some, ['none'])).toBe('All');
  expect(nameOf(some, ['key'], (_, value) => value.toUpperCase())).toBe('KEY_1');
});

test('the span before is as long, and ends where this one begins', () => {
  const now = Date.parse('2026-11-29T11:20:00Z');
  const since = Date.parse('2026-11-29T08:00:00Z');
  expect(spanBefore('custom', now, 'UTC', { since, until: null })).toEqual({ since: since - 3.25 * 3600_000, until: since });
  expect(spanBefore('custom', now, 'UTC', { since, until: since + 3600_000 })).toEqual({ since: since - 3600_000, until: since });
  expect(spanBefore('custom', now, 'UTC', { since: null, until: null })).toBeNull();
  expect(spanBefore('today', now, 'UTC')).toEqual({ since: Date.parse('2026-11-28T00:00:00Z'), until: Date.parse('2026-11-28T11:15:00Z') });
});

test('what a browser does not keep lasts as long as the page', () => {
  const choice = kept<string[]>('columns', ['a'], (found) => (Array.isArray(found) ? found : null));
  expect(choice.value).toEqual(['a']);
  choice.value = ['b'];
  expect(choice.value).toEqual(['b']);
  const stored = new Map([['columns', '["c"]'], ['other', '{broken']]);
  vi.stubGlobal('localStorage', { getItem: (name: string) => stored.get(name) ?? null, setItem: (name: string, text: string) => stored.set(name, text) });
  expect(kept('other', 1, (found) => (typeof found === 'number' ? found : null)).value).toBe(1);
  const again = kept<string[]>('columns', ['a'], (found) => (Array.isArray(found) ? found : null));
  expect(again.value).toEqual(['c']);
  again.value = ['d'];
  expect(stored.get('columns')).toBe('["d"]');
  vi.unstubAllGlobals();
});

test('caps are in the order of how full they are', () => {
  expect(taken({ spent: '1', held: '1', cap: '4' })).toBe(0.5);
  expect(taken({ spent: '0', held: '0', cap: '0' })).toBe(Infinity);
});

test('bars stand on those below them, and zero is no bar', () => {
  expect(stack([[1, 0, 2], [3, 0, 0], [4, 5, 1]])).toEqual([[1, null, 2], [4, null, null], [8, 5, 3]]);
  expect(stack([])).toEqual([]);
});

test('a parameter may be given several times', () => {
  const place = placeOf(new URL('http://host/dashboard/requests?code=a&code=b&tz=UTC'));
  expect(changed(place.params, { code: ['b', '', 'c'] }).toString()).toBe('code=b&tz=UTC&code=c');
  expect(changed(place.params, { code: ['c'] }).toString()).toBe('code=c&tz=UTC');
  expect(changed(place.params, { code: [] }).toString()).toBe('tz=UTC');
  expect(query('requests', { code: ['a', 'b'], model: 'm', key: null, flag: [] })).toBe('requests?code=a&code=b&model=m');
});

test('what is copied for a shell is one word each', () => {
  expect(quoted('simulated/echo')).toBe('simulated/echo');
  expect(quoted("it's a?b&c")).toBe("'it'\\''s a?b&c'");
  const curl = curlOf('http://host:1', 'explain?project=a&model=b', 'request.json');
  expect(curl).toBe(`curl -H "authorization: Bearer $GATEWAY_ADMIN_TOKEN" --data-binary @request.json 'http://host:1/admin/v1/explain?project=a&model=b'`);
});

test('an agent hears of the server, its models and where the key is, and no key', () => {
  const prompt = agentPrompt('https://gw.example/v1', 'fast', ['fast', ...Array.from({ length: 30 }, (_, i) => `m${i}`)]);
  expect(prompt).toContain('https://gw.example/v1');
  expect(prompt).toContain('GATEWAY_KEY');
  expect(prompt).toMatch(/fast, m0, .*m18 and 11 more/);
  expect(prompt).not.toContain('gk-');
});

test('events of a stream are read across their cuts', () => {
  const text = 'data: {"choices":[{"delta":{"content":"Hel"}}]}\r\n\r\n: ping\n\ndata: {"choices":[{"delta":{"content":"lo"}}]}\n\ndata: [DONE]\n\n';
  for (let cut = 0; cut <= text.length; cut += 1) {
    const first = eventsIn(text.slice(0, cut));
    const second = eventsIn(first.rest + text.slice(cut));
    expect([...first.events, ...second.events].map(saidIn).join('')).toBe('Hello');
  }
  expect(saidIn({ choices: [{ message: { content: 'Hi' } }] })).toBe('Hi');
  expect(saidIn({ choices: [{ message: { content: null } }] })).toBe('');
});
