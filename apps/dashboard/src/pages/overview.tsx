import { useMemo } from 'preact/hooks';
import { query, useApi } from '../lib/api';
import { between, quantile, showChange, showCount, showDuration, showShare } from '../lib/format';
import { moneyPixels, parseMoney, permille, taken } from '../lib/money';
import { link, setParams, zone } from '../lib/router';
import { spanBefore, spanOf, type SpanName } from '../lib/span';
import { isAdmin } from '../lib/session';
import type { Budget, Health, Report, Row, Sum } from '../lib/types';
import { chartOf, columnTimes, firstTime, totalOf } from '../lib/usage';
import { showAxis, TimeChart } from '../ui/chart';
import { Ago, CapBar, Empty, Mark, Missing, Money, Name, now, Panel, Select, Show } from '../ui/parts';
import { columnParams, columnsOf, SpanPick, spanParams, useSpan, useSums } from '../ui/questions';
import { place } from '../lib/router';
import { later } from '../ui/later';

const StartCard = later(() => import('../ui/first_steps').then((all) => all.StartCard));

const kRows = 200;
const kFew = 10;  // with fewer rows in the ledger, how to begin comes first
const kMostCaps = 5;
const kMostCodes = 8;
const kSlowly = 60_000;  // what covers days or hours is read again after as many milliseconds
const kRarely = 300_000;

export function Overview() {
  const minute = Math.floor(now.value / 60_000) * 60_000;
  const today = useMemo(() => spanParams(spanOf('today', minute, zone.value)), [minute, zone.value]);
  const before = useMemo(() => spanParams(spanBefore('today', minute, zone.value)!), [minute, zone.value]);
  const codes = useSums({ by: 'code', ...today }, 15_000);
  const sum_before = useSums({ by: 'none', ...before }, kRarely);
  const health = useApi<Health>('health', 15_000);
  const rows = useApi<Row[]>(query('requests', { limit: kRows }), kSlowly);
  return (
    <>
      <div class="heading"><h1>Overview</h1><SpanPick name={useSpan('7d').name} /></div>
      <Show of={codes} rows={1}>
        {(sums) => <Tiles codes={sums} before={sum_before.data?.[0] ?? null} health={health.data} rows={rows.data} />}
      </Show>
      {rows.data && rows.data.length < kFew && <StartCard />}
      <div class="grid front">
        <Spend />
        <Caps />
        {isAdmin() && <Providers health={health} />}
        <Failures />
      </div>
    </>
  );
}

function Tiles({ codes, before, health, rows }: { codes: Sum[]; before: Sum | null; health: Health | null; rows: Row[] | null }) {
  const sum = totalOf(codes);
  const cost = parseMoney(sum.cost);
  const asked = (one: Sum) => one.requests + one.refused;
  const good = codes.find((one) => one.code === '')?.requests ?? 0;
  const firsts = (rows ?? []).map((row) => between(row.dispatched, row.first_byte)).filter((ms) => ms !== null).sort((a, b) => a - b);
  return (
    <dl class={isAdmin() ? 'tiles' : 'tiles four'}>
      <Tile name="Spend today" change={before && showChange(moneyPixels(cost), moneyPixels(parseMoney(before.cost)))}
            href={link('/usage', { span: 'today', metric: 'cost' })}><Money of={cost} /></Tile>
      <Tile name="Requests today" change={before && showChange(asked(sum), asked(before))}
            href={link('/usage', { span: 'today', metric: 'requests' })}>
        <span title={`${sum.requests} sent on, ${sum.refused} refused`}>{showCount(asked(sum))}</span>
      </Tile>
      <Tile name="Success today" note={`${showCount(asked(sum) - good)} failed or refused`}
            href={link('/usage', { span: 'today', group: 'code', metric: 'requests' })}>
        {showShare(good, asked(sum))}
      </Tile>
      <Tile name="First byte, p95" href={link('/requests')}
            note={firsts.length ? `p50 ${showDuration(quantile(firsts, 0.5))}, last ${firsts.length} attempts` : null}>
        {showDuration(quantile(firsts, 0.95))}
      </Tile>
      {isAdmin() && <Tile name="In flight" note={health ? (health.draining ? 'draining' : 'now') : null} href={link('/providers')}>
        {health ? showCount(health.in_flight) : '-'}
      </Tile>}
    </dl>
  );
}

