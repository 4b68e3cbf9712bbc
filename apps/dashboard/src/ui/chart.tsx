// Bars or lines over time. The canvas is for the eye; a sentence, the arrow keys and a table say the same.
import { useEffect, useRef, useState } from 'preact/hooks';
import { coloursOf, kOther, resolvedColours } from '../lib/colours';
import { shorten } from '../lib/format';
import { parseMoney, showMoney } from '../lib/money';
import { scheme } from '../lib/theme';
import { columnLength, columnName, stack, tickName, touchedSpan, type Chart, type Rollup, type Series } from '../lib/usage';

export interface Line { name: string; values: (number | null | undefined)[] }

interface Props {
  chart: Chart;
  rollup: Rollup;
  zone: string;
  kind: 'bars' | 'lines';
  show: (value: number) => string;
  title: string;
  height?: number;
  lines?: Line[];  // drawn over it; they are part of no sum
  colours?: ReadonlyMap<string, number>;  // of the series, if their names mean something
  onBrush?: (since: number, until: number) => void;
}

export function showAxis(value: number): string {
  if (value === 0) return '$0';
  return showMoney(parseMoney(value.toFixed(12)));
}

interface Plot {
  over: HTMLElement;
  setCursor: (at: { left: number; top: number }) => void;
  setSelect: (at: { left: number; top: number; width: number; height: number }, tell: boolean) => void;
  valToPos: (value: number, scale: string) => number;
}

const kNone: Line[] = [];
const kLineDashes = [[4, 3], [10, 4], [2, 3], [2, 3]];
const kDashes = [[], [6, 3], [2, 3], [8, 3, 2, 3], [12, 4], [4, 4], [1, 4], [10, 2, 2, 2, 2, 2], [3, 6]];

