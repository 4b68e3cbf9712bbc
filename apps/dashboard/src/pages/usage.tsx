import { useMemo, useState } from 'preact/hooks';
import { csvLines, download } from '../lib/csv';
import { showChange, showCount, showShare, showTokens } from '../lib/format';
import { columnDecimals, moneyText, parseMoney } from '../lib/money';
import { link, place, setParams, zone, type Values } from '../lib/router';
import { quoted } from '../lib/shell';
import { spanBefore, type Span } from '../lib/span';
import type { Sum } from '../lib/types';
import { chartOf, wholeColumns, columnTimes, cumulated, firstTime, isMoney, kGroups, kMetrics, kRollups, nameOf, pixels, totalOf,
         type Group, type Label, type Metric } from '../lib/usage';
import { momentName } from '../lib/zones';
import { showAxis, TimeChart } from '../ui/chart';
import { Below, Copy, Empty, Money, Name, now, Panel, Select, Show, Switch } from '../ui/parts';
import { Filters, filtersOf } from '../ui/filters';
import { byGroups, columnParams, columnsOf, SpanPick, spanParams, useLabels, useSpan, useSums } from '../ui/questions';
import { Table, type Column } from '../ui/table';

const kColumns = [['', 'as it fits'], ...kRollups, ['none', 'none']] as const;
const kFilters = ['project', 'key', 'model', 'served_model', 'provider', 'endpoint', 'code'] as const;
const kMostRows = 100;  // more are summed, until they are asked for

interface Question { metric: Metric; groups: Group[]; label: Label; asked: Values; before: Values | null }

const titleOf = (group: Group) => kGroups.find(([one]) => one === group)![1];

export function Usage() {
  const params = place.value.params;
  const pick = <T extends string>(name: string, known: readonly (readonly [T, string])[], usual: T): T =>
    known.find(([one]) => one === params.get(name))?.[0] ?? usual;
  const metric = pick<Metric>('metric', kMetrics, 'cost');
  const group = pick<Group>('group', kGroups, 'project');
  const within = kGroups.filter(([one]) => one !== group);
  const then = group === 'none' ? 'none' : pick<Group>('then', within, 'none');
  const groups: Group[] = then === 'none' ? [group] : [group, then];
  const wish = pick('rollup', kColumns, '');
  const { name, span, begin, end } = useSpan('7d');
  const minute = Math.floor(now.value / 60_000) * 60_000;
  const filters = filtersOf(kFilters);
  const asked = { ...spanParams(span), ...filters };
  const earlier = params.get('compare') === '1' ? spanBefore(name, minute, zone.value, span) : null;
  const before = earlier && { ...spanParams(earlier), ...filters };
  const label = useLabels(groups);
  const question = { metric, groups, label, asked, before };
  const sums = useSums({ by: byGroups(groups), ...asked });
  return (
    <>
      <div class="heading"><h1>Usage</h1><SpanPick name={name} /></div>
      <div class="bar controls">
        <Select label="Show" value={metric} options={kMetrics} onPick={(value) => setParams({ metric: value })} />
        <Select label="By" value={group} options={kGroups} onPick={(value) => setParams({ group: value })} />
        {group !== 'none' && <Select label="then by" value={then} options={within} onPick={(value) => setParams({ then: value === 'none' ? null : value })} />}
        <Select label="Columns" value={wish} options={kColumns} onPick={(value) => setParams({ rollup: value })} />
        <Select label="As" value={params.get('as') ?? 'bars'} options={[['bars', 'bars'], ['lines', 'lines']]}
                onPick={(value) => setParams({ as: value === 'bars' ? null : value })} />
        <span class="row"><Switch label="Cumulative" on={params.get('cumulative') === '1'} onPick={(on) => setParams({ cumulative: on ? '1' : null })} />
        <Switch label="Span before" on={earlier !== null} disabled={span.since === null} onPick={(on) => setParams({ compare: on ? '1' : null })} /></span>
      </div>
      <Filters names={kFilters} />
      {wish !== 'none' && <Over {...question} wish={wish || null} begin={begin} end={end} />}
      <Panel title={`By ${groups.map((one) => titleOf(one).toLowerCase()).join(', then by ')}`} wide
             aside={<>
               <Copy text={commandOf(groups, asked)} label="As command" />
               <button type="button" class="small" data-key="e" disabled={!sums.data?.length}
                       onClick={() => download(`usage-by-${groups.join('-')}.csv`, csvLines(Object.keys(sums.data![0]), sums.data!))}>CSV</button>
               <button type="button" class="small" disabled={!sums.data?.length}
                       onClick={() => download(`usage-by-${groups.join('-')}.json`, JSON.stringify(sums.data, null, 1), 'application/json')}>JSON</button>
               <Copy text={location.href} label="Copy link" />
             </>}>
        <Show of={sums}>{(rows) => <Sums key={byGroups(groups)} {...question} rows={rows} />}</Show>
        {span.since !== null && <p class="note">From {spanText(span)}. {earlier && `Before: from ${spanText(earlier)}. `}The ledger sums in quarters of an hour.</p>}
      </Panel>
    </>
  );
}

