import { useMemo } from 'preact/hooks';
import { csvLines, download } from '../lib/csv';
import { showCount, showTokens } from '../lib/format';
import { columnDecimals, moneyText, parseMoney } from '../lib/money';
import { link, place, setParams, zone } from '../lib/router';
import type { Sum } from '../lib/types';
import { chartOf, columnTimes, firstTime, isMoney, kGroups, kMetrics, pixels, type Group, type Metric } from '../lib/usage';
import { momentName } from '../lib/zones';
import { TimeChart } from '../ui/chart';
import { Copy, Empty, Money, Name, Panel, Select, Show } from '../ui/parts';
import { Filters } from '../ui/filters';
import { columnParams, columnsOf, SpanPick, spanParams, useSpan, useSums, type Columns } from '../ui/questions';
import { Table, type Column } from '../ui/table';
import { showAxis } from './overview';

const kRollups = [['', 'as it fits'], ['hour', 'hour'], ['day', 'day'], ['none', 'none']] as const;
const kFilters = ['project', 'key', 'model', 'provider'] as const;

export function Usage() {
  const params = place.value.params;
  const pick = <T extends string>(name: string, known: readonly (readonly [T, string])[], usual: T): T =>
    known.find(([one]) => one === params.get(name))?.[0] ?? usual;
  const metric = pick<Metric>('metric', kMetrics, 'cost');
  const group = pick<Group>('group', kGroups, 'project');
  const wish = pick('rollup', kRollups, '');
  const { name, span, begin, end } = useSpan('7d');
  const filters = Object.fromEntries(kFilters.map((one) => [one, params.get(one)]));
  const asked = { ...spanParams(span), ...filters };
  const sums = useSums({ by: group, ...asked });
  const whole = useSums({ by: 'none', ...asked });
  const plan = columnsOf(begin, end, wish === 'hour' || wish === 'day' ? wish : null);
  const command = commandOf(group, asked);
  return (
    <>
      <div class="heading"><h1>Usage</h1><SpanPick name={name} /></div>
      <div class="bar">
        <Select label="Show" value={metric} options={kMetrics} onPick={(value) => setParams({ metric: value })} />
        <Select label="By" value={group} options={kGroups} onPick={(value) => setParams({ group: value })} />
        <Select label="Columns" value={wish} options={kRollups} onPick={(value) => setParams({ rollup: value })} />
        <Select label="As" value={params.get('as') ?? 'bars'} options={[['bars', 'bars'], ['lines', 'lines']]}
                onPick={(value) => setParams({ as: value === 'bars' ? null : value })} />
      </div>
      <Filters names={kFilters} />
      {wish !== 'none' && <Over metric={metric} group={group} plan={plan} begin={begin} end={end} asked={asked} />}
      <Panel title={`By ${kGroups.find(([one]) => one === group)![1].toLowerCase()}`} wide
             aside={<>
               <Copy text={command} label="As command" />
               <button type="button" class="small" data-key="e" disabled={!sums.data?.length}
                       onClick={() => download(`usage-by-${group}.csv`, csvLines(Object.keys(sums.data![0]), sums.data!))}>CSV</button>
               <Copy text={location.href} label="Copy link" />
             </>}>
        <Show of={sums}>{(rows) => <Sums rows={rows} whole={whole.data?.[0] ?? null} group={group} metric={metric} asked={asked} />}</Show>
        {span.since !== null && (
          <p class="note">From {momentName(span.since, zone.value)} to {span.until ? momentName(span.until, zone.value) : 'now'}. The ledger
            sums in quarters of an hour. {sums.answer?.note ?? ''}</p>
        )}
      </Panel>
    </>
  );
}