export function TimeChart(props: Props) {
  const { chart, rollup, zone, show, title, lines = kNone } = props;
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [cursor, setCursor] = useState<number | null>(null);
  const [asTable, setAsTable] = useState(false);
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | null>(null);
  const anchor = useRef<number | null>(null);  // where a selection by keys began
  const colours = props.colours ?? coloursOf(chart.series.filter((one) => !one.others).map((one) => one.name));
  const shown = chart.series.filter((one) => !hidden.has(one.name));
  const step = columnLength(rollup) / 1000;
  const height = props.height ?? 220;
  const pick = (from: number, to: number) => {
    const span = touchedSpan(chart.times, rollup, zone, from, to);
    if (span) props.onBrush?.(span.since, span.until);
  };

  const latest = useRef(pick);
  latest.current = pick;

  useEffect(() => {
    if (asTable || !host.current) return;
    let gone = false;
    let made: { destroy: () => void; setSize: (size: { width: number; height: number }) => void } | null = null;
    const box = host.current;
    const watch = new ResizeObserver(() => made?.setSize({ width: box.clientWidth, height }));
    import('uplot').then(({ default: UPlot }) => {
      if (gone) return;
      const palette = resolvedColours([...Array.from({ length: 8 }, (_, i) => `--s${i}`), '--muted', '--line', '--panel']);
      const colour = (one: Series) => palette[one.others ? kOther : colours.get(one.name) ?? kOther];
      const bars = props.kind === 'bars';
      const has_gaps = box.clientWidth > chart.times.length * 8;  // so narrow that bars stand apart
      const times = chart.times.map((at) => at / 1000);
      const padded = (values: Line['values']) => times.map((_, i) => values[i] ?? null);  // a series may end before the times do
      const stacked = bars ? stack(shown.map((one) => one.values)) : shown.map((one) => one.values);
      const order = shown.map((_, i) => i);
      if (bars) order.reverse();  // the highest sum is drawn first, the lower ones over it
      const axis = { stroke: palette[8], ticks: { show: false }, font: '12px system-ui', grid: { stroke: palette[9], width: 1 } };
      const uplot = new UPlot({
        width: box.clientWidth, height, ms: 1, legend: { show: false }, padding: [8, bars ? 20 : 32, 0, 0],
        tzDate: (ts: number) => UPlot.tzDate(new Date(ts), zone),
        scales: {
          x: { time: true, range: (_u: unknown, low: number, high: number) => [low - (bars ? step * 500 : 0), high + (bars ? step * 500 : 0)] },
          y: { range: (_u: unknown, _low: number, high: number) => [0, high > 0 ? high * 1.08 : 1] },
        },
        axes: [
          { ...axis, grid: { show: false }, size: 28, splits: () => ticksOf(chart.times, box.clientWidth),
            values: (_u: unknown, splits: number[]) => splits.map((at) => tickName(at, rollup, zone)) },
          { ...axis, size: (_u: unknown, values: string[] | null) => Math.max(48, ...(values ?? []).map((v) => v.length * 7 + 14)),
            // Between two whole numbers there is nothing to count: halves that would read like their neighbour have no label.
            values: (_u: unknown, splits: number[]) => splits.map(show).map((text, i, all) => (text === all[i + 1] ? '' : text)) },
        ],
        cursor: { points: { show: !bars }, y: false, drag: { x: !!props.onBrush, y: false, setScale: false } },
        series: [
          {},
          ...order.map((i) => ({
            label: shown[i].name, stroke: bars ? palette[10] : colour(shown[i]), width: bars ? (has_gaps ? 1 : 0) : 2,
            fill: bars ? colour(shown[i]) : undefined,
            dash: bars ? undefined : kDashes[colours.get(shown[i].name) ?? kOther],
            paths: bars ? UPlot.paths.bars!({ size: [has_gaps ? 0.7 : 1, 48], align: 0 }) : undefined,
            points: { show: !bars && chart.times.length < 60, size: 5 },
          })),
          ...lines.map((one, i) => ({ label: one.name, stroke: palette[8], width: 2, dash: kLineDashes[i % kLineDashes.length], points: { show: false } })),
        ],
        hooks: {
          setCursor: [(u: { cursor: { idx?: number | null } }) => setCursor(u.cursor.idx ?? null)],
          setSelect: [(u: { select: { left: number; width: number }; posToVal: (p: number, s: string) => number }) => {
            if (u.select.width > 4) latest.current(u.posToVal(u.select.left, 'x'), u.posToVal(u.select.left + u.select.width, 'x'));
          }],
        },
      } as never, [times.map((at) => at * 1000), ...order.map((i) => padded(stacked[i])), ...lines.map((one) => padded(one.values))] as never, box);
      made = uplot;
      plot.current = uplot;
      watch.observe(box);
    });
    return () => {
      gone = true;
      watch.disconnect();
      made?.destroy();
      plot.current = null;
    };
  }, [chart, lines, hidden, asTable, props.kind, scheme.value, zone]);

  const whole = chart.times.map((_, i) => (shown.some((one) => i < one.values.length) ? shown.reduce((sum, one) => sum + one.values[i], 0) : null));
  const most = Math.max(...whole.map((value) => value ?? 0));
  const peak = Math.max(0, whole.indexOf(most));
  const summary = chart.series.length === 0 ? `${title}: nothing.`
    : `${title}: ${chart.series.length} series over ${chart.times.length} ${rollup === 'quarter' ? 'quarters of an hour' : `${rollup}s`}, most on ` +
      `${columnName(chart.times[peak], rollup, zone)} with ${show(most)}; largest is ${chart.series[0].name || 'none'}.`;
  const move = (event: KeyboardEvent) => {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (props.onBrush && cursor !== null && event.key === 'Enter') {
      event.preventDefault();
      const [from, to] = [cursor, anchor.current ?? cursor].sort((a, b) => a - b);
      return pick(chart.times[from], chart.times[to]);
    }
    if (!by) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(chart.times.length - 1, (cursor ?? (by > 0 ? -1 : chart.times.length)) + by));
    setCursor(next);
    const drawn = plot.current;
    if (!drawn) return;
    drawn.setCursor({ left: drawn.valToPos(chart.times[next], 'x'), top: 10 });
    anchor.current = props.onBrush && event.shiftKey ? anchor.current ?? cursor ?? next : null;
    const [from, to] = [chart.times[next], chart.times[anchor.current ?? next]].sort((a, b) => a - b);
    const left = drawn.valToPos(from - step * 500, 'x');
    const width = anchor.current === null ? 0 : drawn.valToPos(to + step * 500, 'x') - left;
    drawn.setSelect({ left, width, top: 0, height: drawn.over.clientHeight }, false);
  };
  const toggle = (name: string) => {
    const next = new Set(hidden);
    if (!next.delete(name)) next.add(name);
    setHidden(next);
  };
  const at = cursor !== null && cursor < chart.times.length ? cursor : null;
  return (
    <div class="chart">
      {asTable ? <ChartTable {...props} /> : (
        <div class={height < 220 ? 'canvas low-canvas' : 'canvas'} ref={host} role="img" aria-label={props.onBrush ? `${summary} Shift and arrows select columns, Enter shows their span.` : summary} tabIndex={0} onKeyDown={move} />
      )}
      <p class="readout" aria-live="polite">
        {at === null ? ' ' : `${columnName(chart.times[at], rollup, zone)}: ${[showOr(whole[at], show), ...lines.map((one) => `${one.name} ${showOr(one.values[at], show)}`)].join(', ')}`}
      </p>
      <div class="legend">
        {chart.series.map((one) => (
          <button key={one.name} type="button" aria-pressed={!hidden.has(one.name)} title={one.name} onClick={() => toggle(one.name)}>
            <span class={`swatch s${one.others ? kOther : colours.get(one.name) ?? kOther}`} aria-hidden="true" />
            {one.others ? `and ${one.others.count} more: ${show(one.others.total)}` : one.name === '' ? 'none' : shorten(one.name, 28)}
            {at !== null && <span class="figure muted"> {showOr(one.values[at], show)}</span>}
          </button>
        ))}
        {lines.map((one, i) => <span key={one.name} class="key"><span class={`dashed d${i}`} aria-hidden="true" />{one.name}</span>)}
        <button type="button" class="small right" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>Table</button>
      </div>
    </div>
  );
}

/** Every so many columns, so that their names have room. */
function ticksOf(times: number[], width: number): number[] {
  const every = Math.max(1, Math.ceil((times.length * 72) / Math.max(1, width - 64)));
  return times.filter((_, i) => (times.length - 1 - i) % every === 0);
}

const showOr = (value: number | null | undefined, show: (value: number) => string) => (value === null || value === undefined ? '-' : show(value));

function ChartTable({ chart, rollup, zone, show, title, lines = kNone }: Props) {
  const head = (one: Series) => (one.others ? `${one.others.count} more` : one.name || 'none');
  return (
    <div class="scroll short" tabIndex={0} role="region" aria-label={title}>
      <table>
        <caption class="hidden">{title}</caption>
        <thead><tr><th scope="col">Time</th>{chart.series.map((one) => <th key={one.name} scope="col" class="num">{head(one)}</th>)}
          {lines.map((one) => <th key={one.name} scope="col" class="num">{one.name}</th>)}</tr></thead>
        <tbody>
          {chart.times.map((at, i) => (
            <tr key={at}><th scope="row">{columnName(at, rollup, zone)}</th>
              {chart.series.map((one) => <td key={one.name} class="num">{showOr(one.values[i], show)}</td>)}
              {lines.map((one) => <td key={one.name} class="num">{showOr(one.values[i], show)}</td>)}</tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