function Tile({ name, children, change, note, href }: {
  name: string; children: preact.ComponentChildren; change?: string | null; note?: string | null; href: string;
}) {
  return (
    <div class="tile">
      <dt>{name}</dt>
      <dd><a href={href} class="big">{children}</a>
        <small>{change ? <span title="Against yesterday until this hour">{change} on yesterday</span> : note ?? ' '}</small></dd>
    </div>
  );
}

function Spend() {
  const group = place.value.params.get('group') === 'model' ? 'model' : 'project';
  const { span, begin, end } = useSpan('7d');
  const plan = columnsOf(begin, end, null);
  const sums = useSums({ ...columnParams(plan, [group]), ...spanParams(span) }, kSlowly);
  const chart = useMemo(() => {
    const from = span.since === null ? firstTime(sums.data, plan.zone, begin) : begin;
    return chartOf(sums.data ?? [], [group], 'cost', columnTimes(from, end, plan.rollup, plan.zone), plan.zone);
  }, [sums.data, group, span.since, begin, end, plan.rollup, plan.zone]);
  return (
    <Panel title="Spend" aside={<Select label="By" value={group} options={[['project', 'project'], ['model', 'model']]}
                                             onPick={(value) => setParams({ group: value })} />}>
      <dl class="facts across"><Longer name="7d" title="7 days" /><Longer name="month" title="This month" /></dl>
      <Show of={sums}>
        {() => chart.series.length === 0
          ? <Empty>Nothing was spent in this span. <a href={link('/start')}>Send a request</a>.</Empty>
          : <TimeChart chart={chart} rollup={plan.rollup} zone={plan.zone} kind="bars" title={`Spend by ${group}`} show={showAxis} height={240} />}
      </Show>
    </Panel>
  );
}

/** The spend of a span, and how it differs from the one before. */
function Longer({ name, title }: { name: SpanName; title: string }) {
  const quarter = Math.floor(now.value / 900_000) * 900_000;
  const asked = useMemo(() => spanParams(spanOf(name, quarter, zone.value)), [name, quarter, zone.value]);
  const before = useMemo(() => spanParams(spanBefore(name, quarter, zone.value)!), [name, quarter, zone.value]);
  const sum = useSums({ by: 'none', ...asked }, kRarely).data?.[0];
  const old = useSums({ by: 'none', ...before }, kRarely).data?.[0];
  const change = sum && old && showChange(moneyPixels(parseMoney(sum.cost)), moneyPixels(parseMoney(old.cost)));
  return (
    <><dt>{title}</dt><dd>{sum ? <a href={link('/usage', { span: name, compare: '1' })}><Money of={sum.cost} /></a> : '-'}
      {change && <span class="muted" title="Against as long a span right before">, {change}</span>}</dd></>
  );
}

function Caps() {
  const budgets = useApi<Budget[]>('budgets?limit=10000', kSlowly);
  const used = (one: Budget) => permille(parseMoney(one.spent) + parseMoney(one.held), parseMoney(one.cap));
  return (
    <Panel title="Caps nearest to their end" aside={<a href={link('/budgets')}>All</a>}>
      <Show of={budgets}>
        {(all) => all.length === 0 ? <Empty>No <a href={link('/projects')}>project</a> has a spend cap: <code>gateway project set NAME --cap 25/month</code></Empty> : (
          <><ul class="plain caps">
            {[...all].sort((a, b) => taken(b) - taken(a)).slice(0, kMostCaps).map((one) => (
              <li key={one.project + one.period}>
                <a href={link(`/projects/${encodeURIComponent(one.project)}`)}><Name of={one.project} most={26} /></a>
                <span class="figure">{(used(one) / 10).toFixed(1)} %</span>
                <CapBar {...one} />
                <small class="muted"><Money of={one.spent} /> of <Money of={one.cap} />, {periodName(one.period)}</small>
                <small class="muted right">{one.resets_at ? <>resets <Ago at={one.resets_at} /></> : 'never resets'}</small>
              </li>
            ))}
          </ul>
          {all.length > kMostCaps && <p class="note">and {showCount(all.length - kMostCaps)} more</p>}</>
        )}
      </Show>
    </Panel>
  );
}

