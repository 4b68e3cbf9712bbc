// The attempts over time that the rows below are, with those that failed; a part of it can be chosen.
import { useMemo } from 'preact/hooks';
import { showCount } from '../lib/format';
import { setParams, zone, type Values } from '../lib/router';
import { momentOf, spanParams } from '../lib/span';
import { attemptsOf, columnTimes, type Rollup } from '../lib/usage';
import { kQuarter } from '../lib/zones';
import { TimeChart } from './chart';
import { only } from './filters';
import { now, Panel, Show } from './parts';
import { columnParams, useSums } from './questions';

const kHour = 3600_000;
const kColours: ReadonlyMap<string, number> = new Map([['not failed', 2], ['failed', 3]]);
const kSummed = ['project', 'key', 'model', 'served_model', 'provider', 'endpoint', 'code'] as const;
const kOfRowsOnly = ['state', 'status', 'min_cost', 'min_duration', 'streamed', 'flag'] as const;  // sums know nothing of these

const rollupOf = (length: number): Rollup => (length <= 6 * kHour ? 'quarter' : length <= 72 * kHour ? 'hour' : 'day');

export function Histogram({ asked }: { asked: Values }) {
  const minute = Math.floor(now.value / 60_000) * 60_000;
  const until = momentOf(only(asked.until), minute);
  const since = momentOf(only(asked.since), minute);
  const end = Math.ceil((until ?? minute + 60_000) / kQuarter) * kQuarter;
  const begin = Math.floor((since ?? end - 24 * kHour) / kQuarter) * kQuarter;
  const plan = { rollup: rollupOf(end - begin), zone: zone.value };
  const filters = Object.fromEntries(kSummed.map((name) => [name, asked[name]]));
  const sums = useSums({ ...columnParams(plan, ['none']), ...filters, ...spanParams({ since: begin, until: until === null ? null : end }) });
  const chart = useMemo(() => attemptsOf(sums.data ?? [], columnTimes(begin, end, plan.rollup, plan.zone), plan.zone),
                        [sums.data, begin, end, plan.rollup, plan.zone]);
  const ignored = kOfRowsOnly.filter((name) => asked[name]);
  const brush = (from: number, to: number) => {
    const { since, until } = spanParams({ since: from, until: to });
    setParams({ since, until, live: null }, false);
  };
  return (
    <Panel title="Attempts" aside={since === null ? 'the last 24 hours' : null}>
      <Show of={sums} rows={3}>
        {() => <TimeChart chart={chart} rollup={plan.rollup} zone={plan.zone} kind="bars" title="Attempts" height={120} show={showCount}
                          colours={kColours} onBrush={brush} />}
      </Show>
      {ignored.length > 0 && <p class="note">The chart counts all attempts, whatever the filter for {ignored.join(', ').replaceAll('_', ' ')}: the ledger has no sums by it.</p>}
    </Panel>
  );
}
