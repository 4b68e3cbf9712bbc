// What several pages ask: the span, and sums over it.
import { useMemo } from 'preact/hooks';
import { query, useApi, type Loaded } from '../lib/api';
import { floorQuarter } from '../lib/zones';
import { place, setParams, zone } from '../lib/router';
import { isSpan, kSpans, spanOf, spanParams, type Span, type SpanName } from '../lib/span';
import type { Key, Sum } from '../lib/types';
import { rollupFor, type Group, type Label, type Rollup } from '../lib/usage';
import { Select, now } from './parts';

export function useSpan(usual: SpanName): { name: SpanName | 'custom'; span: Span; begin: number; end: number } {
  const params = place.value.params;
  const asked = params.get('span');
  const since = Date.parse(params.get('since') ?? '');
  const until = Date.parse(params.get('until') ?? '');
  const minute = Math.floor(now.value / 60_000) * 60_000;
  return useMemo(() => {
    const custom = !Number.isNaN(since);
    const name = custom ? 'custom' : isSpan(asked) ? asked : usual;
    const span = name === 'custom' ? { since: floorQuarter(since), until: Number.isNaN(until) ? null : floorQuarter(until) }
      : spanOf(name, minute, zone.value);
    return { name, span, begin: span.since ?? minute - 90 * 86400_000, end: span.until ?? minute + 60_000 };
  }, [asked, since, until, minute, zone.value, usual]);
}

export function SpanPick({ name }: { name: SpanName | 'custom' }) {
  const options = name === 'custom' ? [...kSpans, ['custom', 'Chosen'] as const] : kSpans;
  return <Select label="Span" value={name} options={options}
                 onPick={(value) => setParams({ span: value, since: null, until: null }, false)} />;
}

/** All of them, up to 200 000. Null: nothing is asked. */
export function useSums(params: Record<string, string | string[] | number | null> | null, every = 30_000): Loaded<Sum[]> {
  return useApi<Sum[]>(params && query('usage', { limit: 10000, ...params }), every, 20);
}

/** Keys by their project and name, not by their ids; of those that share both, with the end of the id. */
export function useLabels(groups: readonly Group[]): Label {
  const keys = useApi<Key[]>(groups.includes('key') ? 'keys?limit=10000' : null);
  return useMemo(() => {
    const plain = (key: Key) => `${key.project}/${key.name || key.id}`;
    const count = new Map<string, number>();
    for (const key of keys.data ?? []) count.set(plain(key), (count.get(plain(key)) ?? 0) + 1);
    const names = new Map((keys.data ?? []).map((key) => [key.id, plain(key) + (count.get(plain(key))! > 1 ? ` …${key.id.slice(-4)}` : '')]));
    return (group, value) => (group === 'key' ? names.get(value) ?? value : value);
  }, [keys.data]);
}

export interface Columns { rollup: Rollup; zone: string }

/** What a chart's columns are, of the zone in which times are shown. */
export function columnsOf(begin: number, end: number, wish: Rollup | null): Columns {
  const length = end - begin;
  return { rollup: rollupFor(wish ?? (length <= 48 * 3600_000 ? 'hour' : 'day'), length), zone: zone.value };
}

/** What is summed by: without any group it is all. */
export const byGroups = (groups: readonly Group[]) => groups.filter((group) => group !== 'none').join(',') || 'none';

/** As parameters of a call: by them, then by the groups. Hours and quarters are those of UTC, whatever the zone. */
export function columnParams({ rollup, zone }: Columns, groups: readonly Group[]): Record<string, string | null> {
  const is_of_utc = rollup === 'quarter' || rollup === 'hour' || zone === 'UTC';
  return { by: [rollup, ...groups.filter((group) => group !== 'none')].join(','), tz: is_of_utc ? null : zone };
}

export { spanParams };
