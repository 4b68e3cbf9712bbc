// Sums of the ledger as tables and charts show them.
import { moneyPixels, moneyText, parseMoney, sumMoney } from './money';
import type { Sum } from './types';
import { clockName, dayName, dayStart, kQuarter, startOfDay, startOfMonth, startOfWeek } from './zones';

export const kMetrics = [
  ['cost', 'Spend'], ['requests', 'Requests'], ['attempts', 'Attempts'], ['failed', 'Failed attempts'],
  ['refused', 'Refused'], ['input_tokens', 'Input tokens'], ['cached_input_tokens', 'Cached input tokens'],
  ['output_tokens', 'Output tokens'], ['reasoning_tokens', 'Reasoning tokens'], ['held', 'Held'],
] as const;
export type Metric = (typeof kMetrics)[number][0];

export const kGroups = [
  ['project', 'Project'], ['model', 'Model'], ['provider', 'Provider'], ['key', 'Key'], ['served_model', 'Served model'],
  ['endpoint', 'Endpoint'], ['state', 'State'], ['code', 'Code'], ['none', 'Nothing'],
] as const;
export type Group = (typeof kGroups)[number][0];

export const isMoney = (metric: Metric) => metric === 'cost' || metric === 'held';

/** Only to order and to draw. */
export function pixels(sum: Sum, metric: Metric): number {
  return isMoney(metric) ? moneyPixels(parseMoney(String(sum[metric]))) : Number(sum[metric]);
}

/** How a value of a group is called where people read it. */
export type Label = (group: Group, value: string) => string;
const asItIs: Label = (_, value) => value;

/** What a sum is of, in the words of the groups; without any it is all. */
export function nameOf(sum: Sum, groups: readonly Group[], label = asItIs): string {
  const named = groups.filter((group) => group !== 'none').map((group) => label(group, String(sum[group] ?? '')));
  return named.length === 0 ? 'All' : named.length === 1 ? named[0] : named.map((name) => name || 'none').join(' / ');
}

/** Sums as one, exactly. */
export function totalOf(sums: Sum[]): Sum {
  const total: Sum = { requests: 0, attempts: 0, failed: 0, open: 0, refused: 0, input_tokens: 0, cached_input_tokens: 0,
                       cache_write_tokens: 0, output_tokens: 0, reasoning_tokens: 0, cost: '0', upstream_cost: '0', held: '0' };
  for (const name of Object.keys(total)) {
    const values = sums.map((sum) => sum[name]);
    total[name] = typeof total[name] === 'number' ? values.reduce<number>((all, value) => all + Number(value), 0)
      : moneyText(sumMoney(values.map((value) => parseMoney(String(value)))));
  }
  return total;
}

/** That of the `others` is what so many together have that have no series of their own. */
export interface Series { name: string; values: number[]; others?: { count: number; total: number } }
export interface Chart { times: number[]; series: Series[] }

export const kRollups = [['quarter', '15 minutes'], ['hour', 'hour'], ['day', 'day'], ['week', 'week'], ['month', 'month']] as const;
export type Rollup = (typeof kRollups)[number][0];

/** How long a column is at least; days with daylight saving, and months, differ. */
export const columnLength = (rollup: Rollup) =>
  ({ quarter: kQuarter, hour: 3600_000, day: 86400_000, week: 7 * 86400_000, month: 28 * 86400_000 })[rollup];

const kMostColumns = 1500;

/** What was wished for, or the next that does not give more columns than can be seen. */
export function rollupFor(wish: Rollup, length: number): Rollup {
  const names = kRollups.map(([name]) => name);
  return names.slice(names.indexOf(wish)).find((one) => length / columnLength(one) <= kMostColumns) ?? 'month';
}

/** The first moment of the column that is `columns` after the one of `at`. */
function columnStart(at: number, rollup: Rollup, zone: string, columns = 0): number {
  if (rollup === 'day') return startOfDay(at, zone, columns);
  if (rollup === 'week') return startOfWeek(at, zone, columns);
  if (rollup === 'month') return startOfMonth(at, zone, columns);
  const step = columnLength(rollup);
  return (Math.floor(at / step) + columns) * step;
}

/** The moments that a chart has a column for. Days, weeks and months are those of the zone. */
export function columnTimes(from: number, to: number, rollup: Rollup, zone: string): number[] {
  const times: number[] = [];
  for (let at = columnStart(from, rollup, zone); at < to; at = columnStart(at, rollup, zone, 1)) times.push(at);
  return times;
}