export function periodName(period: string): string {
  return period === 'total' ? 'in all' : `a ${period}`;
}

function Providers({ health }: { health: ReturnType<typeof useApi<Health>> }) {
  const since = useMemo(() => spanParams(spanOf('24h', Math.floor(now.value / 900_000) * 900_000, 'UTC')), [Math.floor(now.value / 900_000)]);
  const sums = useSums({ by: 'provider', ...since }, kSlowly);
  return (
    <Panel title="Providers" aside={<a href={link('/providers')}>All</a>}>
      <Show of={health}>
        {(state) => state.providers.length === 0 ? <Empty>The configuration has no provider.</Empty> : (
          <ul class="plain lines">
            {state.providers.map((one) => {
              const sum = sums.data?.find((found) => found.provider === one.provider);
              const open = one.targets.filter((target) => target.breaker !== 'closed').length;
              return (
                <li key={one.provider}>
                  <a href={link('/usage', { provider: one.provider, span: '24h' })}><Name of={one.provider} /></a>
                  <Mark tone={!one.usable ? 'bad' : open ? 'warn' : 'good'}>
                    {!one.usable ? 'not usable' : open ? `${open} of ${one.targets.length} targets not closed` : 'ok'}
                  </Mark>
                  <span class="figure muted right" title="Share of failed attempts in 24 hours">
                    {sum ? `${showShare(sum.failed, sum.attempts)} failed` : '-'}
                  </span>
                </li>
              );
            })}
          </ul>
        )}
      </Show>
      <Reconciled />
    </Panel>
  );
}

/** Whether the bill was what the ledger says. */
function Reconciled() {
  const report = useApi<Report>('reconcile', kRarely).data;
  if (!report) return null;
  const differ = report.providers.filter((one) => one.error !== null || parseMoney(one.absolute_difference) !== 0n);
  return (
    <p class="note"><a href={link('/reconcile')}>Reconciliation</a>: {report.last_success === null ? 'no run yet' : <Ago at={report.last_success} />}
      {report.failures > 0 && <>, <Mark tone="bad">{showCount(report.failures)} failed since</Mark></>}
      {differ.length > 0 ? <>, <Mark tone="warn">differs: {differ.map((one) => one.provider).join(', ')}</Mark></> : report.last_success !== null && ', the bill agrees'}</p>
  );
}

function Failures() {
  const quarter = Math.floor(now.value / 900_000) * 900_000;
  const since = useMemo(() => spanParams(spanOf('24h', quarter, 'UTC')), [quarter]);
  const sums = useSums({ by: 'code,project', ...since }, kSlowly);
  return (
    <Panel title="What failed, 24 hours" aside={<a href={link('/usage', { span: '24h', group: 'code', metric: 'refused' })}>All</a>}>
      <Show of={sums}>
        {(all) => {
          const count = (one: Sum) => one.failed + one.refused;
          const bad = all.filter((one) => one.code !== '').sort((a, b) => count(b) - count(a));
          if (bad.length === 0) return <Empty>Nothing failed and nothing was refused.</Empty>;
          return (
            <><ul class="plain lines failures">
              {bad.slice(0, kMostCodes).map((one) => (
                <li key={`${one.code} ${one.project}`}>
                  <code>{String(one.code)}</code>
                  <Name of={String(one.project)} most={24} />
                  <span class="figure right" title={`${one.failed} attempts failed, ${one.refused} requests refused`}>{showCount(count(one))}</span>
                  {one.attempts > 0
                    ? <a href={link('/requests', { project: String(one.project), code: String(one.code) })}>rows</a>
                    : <a href={link('/usage', { project: String(one.project), group: 'code', metric: 'refused', span: '24h' })}>sums</a>}
                </li>
              ))}
            </ul>
            {bad.length > kMostCodes && <p class="note">and {showCount(bad.length - kMostCodes)} more: {showCount(bad.slice(kMostCodes).reduce((all, one) => all + count(one), 0))}</p>}</>
          );
        }}
      </Show>
      <Missing>Refused requests have no rows: they are counted in the sums.</Missing>
    </Panel>
  );
}