const spanText = ({ since, until }: Span) => `${momentName(since!, zone.value)} to ${until ? momentName(until, zone.value) : 'now'}`;

function Over({ metric, groups, label, asked, before, wish, begin, end }: Question & {
  wish: (typeof kRollups)[number][0] | null; begin: number; end: number;
}) {
  const plan = columnsOf(begin, end, wish);
  const sums = useSums({ ...columnParams(plan, groups), ...asked });
  const sums_before = useSums(before && { ...columnParams(plan, ['none']), ...before });
  const params = place.value.params;
  const is_cumulative = params.get('cumulative') === '1';
  const chart = useMemo(() => {
    const from = asked.since ? begin : firstTime(sums.data, plan.zone, begin);
    const found = chartOf(sums.data ?? [], groups, metric, columnTimes(from, end, plan.rollup, plan.zone), plan.zone, 8, label);
    return is_cumulative ? { ...found, series: found.series.map((one) => ({ ...one, values: cumulated(one.values) })) } : found;
  }, [sums.data, groups.join(), metric, label, begin, end, plan.rollup, plan.zone, is_cumulative]);
  const earlier = useMemo(() => {
    if (!before?.since || !before.until || !sums_before.data) return undefined;
    const times = columnTimes(Date.parse(String(before.since)), Date.parse(String(before.until)), plan.rollup, plan.zone);
    const values = wholeColumns(sums_before.data, metric, times, plan.zone);
    return [{ name: 'the span before', values: is_cumulative ? cumulated(values) : values }];
  }, [sums_before.data, metric, plan.rollup, plan.zone, before?.since, before?.until, is_cumulative]);
  const name = kMetrics.find(([one]) => one === metric)![1];
  const brush = (from: number, to: number) =>
    setParams({ since: new Date(from).toISOString(), until: new Date(to).toISOString(), span: null }, false);
  return (
    <Panel title={`${name}${is_cumulative ? ', cumulative' : ' over time'}`} wide aside={plan.zone}>
      <Show of={sums}>
        {() => chart.series.length === 0 ? <Empty>Nothing to draw in this span.</Empty> : (
          <TimeChart chart={chart} lines={earlier} rollup={plan.rollup} zone={plan.zone} kind={params.get('as') === 'lines' ? 'lines' : 'bars'}
                     title={name} onBrush={brush} show={isMoney(metric) ? showAxis : showTokens} />
        )}
      </Show>
      <p class="note">{wish && wish !== plan.rollup ? `This span has too many columns of ${kRollups.find(([one]) => one === wish)![1]}: each is a ${plan.rollup}. ` : ''}
        Drag over the chart to choose a span.</p>
    </Panel>
  );
}

