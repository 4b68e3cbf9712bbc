import { useApi } from '../lib/api';
import { shorten } from '../lib/format';
import { columnDecimals, parseMoney, permille, taken } from '../lib/money';
import { link, place, setParams } from '../lib/router';
import type { Budget } from '../lib/types';
import { BurnDown } from '../ui/burn_down';
import { Ago, Below, CapBar, Mark, Missing, Money, Name, Panel, Select, Show } from '../ui/parts';
import { Table } from '../ui/table';

export function Budgets() {
  const budgets = useApi<Budget[]>('budgets?limit=10000', 10_000);
  const used = (one: Budget) => permille(parseMoney(one.spent) + parseMoney(one.held), parseMoney(one.cap));
  return (
    <>
      <div class="heading"><h1>Budgets</h1></div>
      <Show of={budgets}>
        {(all) => {
          const decimals = (field: 'spent' | 'held' | 'remaining' | 'cap') => columnDecimals(all.map((one) => parseMoney(one[field])));
          const money = (field: 'spent' | 'held' | 'remaining' | 'cap') => {
            const most = decimals(field);  // with more than there is room for, each amount has as many as it needs
            return { num: true, sort: (one: Budget) => parseMoney(one[field]),
                     cell: (one: Budget) => <Money of={one[field]} decimals={most} short={most > kMostDecimals} /> };
          };
          const chosen = all.find((one) => idOf(one) === place.value.params.get('cap')) ?? [...all].sort((a, b) => taken(b) - taken(a))[0];
          return (
            <>{chosen && (
              <Panel title={<a href={link(`/projects/${encodeURIComponent(chosen.project)}`)}><Name of={chosen.project} most={40} /></a>} wide
                     aside={<Select label="Cap" value={idOf(chosen)} options={all.slice(0, 500).map((one) => [idOf(one), shorten(idOf(one), 40)] as const)}
                                    onPick={(value) => setParams({ cap: value })} />}>
                <BurnDown key={idOf(chosen)} budget={chosen} />
                <p class="note">Estimated end: <End of={chosen} />. Estimates are drawn straight to the reset. <a href={link('/usage', { project: chosen.project, group: 'code', metric: 'refused', span: '30d' })}>
                  What was refused</a></p>
              </Panel>
            )}
            <Table caption="Spend caps" rows={all} id={(one) => `${one.project} ${one.period}`} order={{ head: 'Used', down: true }}
              href={(one) => link(`/projects/${encodeURIComponent(one.project)}`)}
              empty={<>No project has a spend cap: <code>gateway project set NAME --cap 25/month</code></>}
              columns={[
                { head: 'Project', sort: (one) => one.project, cell: (one) => <><Name of={one.project} most={36} />
                  <Below><Money of={one.remaining} short /> of <Money of={one.cap} short /> {one.period === 'total' ? 'in all' : `a ${one.period}`} left</Below></> },
                { head: 'Period', wide: true, sort: (one) => one.period, cell: (one) => one.period === 'total' ? 'in all' : one.period },
                { head: 'Used', num: true, sort: taken, cell: (one) => <><span class="used"><CapBar {...one} /><span class="figure">{(used(one) / 10).toFixed(1)} %</span></span>
                  <Below low><Money of={one.held} short /> held<Warnings of={one.warn} used={used(one)} /></Below></> },
                { head: 'Cap', wide: true, ...money('cap') },
                { head: 'Spent', wide: true, ...money('spent') },
                { head: 'Held', low: true, ...money('held') },
                { head: 'Left', wide: true, ...money('remaining') },
                { head: 'Estimated end', sort: (one) => one.forecast.exhausted_at ?? '9', cell: (one) => <End of={one} /> },
                { head: 'Resets', wide: true, sort: (one) => one.resets_at ?? '9', cell: (one) => one.resets_at ? <Ago at={one.resets_at} /> : 'never' },
                { head: 'Warnings', low: true, cell: (one) => one.warn.length === 0 ? <span class="muted">none</span> : (
                  <span class="row">{one.warn.map((at) => used(one) >= at * 10
                    ? <Mark key={at} tone="warn">{at} % passed</Mark> : <span key={at} class="muted">{at} %</span>)}</span>) },
                { head: 'Mode', low: true, cell: (one) => <span class="muted wrap">{one.mode}, {one.timezone}</span> },
              ]} /></>
          );
        }}
      </Show>
      <Missing>Estimates follow the same quarters of an hour of the weeks before. <code>gateway budget</code> prints the same.</Missing>
    </>
  );
}

const kMostDecimals = 6;
const idOf = (one: Budget) => `${one.project}, ${one.period === 'total' ? 'in all' : one.period}`;

/** Which warnings have passed, and at what the others come, in a line; `used` in tenths of a percent. */
function Warnings({ of, used }: { of: number[]; used: number }) {
  const list = (some: number[]) => some.map((at) => `${at} %`).join(' and ');
  const [passed, ahead] = [of.filter((at) => used >= at * 10), of.filter((at) => used < at * 10)];
  return <>{passed.length > 0 && <>, <Mark tone="warn">{list(passed)} passed</Mark></>}{ahead.length > 0 && `, warns at ${list(ahead)}`}</>;
}

/** When the cap is reached, if it goes on as it did; else what will be spent when it resets. */
export function End({ of: { forecast } }: { of: Budget }) {
  if (forecast.exhausted_at !== null) return <Mark tone="warn"><Ago at={forecast.exhausted_at} /></Mark>;
  if (forecast.spent_at_reset === null) return <span class="muted" title={forecast.basis}>too early</span>;
  return (
    <span class="muted wrap" title={forecast.low !== null && forecast.high !== null ? `between $${forecast.low} and $${forecast.high}` : forecast.basis}>
      lasts, <Money of={forecast.spent_at_reset} short /> at its reset
    </span>
  );
}
