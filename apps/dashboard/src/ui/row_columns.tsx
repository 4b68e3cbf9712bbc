// The columns of the ledger's rows, and which of them a reader has chosen.
import { useState } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import { between, shorten, showCount, showDuration, showTokens } from '../lib/format';
import { kept } from '../lib/kept';
import type { Row } from '../lib/types';
import { Dialog, Mark, Moment, Money, Name, type Tone } from './parts';

export interface Shown { decimals: number; keys: Map<string, string> }

interface RowColumn {
  id: string;
  head: string;
  cell: (row: Row, shown: Shown) => ComponentChildren;
  num?: boolean;
  on?: boolean;  // as long as nobody has chosen
  from?: 'wide-only' | 'low';  // how wide a page has it
}

const text = (of: string | null, most: number) => (of ? <Name of={of} most={most} /> : <span class="muted">-</span>);
const count = (of: number, show = showCount) => (of ? <span title={String(of)}>{show(of)}</span> : '-');

export const kRowColumns: readonly RowColumn[] = [
  { id: 'accepted', head: 'Accepted', on: true, cell: (row) => <Moment at={row.accepted} millis /> },
  { id: 'project', head: 'Project', on: true, from: 'wide-only', cell: (row) => <Name of={row.project} most={20} /> },
  { id: 'key', head: 'Key', on: true, from: 'low', cell: (row, { keys }) => <span title={row.key}><Name of={keys.get(row.key) || row.key} most={14} /></span> },
  { id: 'model', head: 'Model', on: true, cell: (row) => (
    <><Name of={row.asked_model === row.target_model ? row.asked_model : `${row.asked_model} → ${row.target_model}`} most={32} />
      {row.attempt > 1 && <span class="muted" title={`Attempt ${row.attempt}`}> ×{row.attempt}</span>}</>) },
  { id: 'served_model', head: 'Served model', from: 'low', cell: (row) => text(row.served_model, 28) },
  { id: 'provider', head: 'Provider', on: true, from: 'low', cell: (row) => <Name of={row.provider} most={18} /> },
  { id: 'endpoint', head: 'Endpoint', from: 'low', cell: (row) => row.endpoint },
  { id: 'streamed', head: 'Streamed', from: 'low', cell: (row) => (row.streamed ? 'yes' : <span class="muted">no</span>) },
  { id: 'state', head: 'State', on: true, cell: (row) => (
    <Mark tone={toneOf(row)}>{row.state === 'open' || row.state === 'adjustment' ? row.state : row.status ?? row.state}
      {row.error_code && <span title={row.error_code}> {shorten(row.error_code, 22)}</span>}</Mark>) },
  { id: 'flags', head: 'Flags', from: 'low', cell: (row) => text(row.flags.join(', '), 24) },
  { id: 'finish_reason', head: 'Finish', from: 'low', cell: (row) => text(row.finish_reason, 16) },
  { id: 'tokens', head: 'Tokens', num: true, on: true, from: 'wide-only', cell: (row) => (
    <span title={`${row.input_tokens} in, ${row.output_tokens} out`}>
      {row.input_tokens || row.output_tokens ? `${showTokens(row.input_tokens)} / ${showTokens(row.output_tokens)}` : '-'}</span>) },
  { id: 'cached_input_tokens', head: 'Cached', num: true, from: 'low', cell: (row) => count(row.cached_input_tokens, showTokens) },
  { id: 'reasoning_tokens', head: 'Reasoning', num: true, from: 'low', cell: (row) => count(row.reasoning_tokens, showTokens) },
  { id: 'hold', head: 'Hold', num: true, from: 'low', cell: (row) => <Money of={row.hold} /> },
  { id: 'cost', head: 'Cost', num: true, on: true, cell: (row, { decimals }) =>
    (row.cost_source === 'none' && row.cost === '0' ? '-' : <Money of={row.cost} decimals={decimals} />) },
  { id: 'cost_source', head: 'How known', from: 'low', cell: (row) => row.cost_source },
  { id: 'first_byte', head: 'First byte', num: true, on: true, from: 'low', cell: (row) => showDuration(between(row.dispatched, row.first_byte)) },
  { id: 'time', head: 'Time', num: true, on: true, from: 'wide-only', cell: (row) => showDuration(between(row.dispatched, row.ended)) },
  { id: 'client_request_id', head: "Client's id", from: 'low', cell: (row) => text(row.client_request_id, 24) },
];

export function toneOf(row: Row): Tone {
  if (row.state === 'failed') return 'bad';
  if (row.state === 'interrupted' || row.error_code) return 'warn';
  return row.state === 'open' ? 'plain' : 'good';
}

const usual = kRowColumns.filter((one) => one.on).map((one) => one.id);
const known = (found: unknown) => (Array.isArray(found) ? kRowColumns.filter((one) => found.includes(one.id)).map((one) => one.id) : null);
const chosen = kept<string[]>('gateway-columns', usual, known);

/** The moment leads to the request: it is always there. */
export const rowColumns = () => kRowColumns.filter((one) => one.id === 'accepted' || chosen.value.includes(one.id));

export function ChooseColumns() {
  const [is_open, setOpen] = useState(false);
  const put = (id: string, on: boolean) => {
    chosen.value = kRowColumns.map((one) => one.id).filter((one) => (one === id ? on : chosen.value.includes(one)));
  };
  return (
    <>
      <button type="button" class="small" data-key="v" onClick={() => setOpen(true)}>Columns</button>
      {is_open && (
        <Dialog title="Columns" onClose={() => setOpen(false)}>
          <fieldset class="two">
            <legend>Shown where there is room for them</legend>
            {kRowColumns.map((one) => (
              <label key={one.id} class="switch">
                <input type="checkbox" checked={rowColumns().includes(one)} disabled={one.id === 'accepted'}
                       onChange={(event) => put(one.id, event.currentTarget.checked)} />
                <span>{one.head}</span>
              </label>
            ))}
          </fieldset>
          <p class="row end">
            <button type="button" onClick={() => (chosen.value = usual)}>As at first</button>
            <button type="button" class="primary" onClick={() => setOpen(false)}>Done</button>
          </p>
        </Dialog>
      )}
    </>
  );
}
