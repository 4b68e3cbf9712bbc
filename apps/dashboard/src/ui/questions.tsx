// What several pages ask: the span, and sums over it.
import { useMemo } from 'preact/hooks';
import { query, useApi, type Loaded } from '../lib/api';
import { floorQuarter } from '../lib/zones';
import { place, setParams, zone } from '../lib/router';
import { isSpan, kSpans, spanOf, spanParams, type Span, type SpanName } from '../lib/span';
import type { Sum } from '../lib/types';
import type { Group, Rollup } from '../lib/usage';
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
    return { name, span, begin: span.since ?? minute - 90 * 86400_000, end: span.until ?? minute };
  }, [asked, since, until, minute, zone.value, usual]);
}

export function SpanPick({ name }: { name: SpanName | 'custom' }) {
  const options = name === 'custom' ? [...kSpans, ['custom', 'Chosen'] as const] : kSpans;
  return <Select label="Span" value={name} options={options}
                 onPick={(value) => setParams({ span: value, since: null, until: null }, false)} />;
}

/** All of them, up to 200 000. */
export function useSums(params: Record<string, string | number | null>, every = 30_000): Loaded<Sum[]> {
  return useApi<Sum[]>(query('usage', { limit: 10000, ...params }), every, 20);
}

export interface Columns { rollup: Rollup; zone: string }

/** What a chart's columns are, of the zone in which times are shown. */
export function columnsOf(begin: number, end: number, wish: 'hour' | 'day' | null): Columns {
  return { rollup: wish ?? (end - begin <= 48 * 3600_000 ? 'hour' : 'day'), zone: zone.value };
}

/** As parameters of a call: by them, then by the group. Hours and quarters are those of UTC, whatever the zone. */
export function columnParams({ rollup, zone }: Columns, group: Group): Record<string, string | null> {
  return { by: group === 'none' ? rollup : `${rollup},${group}`, tz: rollup !== 'day' || zone === 'UTC' ? null : zone };
}

export { spanParams };