function Sums({ rows, groups, label, metric, asked, before }: Question & { rows: Sum[] }) {
  const [is_whole, setWhole] = useState(false);
  const earlier = useSums(before && { by: byGroups(groups), ...before });
  const whole = totalOf(rows);
  const sorted = [...rows].sort((a, b) => pixels(b, metric) - pixels(a, metric));
  const shown = is_whole ? sorted : sorted.slice(0, kMostRows);
  const rest = shown.length < sorted.length ? totalOf(sorted.slice(kMostRows)) : null;
  const idOf = (sum: Sum) => nameOf(sum, groups);
  // A column of the rows, of those that are left out, and of all.
  const column = (head: string, field: keyof Sum & string, show: (sum: Sum) => preact.ComponentChildren, more: Partial<Column<Sum>> = {}): Column<Sum> => ({
    head, num: true, cell: show, rest: rest ? show(rest) : undefined, total: show(whole), wide: field !== metric,
    sort: (row) => (field === 'cost' || field === 'held' ? parseMoney(row[field]) : Number(row[field])), ...more,
  });
  const money = (head: string, field: 'cost' | 'held', more?: Partial<Column<Sum>>) => {
    const decimals = columnDecimals([...shown, ...(rest ? [rest] : []), whole].map((row) => parseMoney(row[field])));
    return column(head, field, (sum) => <Money of={sum[field]} decimals={decimals} />, more);
  };
  const count = (head: string, field: keyof Sum & string, low = false, show = showCount) =>
    column(head, field, (sum) => <span title={String(sum[field])}>{show(Number(sum[field]))}</span>, { low: low && field !== metric });
  const named = (row: Sum, group: Group) => label(group, String(row[group] ?? ''));
  const columns: Column<Sum>[] = [
    ...groups.map((group, i): Column<Sum> => ({
      head: titleOf(group), total: i === 0 ? 'All' : '', sort: (row) => named(row, group),
      rest: rest ? (i === 0 ? `and ${showCount(sorted.length - kMostRows)} more` : '') : undefined,
      cell: (row) => (group === 'none' ? 'All' : <><Name of={named(row, group)} most={groups.length > 1 ? 30 : 44} />
        {i === 0 && groups[1] && <Below>{named(row, groups[1]) || 'none'}</Below>}</>), wide: i > 0,
    })),
    money('Spend', 'cost'), column('Share', metric, (sum) => showShare(pixels(sum, metric), pixels(whole, metric)), { low: true, sort: undefined }),
    ...(before ? compared(metric, whole, earlier.data, groups, rest !== null) : []),
    count('Requests', 'requests'), count('Attempts', 'attempts', true), count('Failed', 'failed'),
    count('Refused', 'refused'), count('Input', 'input_tokens', false, showTokens), count('Cached', 'cached_input_tokens', true, showTokens),
    count('Output', 'output_tokens', false, showTokens), count('Reasoning', 'reasoning_tokens', true, showTokens), money('Held', 'held', { low: metric !== 'held' }),
  ];
  const { since, until, ...filters } = asked;
  const to = (row: Sum) => {
    const named = groups.map((group) => [group, String(row[group] ?? '')]);
    const leads = !groups.includes('none') && row.attempts > 0 && named.every(([, value]) => value !== '');
    return leads ? link('/requests', { ...filters, since, until, ...Object.fromEntries(named) }) : null;
  };
  return (
    <>
      <Table caption="Sums of the ledger" columns={columns} rows={shown} id={idOf} href={to} empty="Nothing was asked in this span."
             count={rest ? `${showCount(shown.length)} of ${showCount(sorted.length)} rows` : undefined} />
      {rest && <p><button type="button" class="small" onClick={() => setWhole(true)}>Show all {showCount(sorted.length)}</button></p>}
      {groups.includes('key') && <p class="note">Refused requests are counted by project, model and code, not by key.</p>}
      <p class="hidden">Exact spend: {moneyText(parseMoney(whole.cost))} USD</p>
    </>
  );
}

/** What it was in the span before, and how that differs. */
function compared(metric: Metric, totals: Sum, sums: Sum[] | null, groups: Group[], has_rest: boolean): Column<Sum>[] {
  const found = new Map((sums ?? []).map((sum) => [nameOf(sum, groups), sum]));
  const whole = sums && totalOf(sums);
  const decimals = isMoney(metric) ? columnDecimals([...(sums ?? []), ...(whole ? [whole] : [])].map((sum) => parseMoney(String(sum[metric])))) : 0;
  const show = (sum: Sum | null | undefined) => (sum === null ? '-' : isMoney(metric) ? <Money of={String(sum?.[metric] ?? '0')} decimals={decimals} />
    : showTokens(Number(sum?.[metric] ?? 0)));
  const change = (sum: Sum, old: Sum | null | undefined) => old ? showChange(pixels(sum, metric), pixels(old, metric)) ?? '-' : sums && pixels(sum, metric) > 0 ? 'new' : '-';
  const of = (row: Sum) => (sums ? found.get(nameOf(row, groups)) : null);
  const rest = has_rest ? '' : undefined;
  return [
    { head: 'Before', num: true, wide: true, cell: (row) => show(of(row)), total: show(whole), rest },
    { head: 'Change', num: true, cell: (row) => change(row, of(row)), total: whole ? change(totals, whole) : '-', rest },
  ];
}

function commandOf(groups: Group[], asked: Values): string {
  const flags = Object.entries(asked).flatMap(([name, values]) =>
    [values].flat().filter((value) => value).map((value) => ` --${name.replace('_', '-')} ${quoted(value!)}`));
  return `gateway usage --by ${byGroups(groups)}${flags.join('')}`;
}