/** When the first of the sums by time begins. */
export function firstTime(sums: Sum[] | null, zone: string, otherwise: number): number {
  let first = Infinity;
  for (const sum of sums ?? []) first = Math.min(first, columnOf(sum, zone));
  return first < Infinity ? first : otherwise;
}

/** `sums` are by time and by `groups`; the largest `most` have series of their own, the others share one. */
export function chartOf(sums: Sum[], groups: readonly Group[], metric: Metric, times: number[], zone: string, most = 8,
                        label = asItIs): Chart {
  const index = new Map(times.map((at, i) => [at, i]));
  const totals = new Map<string, number>();
  const name = (sum: Sum) => nameOf(sum, groups, label);
  for (const sum of sums) totals.set(name(sum), (totals.get(name(sum)) ?? 0) + pixels(sum, metric));
  const names = [...totals].filter(([, value]) => value > 0).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const series = new Map<string, Series>();
  for (const [name] of names.slice(0, most)) series.set(name, { name, values: times.map(() => 0) });
  const rest = names.slice(most);
  const others: Series = { name: '\u2026', values: times.map(() => 0),
                           others: { count: rest.length, total: rest.reduce((all, [, value]) => all + value, 0) } };
  for (const sum of sums) {
    const at = index.get(columnOf(sum, zone));
    if (at !== undefined) (series.get(name(sum)) ?? others).values[at] += pixels(sum, metric);
  }
  return { times, series: [...series.values(), ...(rest.length > 0 ? [others] : [])] };
}

/** Each column with all that came before it. */
export function cumulated(values: readonly number[]): number[] {
  let sum = 0;
  return values.map((value) => (sum += value));
}

/** What each of these columns has in all. */
export function wholeColumns(sums: Sum[], metric: Metric, times: number[], zone: string): number[] {
  return chartOf(sums, ['none'], metric, times, zone).series[0]?.values ?? times.map(() => 0);
}

/** The attempts of each column, those that failed apart. `sums` are by time alone. */
export function attemptsOf(sums: Sum[], times: number[], zone: string): Chart {
  const byTime = new Map(sums.map((sum) => [columnOf(sum, zone), sum]));
  const values = (of: (sum: Sum) => number) => times.map((at) => (byTime.has(at) ? of(byTime.get(at)!) : 0));
  return { times, series: [
    { name: 'not failed', values: values((sum) => sum.attempts - sum.failed) },
    { name: 'failed', values: values((sum) => sum.failed) },
  ] };
}

/** The span of all columns that a selection touches. Each is drawn around the moment at which it begins. */
export function touchedSpan(times: number[], rollup: Rollup, zone: string, from: number, to: number): { since: number; until: number } | null {
  const half = columnLength(rollup) / 2;
  const touched = times.filter((at) => at + half > from && at - half < to);
  if (touched.length === 0) return null;
  return { since: touched[0], until: columnStart(touched.at(-1)!, rollup, zone, 1) };
}

function columnOf(sum: Sum, zone: string): number {
  const moment = sum.quarter ?? sum.hour;
  if (typeof moment === 'string') return Date.parse(moment);
  const [year, month, day] = String(sum.day ?? sum.week ?? `${sum.month}-01`).split('-').map(Number);
  return dayStart(year, month, day, zone);
}

export function columnName(at: number, rollup: Rollup, zone: string): string {
  const day = dayName(at, zone);
  if (rollup === 'day') return day;
  if (rollup === 'week') return `the week of ${day}`;
  if (rollup === 'month') return day.slice(0, 7);
  return `${day} ${clockName(at, zone)}`;
}

/** As an axis has room for it. */
export function tickName(at: number, rollup: Rollup, zone: string): string {
  const clock = clockName(at, zone);
  if ((rollup === 'quarter' || rollup === 'hour') && clock !== '00:00') return clock;
  const shown: Intl.DateTimeFormatOptions = rollup === 'month' ? { month: 'short', year: 'numeric' } : { day: 'numeric', month: 'short' };
  return new Date(at).toLocaleDateString('en-GB', { timeZone: zone, ...shown });
}

/** Each on top of those before it. What is zero is no bar: its edge would be drawn over the axis. */
export function stack(values: number[][]): (number | null)[][] {
  const tops: number[] = [];
  return values.map((one) => one.map((value, i) => {
    tops[i] = (tops[i] ?? 0) + value;
    return value === 0 ? null : tops[i];
  }));
}
