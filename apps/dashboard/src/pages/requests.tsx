import { useEffect, useRef, useState } from 'preact/hooks';
import { call, CallError, query, send, useApi } from '../lib/api';
import { csvLines, download } from '../lib/csv';
import { showCount } from '../lib/format';
import { columnDecimals, parseMoney } from '../lib/money';
import { go, link, place, setParams, type Values } from '../lib/router';
import { followRows } from '../lib/follow';
import { joins, kMostRows, mergeClosed, mergeNewest, rowId, windowOf } from '../lib/rows';
import type { Key, Row } from '../lib/types';
import { Filters, filtersOf } from '../ui/filters';
import { Histogram } from '../ui/histogram';
import { Copy, Empty, Fault, Mark, Switch } from '../ui/parts';
import { ChooseColumns, rowColumns, type Shown } from '../ui/row_columns';

const kFilters = ['project', 'key', 'model', 'served_model', 'provider', 'endpoint', 'state', 'code', 'status', 'min_cost', 'min_duration',
                  'streamed', 'flag', 'request', 'since', 'until'] as const;
const kPage = 100;
const kHeight = 33;

export function Requests() {
  const params = place.value.params;
  const live = params.get('live') === '1';
  const asked = filtersOf(kFilters);
  const question = query('requests', { limit: kPage, ...asked });
  const [rows, setRows] = useState<Row[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const [error, setError] = useState<CallError | null>(null);
  const [busy, setBusy] = useState(false);
  const [waiting, setWaiting] = useState<Row[]>([]);
  const [gap, setGap] = useState(false);
  const [round, setRound] = useState(0);
  const state = useRef({ rows, waiting });
  state.current = { rows, waiting };
  const answered = useRef('');  // the question that the rows answer

  useEffect(() => {
    const abort = new AbortController();
    setBusy(true);
    setWaiting([]);
    setGap(false);
    call<Row[]>('GET', question, { signal: abort.signal }).then(
      (answer) => {
        answered.current = question;
        setRows(answer.data);
        setNext(answer.next ?? null);
        setError(null);
        setBusy(false);
      },
      (problem) => {
        if (abort.signal.aborted) return;
        setError(problem);
        setBusy(false);
      });
    return () => abort.abort();
  }, [question, round]);

  useEffect(() => {
    if (!live || asked.until || asked.request) return;
    const take = (data: Row[], merge: typeof mergeNewest) => {
      const { rows: old, waiting: held } = state.current;
      if (!old || answered.current !== question) return false;
      if (window.scrollY > 240) {
        const known = new Set(old.map(rowId));
        setRows(merge(old, data.filter((row) => known.has(rowId(row)))).rows);
        setWaiting(merge(held, data.filter((row) => !known.has(rowId(row)))).rows);
      } else {
        setRows(merge(mergeNewest(old, held).rows, data).rows);
        setWaiting([]);
      }
      setError(null);
      return true;
    };
    const look = async (signal: AbortSignal) => {
      if (!state.current.rows || answered.current !== question) return;
      const { data } = await call<Row[]>('GET', question, { signal });
      const { rows: old, waiting: held } = state.current;
      if (!joins([...held, ...(old ?? [])], data)) setGap(true);
      take(data, mergeNewest);
    };
    const { until, request, ...filters } = asked;
    return followRows(query('requests/stream', filters), { look, take: (rows) => take(rows, mergeClosed), fail: setError });
  }, [live, question]);

  const older = async () => {
    setBusy(true);
    try {
      const answer = await call<Row[]>('GET', query('requests', { limit: kPage, ...asked, cursor: next }));
      if (answered.current === question) {
        setRows((old) => [...(old ?? []), ...answer.data]);
        setNext(answer.next ?? null);
      }
    } catch (problem) {
      if (problem instanceof CallError) setError(problem);
    }
    setBusy(false);
  };
  const showWaiting = () => {
    setRows(mergeNewest(rows ?? [], waiting).rows);
    setWaiting([]);
    window.scrollTo(0, 0);
  };
  return (
    <>
      <div class="heading">
        <h1>Requests</h1>
        <div class="row">
          <Switch label="Live" data-key="l" on={live} disabled={!!(asked.until || asked.request)}
                  onPick={(on) => setParams({ live: on ? '1' : null })} />
          <ChooseColumns />
          <Export asked={asked} onError={setError} />
          <Copy text={location.href} label="Copy link" />
        </div>
      </div>
      <Filters names={kFilters} />
      {!asked.request && <Histogram asked={asked} />}
      <div class="hidden" role="status">{live && waiting.length > 0 ? `${waiting.length} new rows` : ''}</div>
      {waiting.length > 0 && <button type="button" class="news" onClick={showWaiting}>{showCount(waiting.length)} new</button>}
      {gap && <p class="note"><Mark tone="warn">More came than was shown.</Mark>{' '}
        <button type="button" class="small" onClick={() => setRound(round + 1)}>Show the latest</button></p>}
      {error && <Fault error={error} retry={() => setRound(round + 1)} />}
      {rows === null && !error && <div class="skeleton" role="status" aria-label="Loading">{Array.from({ length: 8 }, (_, i) => <div key={i} />)}</div>}
      {rows !== null && rows.length === 0 && !error && (
        <Empty>No request matches. Those that were refused before they were sent have no rows:{' '}
          <a href={link('/usage', { group: 'code', metric: 'refused' })}>see the sums by code</a>.</Empty>
      )}
      {rows !== null && rows.length > 0 && (
        <>
          <Rows rows={rows} busy={busy} />
          <p class="count">
            {showCount(rows.length)} rows{next ? ', and there are more' : ''}{rows.length >= kMostRows ? ' (the newest)' : ''}
            {next && rows.length < kMostRows && <> <button type="button" class="small" disabled={busy} onClick={older}>Load older</button></>}
          </p>
        </>
      )}
    </>
  );
}

function Rows({ rows, busy }: { rows: Row[]; busy: boolean }) {
  const keys = useApi<Key[]>('keys?limit=10000');
  const names = new Map((keys.data ?? []).map((one) => [one.id, one.name]));
  const body = useRef<HTMLTableSectionElement>(null);
  const [seen, setSeen] = useState({ from: 0, to: 80 });
  useEffect(() => {
    const look = () => {
      const top = body.current?.getBoundingClientRect().top ?? 0;
      const wanted = windowOf(rows.length, kHeight, top, innerHeight);
      setSeen((old) => (old.from === wanted.from && old.to === wanted.to ? old : wanted));
    };
    look();
    addEventListener('scroll', look, { passive: true });
    addEventListener('resize', look);
    return () => {
      removeEventListener('scroll', look);
      removeEventListener('resize', look);
    };
  }, [rows.length]);
  const decimals = columnDecimals(rows.slice(seen.from, seen.to).map((row) => parseMoney(row.cost)));
  const open = (event: MouseEvent, to: string) => {
    if (event.target instanceof Element && !event.target.closest('a') && !getSelection()?.toString()) go(to);
  };
  const columns = rowColumns();
  const shown: Shown = { decimals, keys: names };
  const kind = (one: (typeof columns)[number]) => [one.num && 'num', one.from, `c-${one.id}`].filter(Boolean).join(' ');
  const gap = (count: number) => <tr aria-hidden="true"><td><svg width="1" height={count * kHeight} /></td></tr>;
  return (
    <div class={busy ? 'scroll busy' : 'scroll'} role="region" aria-label="Requests" tabIndex={0}>
      <table class="rows" aria-rowcount={rows.length + 1}>
        <caption class="hidden">Requests, newest first</caption>
        <thead><tr>{columns.map((one) => <th key={one.id} scope="col" class={kind(one)}>{one.head}</th>)}</tr></thead>
        <tbody ref={body}>
          {seen.from > 0 && gap(seen.from)}
          {rows.slice(seen.from, seen.to).map((row, i) => {
            const to = link(`/requests/${row.request_id}`);
            return (
              <tr key={rowId(row)} class="leads" data-href={to} aria-rowindex={seen.from + i + 2} onClick={(event) => open(event, to)}>
                {columns.map((one, at) => <td key={one.id} class={kind(one)}>{at === 0 ? <a class="mono" href={to}>{one.cell(row, shown)}</a> : one.cell(row, shown)}</td>)}
              </tr>
            );
          })}
          {seen.to < rows.length && gap(rows.length - seen.to)}
        </tbody>
      </table>
    </div>
  );
}

/** All rows that match, not only those shown: the ledger streams them. */
function Export({ asked, onError }: { asked: Values; onError: (error: CallError) => void }) {
  const [count, setCount] = useState<number | null>(null);
  const run = async () => {
    setCount(0);
    try {
      const response = await send('GET', query('ledger/export', { ...asked, format: 'jsonl' }));
      const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
      const rows: Row[] = [];
      let rest = '';
      for (;;) {
        const { value, done } = await reader.read();
        const lines = (rest + (value ?? '')).split('\n');
        rest = lines.pop()!;
        for (const line of lines) if (line) rows.push(JSON.parse(line));
        setCount(rows.length);
        if (done) break;
      }
      const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
      download('requests.csv', csvLines(columns, rows));
    } catch (error) {
      onError(error instanceof CallError ? error : new CallError('The export broke off.', 0, null, null, null, 'GET ledger/export'));
    }
    setCount(null);
  };
  return <button type="button" class="small" data-key="e" disabled={count !== null} onClick={run}>{count === null ? 'CSV' : `${showCount(count)} rows`}</button>;
}
