// The span of time that a page shows, as its address says it.
import { floorQuarter, startOfDay, startOfMonth } from './zones';

export const kSpans = [
  ['today', 'Today'], ['24h', '24 hours'], ['7d', '7 days'], ['30d', '30 days'], ['month', 'This month'], ['all', 'All time'],
] as const;
export type SpanName = (typeof kSpans)[number][0];

export interface Span { since: number | null; until: number | null }

export function isSpan(name: string | null): name is SpanName {
  return kSpans.some(([known]) => known === name);
}

export function spanOf(name: SpanName, now: number, zone: string): Span {
  switch (name) {
    case 'today': return { since: startOfDay(now, zone), until: null };
    case '24h': return { since: floorQuarter(now - 24 * 3600_000), until: null };
    case '7d': return { since: startOfDay(now, zone, -6), until: null };
    case '30d': return { since: startOfDay(now, zone, -29), until: null };
    case 'month': return { since: startOfMonth(now, zone), until: null };
    case 'all': return { since: null, until: null };
  }
}

/** A span as long as this one so far, right before it; null: there is none. */
export function spanBefore(name: SpanName | 'custom', now: number, zone: string, span?: Span): Span | null {
  const end = floorQuarter(now);
  switch (name) {
    case 'today': return { since: startOfDay(now, zone, -1), until: end - 24 * 3600_000 };
    case '24h': return { since: floorQuarter(now - 48 * 3600_000), until: floorQuarter(now - 24 * 3600_000) };
    case '7d': return { since: startOfDay(now, zone, -13), until: end - 7 * 24 * 3600_000 };
    case '30d': return { since: startOfDay(now, zone, -59), until: end - 30 * 24 * 3600_000 };
    case 'month': {
      const passed = end - startOfMonth(now, zone);
      const start = startOfMonth(now, zone, -1);
      return { since: start, until: Math.min(start + passed, startOfMonth(now, zone)) };
    }
    case 'custom': return !span || span.since === null ? null
      : { since: 2 * span.since - (span.until ?? end), until: span.since };
    case 'all': return null;
  }
}

const kUnits: Record<string, number> = { s: 1000, m: 60_000, h: 3600_000, d: 86400_000, w: 7 * 86400_000 };

/** A filter's moment: "24h" is that long ago. Null: it is none. */
export function momentOf(text: string | null, now: number): number | null {
  const ago = /^(\d+)([smhdw])$/.exec(text ?? '');
  const at = ago ? now - Number(ago[1]) * kUnits[ago[2]] : Date.parse(text ?? '');
  return Number.isNaN(at) ? null : at;
}

/** As parameters of a call. */
export function spanParams(span: Span): Record<string, string> {
  const moment = (at: number) => new Date(at).toISOString().replace('.000Z', 'Z');
  const params: Record<string, string> = {};
  if (span.since !== null) params.since = moment(span.since);
  if (span.until !== null) params.until = moment(span.until);
  return params;
}
