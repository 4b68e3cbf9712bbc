// Sums of the ledger as tables and charts show them.
import { moneyPixels, parseMoney, sumMoney, type Amount } from './money';
import type { Sum } from './types';
import { dayName, dayStart, kQuarter, startOfDay } from './zones';

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

export function total(sums: Sum[], metric: 'cost' | 'held'): Amount {
  return sumMoney(sums.map((sum) => parseMoney(sum[metric])));
}

export interface Series { name: string; values: number[] }
export interface Chart { times: number[]; series: Series[] }

export type Rollup = 'quarter' | 'hour' | 'day';

/** How long a column is; a day with daylight saving differs by an hour. */
export const columnLength = (rollup: Rollup) => ({ quarter: kQuarter, hour: 3600_000, day: 86400_000 })[rollup];

/** The moments that a chart has a column for: days of the zone, hours, or quarters of an hour. */
export function columnTimes(from: number, to: number, rollup: Rollup, zone: string): number[] {
  const times: number[] = [];
  if (rollup !== 'day') {
    const step = columnLength(rollup);
    for (let at = Math.floor(from / step) * step; at < to; at += step) times.push(at);
    return times;
  }
  for (let at = startOfDay(from, zone); at < to; at = startOfDay(at, zone, 1)) times.push(at);
  return times;
}

/** When the first of the sums by hour, or by day of the zone, begins. */
export function firstTime(sums: Sum[] | null, zone: string, otherwise: number): number {
  return sums?.length ? Math.min(...new Set(sums.map((sum) => columnOf(sum, zone)))) : otherwise;
}

/** `sums` are by hour, or by day of the zone, and by `group`; the largest `most` have series of their own, the others share one. */
export function chartOf(sums: Sum[], group: Group, metric: Metric, times: number[], zone: string, most = 8): Chart {
  const index = new Map(times.map((at, i) => [at, i]));
  const totals = new Map<string, number>();
  const name = (sum: Sum) => (group === 'none' ? 'All' : String(sum[group] ?? ''));
  for (const sum of sums) totals.set(name(sum), (totals.get(name(sum)) ?? 0) + pixels(sum, metric));
  const names = [...totals].filter(([, value]) => value > 0).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const kept = names.slice(0, most).map(([known]) => known);
  const series = new Map<string, Series>(kept.map((known) => [known, { name: known, values: times.map(() => 0) }]));
  const other: Series = { name: 'other', values: times.map(() => 0) };
  for (const sum of sums) {
    const at = index.get(columnOf(sum, zone));
    if (at === undefined) continue;
    (series.get(name(sum)) ?? other).values[at] += pixels(sum, metric);
  }
  return { times, series: [...series.values(), ...(names.length > most ? [other] : [])] };
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
export function touchedSpan(times: number[], rollup: Rollup, from: number, to: number): { since: number; until: number } | null {
  const half = columnLength(rollup) / 2;
  const touched = times.flatMap((at, i) => (at + half > from && at - half < to ? [i] : []));
  if (touched.length === 0) return null;
  const last = touched.at(-1)!;
  return { since: times[touched[0]], until: times[last + 1] ?? times[last] + columnLength(rollup) };
}

function columnOf(sum: Sum, zone: string): number {
  if (typeof sum.quarter === 'string') return Date.parse(sum.quarter);
  if (typeof sum.hour === 'string') return Date.parse(sum.hour);
  const [year, month, day] = String(sum.day).split('-').map(Number);
  return dayStart(year, month, day, zone);
}

export function columnName(at: number, rollup: Rollup, zone: string): string {
  return rollup === 'day' ? dayName(at, zone) : `${dayName(at, zone)} ${new Date(at).toLocaleTimeString('en-GB',
    { timeZone: zone, hour: '2-digit', minute: '2-digit' })}`;
}
