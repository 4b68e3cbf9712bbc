// What of a cap is spent in its period so far, and where it is estimated to end.
import { useMemo } from 'preact/hooks';
import { moneyPixels, parseMoney } from '../lib/money';
import type { Budget } from '../lib/types';
import { columnTimes, cumulated, wholeColumns, type Rollup } from '../lib/usage';
import { startOfDay, startOfMonth, startOfWeek } from '../lib/zones';
import { showAxis, TimeChart, type Line } from './chart';
import { now, Show } from './parts';
import { columnParams, spanParams, useSums } from './questions';

const kDay = 86400_000;

/** Of a cap without a period, the last thirty days. */
function periodOf({ period, timezone, resets_at }: Budget, at: number): { begin: number; end: number; rollup: Rollup } {
  const end = resets_at === null ? at : Date.parse(resets_at);
  switch (period) {
    case 'day': return { begin: startOfDay(at, timezone), end, rollup: 'quarter' };
    case 'week': return { begin: startOfWeek(at, timezone), end, rollup: 'hour' };
    case 'month': return { begin: startOfMonth(at, timezone), end, rollup: 'day' };
    case 'total': return { begin: startOfDay(at, timezone, -29), end: at + kDay, rollup: 'day' };
  }
}

/** From the last column that has passed straight to `end`; nothing if that is not known. */
function towards(end: string | null, spent: number, last: number, count: number): Line['values'] {
  if (end === null || count - 1 <= last) return [];
  const rise = (moneyPixels(parseMoney(end)) - spent) / (count - 1 - last);
  return Array.from({ length: count }, (_, i) => (i < last ? null : spent + rise * (i - last)));
}

export function BurnDown({ budget }: { budget: Budget }) {
  const quarter = Math.floor(now.value / 900_000) * 900_000;
  const { begin, end, rollup } = periodOf(budget, quarter);
  const plan = { rollup, zone: budget.timezone };
  const sums = useSums({ ...columnParams(plan, ['none']), project: budget.project, ...spanParams({ since: begin, until: null }) }, 60_000);
  const { chart, lines } = useMemo(() => {
    const times = columnTimes(begin, end, rollup, budget.timezone);
    const passed = times.filter((at) => at <= now.peek()).length;
    const spent = moneyPixels(parseMoney(budget.spent));
    const rows = cumulated(wholeColumns(sums.data ?? [], 'cost', times, budget.timezone).slice(0, passed));
    const earlier = budget.period === 'total' ? spent - (rows.at(-1) ?? 0) : 0;  // what was spent before the chart begins
    const cap = moneyPixels(parseMoney(budget.cap));
    const ahead = (to: string | null) => towards(to, spent, passed - 1, times.length);
    const { spent_at_reset, low, high } = budget.forecast;
    const drawn = [{ name: 'the cap', values: times.map(() => cap) }, { name: 'estimate', values: ahead(spent_at_reset) },
                   { name: 'at least', values: ahead(low) }, { name: 'at most', values: ahead(high) }];
    return { chart: { times, series: [{ name: 'spent', values: rows.map((value) => earlier + value) }] },
             lines: drawn.filter((one) => one.values.length > 0) };
  }, [sums.data, budget, begin, end, rollup]);
  return (
    <Show of={sums} rows={5}>
      {() => <TimeChart chart={chart} lines={lines} rollup={rollup} zone={budget.timezone} kind="lines" title={`Spent of ${budget.project}'s cap`}
                        show={showAxis} colours={kColours} />}
    </Show>
  );
}

const kColours: ReadonlyMap<string, number> = new Map([['spent', 0]]);
