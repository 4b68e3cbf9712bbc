import { useEffect, useRef, useState } from 'preact/hooks';
import { call, CallError, query, send, useApi } from '../lib/api';
import { csvLines, download } from '../lib/csv';
import { between, shorten, showCount, showDuration, showTokens } from '../lib/format';
import { columnDecimals, parseMoney } from '../lib/money';
import { go, link, place, setParams } from '../lib/router';
import { followRows } from '../lib/follow';
import { joins, kMostRows, mergeClosed, mergeNewest, rowId, windowOf } from '../lib/rows';
import type { Key, Row } from '../lib/types';
import { Filters } from '../ui/filters';
import { Histogram } from '../ui/histogram';
import { Copy, Empty, Fault, Mark, Moment, Money, Name, type Tone } from '../ui/parts';

const kFilters = ['project', 'key', 'model', 'provider', 'state', 'code', 'status', 'min_cost', 'min_duration', 'request', 'since', 'until'] as const;
const kPage = 100;
const kHeight = 33;

export function Requests() {
  const params = place.value.params;
  const live = params.get('live') === '1';
  const asked = Object.fromEntries(kFilters.map((name) => [name, params.get(name)]));
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
          <label class="switch">
            <input type="checkbox" data-key="l" checked={live} disabled={!!(asked.until || asked.request)}
                   onChange={(event) => setParams({ live: event.currentTarget.checked ? '1' : null })} />
            <span>Live</span>
          </label>
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

export function toneOf(row: Row): Tone {
  if (row.state === 'failed') return 'bad';
  if (row.state === 'interrupted' || row.error_code) return 'warn';
  return row.state === 'open' ? 'plain' : 'good';
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
  return (
    <div class={busy ? 'scroll busy' : 'scroll'} role="region" aria-label="Requests" tabIndex={0}>
      <table class="rows" aria-rowcount={rows.length + 1}>
        <caption class="hidden">Requests, newest first</caption>
        <thead>
          <tr>
            <th scope="col">Accepted</th><th scope="col" class="wide-only">Project</th><th scope="col" class="low">Key</th><th scope="col">Model</th>
            <th scope="col" class="low">Provider</th><th scope="col">State</th><th scope="col" class="num wide-only">Tokens</th>
            <th scope="col" class="num">Cost</th><th scope="col" class="num low">First byte</th><th scope="col" class="num wide-only">Time</th>
          </tr>
        </thead>
        <tbody ref={body}>
          {seen.from > 0 && <tr aria-hidden="true"><td colSpan={10}><svg width="1" height={seen.from * kHeight} /></td></tr>}
          {rows.slice(seen.from, seen.to).map((row, i) => {
            const to = link(`/requests/${row.request_id}`);
            const model = row.asked_model === row.target_model ? row.asked_model : `${row.asked_model} → ${row.target_model}`;
            return (
              <tr key={rowId(row)} class="leads" data-href={to} aria-rowindex={seen.from + i + 2} onClick={(event) => open(event, to)}>
                <td class="mono"><a href={to}><Moment at={row.accepted} millis /></a></td>
                <td class="wide-only"><Name of={row.project} most={20} /></td>
                <td class="low"><span title={row.key}><Name of={names.get(row.key) ?? row.key} most={14} /></span></td>
                <td><Name of={model} most={32} />{row.attempt > 1 && <span class="muted" title={`Attempt ${row.attempt}`}> ×{row.attempt}</span>}</td>
                <td class="low"><Name of={row.provider} most={18} /></td>
                <td><Mark tone={toneOf(row)}>{row.state === 'open' || row.state === 'adjustment' ? row.state : row.status ?? row.state}
                  {row.error_code ? ` ${shorten(row.error_code, 22)}` : ''}</Mark></td>
                <td class="num wide-only" title={`${row.input_tokens} in, ${row.output_tokens} out`}>
                  {row.input_tokens || row.output_tokens ? `${showTokens(row.input_tokens)} / ${showTokens(row.output_tokens)}` : '-'}</td>
                <td class="num">{row.cost_source === 'none' && row.cost === '0' ? '-' : <Money of={row.cost} decimals={decimals} />}</td>
                <td class="num low">{showDuration(between(row.dispatched, row.first_byte))}</td>
                <td class="num wide-only">{showDuration(between(row.dispatched, row.ended))}</td>
              </tr>
            );
          })}
          {seen.to < rows.length && <tr aria-hidden="true"><td colSpan={10}><svg width="1" height={(rows.length - seen.to) * kHeight} /></td></tr>}
        </tbody>
      </table>
    </div>
  );
}

/** All rows that match, not only those shown: the ledger streams them. */
function Export({ asked, onError }: { asked: Record<string, string | null>; onError: (error: CallError) => void }) {
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