function Over({ metric, group, plan, begin, end, asked }: {
  metric: Metric; group: Group; plan: Columns; begin: number; end: number; asked: Record<string, string | null>;
}) {
  const sums = useSums({ ...columnParams(plan, group), ...asked });
  const chart = useMemo(() => {
    const from = asked.since ? begin : firstTime(sums.data, plan.zone, begin);
    return chartOf(sums.data ?? [], group, metric, columnTimes(from, end, plan.rollup, plan.zone), plan.zone);
  }, [sums.data, group, metric, begin, end, plan.rollup, plan.zone]);
  const lines = place.value.params.get('as') === 'lines';
  const name = kMetrics.find(([one]) => one === metric)![1];
  const brush = (from: number, to: number) =>
    setParams({ since: new Date(from).toISOString(), until: new Date(to).toISOString(), span: null }, false);
  return (
    <Panel title={`${name} over time`} wide aside={plan.zone}>
      <Show of={sums}>
        {() => chart.series.length === 0 ? <Empty>Nothing to draw in this span.</Empty> : (
          <TimeChart chart={chart} rollup={plan.rollup} zone={plan.zone} kind={lines ? 'lines' : 'bars'} title={name} onBrush={brush}
                     show={isMoney(metric) ? showAxis : showTokens} />
        )}
      </Show>
      <p class="note">Drag over the chart to choose a span.</p>
    </Panel>
  );
}

function Sums({ rows, whole, group, metric, asked }: {
  rows: Sum[]; whole: Sum | null; group: Group; metric: Metric; asked: Record<string, string | null>;
}) {
  const money = (field: 'cost' | 'held'): Column<Sum> => {
    const decimals = columnDecimals([...rows.map((row) => parseMoney(row[field])), ...(whole ? [parseMoney(whole[field])] : [])]);
    return { head: field === 'cost' ? 'Spend' : 'Held', num: true, sort: (row) => parseMoney(row[field]), low: field === 'held',
             cell: (row) => <Money of={row[field]} decimals={decimals} />,
             total: whole ? <Money of={whole[field]} decimals={decimals} /> : '-' };
  };
  const count = (head: string, field: keyof Sum & string, low = false, tokens = false): Column<Sum> => {
    const show = (sum: Sum) => <span title={String(sum[field])}>{(tokens ? showTokens : showCount)(Number(sum[field]))}</span>;
    return { head, num: true, low, sort: (row) => Number(row[field]), cell: show, total: whole ? show(whole) : '-' };
  };
  const columns: Column<Sum>[] = [
    { head: kGroups.find(([one]) => one === group)![1], sort: (row) => String(row[group] ?? ''), total: 'All',
      cell: (row) => (group === 'none' ? 'All' : <Name of={String(row[group])} most={44} />) },
    money('cost'), count('Requests', 'requests'), count('Attempts', 'attempts', true), count('Failed', 'failed'),
    count('Refused', 'refused'), count('Input', 'input_tokens', false, true), count('Cached', 'cached_input_tokens', true, true),
    count('Output', 'output_tokens', false, true), count('Reasoning', 'reasoning_tokens', true, true), money('held'),
  ];
  const leads = ['project', 'model', 'provider', 'key', 'state'].includes(group);
  const sorted = [...rows].sort((a, b) => pixels(b, metric) - pixels(a, metric));
  const { since, until, ...filters } = asked;
  const key = place.value.params.get('key');
  return (
    <>
      <Table caption="Sums of the ledger" columns={columns} rows={sorted} id={(row) => String(row[group] ?? 'all')}
             href={leads ? (row) => (row[group] === '' ? null : link('/requests', { ...filters, since, until, [group]: String(row[group]) })) : undefined}
             empty="Nothing was asked in this span." />
      {whole && (group === 'key' || key) && whole.refused > 0 && group === 'key' &&
        <p class="note">Refused requests are counted by project and code, not by key.</p>}
      {whole && <p class="hidden">Exact spend: {moneyText(parseMoney(whole.cost))} USD</p>}
    </>
  );
}

function commandOf(group: Group, asked: Record<string, string | null>): string {
  const flags = Object.entries(asked).filter(([, value]) => value).map(([name, value]) => ` --${name} '${value!.replaceAll("'", "'\\''")}'`);
  return `gateway usage --by ${group}${flags.join('')}`;
}
