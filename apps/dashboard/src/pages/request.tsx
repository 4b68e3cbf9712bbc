import { query, useApi } from '../lib/api';
import { between, showCount, showDuration } from '../lib/format';
import { moneyText, parseMoney, sumMoney } from '../lib/money';
import { link } from '../lib/router';
import { curlOf } from '../lib/shell';
import type { Config, Row } from '../lib/types';
import { Copy, Fault, Mark, Moment, Money, Name, Panel, Show } from '../ui/parts';
import { rowId } from '../lib/rows';
import { toneOf } from '../ui/row_columns';

export function Request({ id }: { id: string }) {
  const loaded = useApi<Row[]>(`requests/${encodeURIComponent(id)}`, 0);
  return (
    <>
      <div class="heading">
        <h1 class="mono">{id}</h1>
        <div class="row"><Copy text={id} label="Copy id" /><a class="button small" href={link('/requests')}>All requests</a></div>
      </div>
      {loaded.error?.status === 404 && !loaded.data
        ? <div class="panel wide"><h2>No row</h2><p>{loaded.error.message}</p></div>
        : loaded.error && !loaded.data ? <Fault error={loaded.error} retry={loaded.reload} />
        : <Show of={loaded}>{(rows) => <Rows rows={rows} />}</Show>}
    </>
  );
}

function Rows({ rows }: { rows: Row[] }) {
  const attempts = rows.filter((row) => row.entry === 0).sort((a, b) => a.attempt - b.attempt);
  const entries = rows.filter((row) => row.entry !== 0);
  const last = attempts.at(-1) ?? rows[0];
  const cost = sumMoney(rows.map((row) => parseMoney(row.cost)));
  const config = useApi<Config>('config');
  const logs = logsOf(config.data?.providers[last.provider]);
  const explain = { project: last.project, model: last.asked_model, endpoint: last.endpoint };
  return (
    <div class="grid">
      <Panel title="Attempts" wide aside={`${attempts.length} in ${showDuration(between(last.accepted, last.ended))}`}>
        <Waterfall attempts={attempts} />
      </Panel>
      <Panel title="Request">
        <dl class="facts">
          <dt>Accepted</dt><dd><Moment at={last.accepted} millis /></dd>
          <dt>Project</dt><dd><a href={link(`/projects/${encodeURIComponent(last.project)}`)}><Name of={last.project} /></a></dd>
          <dt>Key</dt><dd><a class="mono" href={link('/requests', { key: last.key })}>{last.key}</a></dd>
          <dt>Asked for</dt><dd>{last.asked_model}, {last.endpoint}{last.streamed ? ', streamed' : ''}</dd>
          <dt>Served by</dt><dd>{last.served_model ?? '-'} at {last.provider}</dd>
          <dt>Ended</dt><dd><Mark tone={toneOf(last)}>{last.state}{last.error_code ? ` ${last.error_code}` : ''}</Mark>
            {last.finish_reason && <span class="muted"> {last.finish_reason}</span>}</dd>
          {last.client_request_id && <><dt>Client's id</dt><dd class="mono">{last.client_request_id}</dd></>}
          {last.generation_id && <><dt>Provider's id</dt><dd><span class="mono">{last.generation_id}</span> <Copy text={last.generation_id} />
            {logs && <> <a href={logs} target="_blank" rel="noreferrer noopener">Logs of {last.provider}</a></>}</dd></>}
          {last.flags.length > 0 && <><dt>Flags</dt><dd>{last.flags.join(', ')}</dd></>}
        </dl>
        <p class="row">
          <a class="button small" href={link('/routes', explain)}>Explain its route</a>
          <Copy text={`gateway request ${last.request_id}`} label="As command" />
          <Copy text={curlOf(location.origin, query('explain', explain))} label="Explain as curl" />
        </p>
      </Panel>
      <Panel title="Cost">
        <dl class="facts money">
          <dt>Cost</dt><dd><span class="figure">${moneyText(cost)}</span></dd>
          <dt>Held before</dt><dd><span class="figure">${moneyText(sumMoney(attempts.map((row) => parseMoney(row.hold))))}</span></dd>
          {last.upstream_cost !== '0' && <><dt>Upstream</dt><dd><span class="figure">${last.upstream_cost}</span></dd></>}
          <dt>How known</dt><dd>{last.cost_source}</dd>
          <dt>Price</dt><dd class="mono">{last.price_version ?? '-'}</dd>
          <dt>Input tokens</dt><dd class="figure">{showCount(last.input_tokens)}</dd>
          <dt>of them cached</dt><dd class="figure">{showCount(last.cached_input_tokens)}</dd>
          <dt>Output tokens</dt><dd class="figure">{showCount(last.output_tokens)}</dd>
          <dt>of them reasoning</dt><dd class="figure">{showCount(last.reasoning_tokens)}</dd>
        </dl>
      </Panel>
      {entries.length > 0 && (
        <Panel title="Corrections" wide>
          <ul class="plain lines">
            {entries.map((row) => (
              <li key={rowId(row)}><Moment at={row.accepted} /><span>{row.state}</span><span class="muted">{row.cost_source}</span>
                <span class="right"><Money of={row.cost} /></span></li>
            ))}
          </ul>
        </Panel>
      )}
    </div>
  );
}

/** Where the provider itself shows its requests; its page finds one by its id. Null: it has no such page that is known. */
function logsOf(provider: Config['providers'][string] | undefined): string | null {
  const host = provider?.base_url ? new URL(provider.base_url).hostname : null;
  if (provider?.type === 'openrouter' && (host === null || host === 'openrouter.ai')) return 'https://openrouter.ai/logs';
  if (provider?.type === 'openai' && (host === null || host === 'api.openai.com')) return 'https://platform.openai.com/logs';
  return null;
}

function Waterfall({ attempts }: { attempts: Row[] }) {
  const accepted = attempts[0]?.accepted ?? null;
  const at = (moment: string | null) => between(accepted, moment) ?? 0;
  const end = Math.max(0.001, ...attempts.map((row) => at(row.ended ?? row.first_byte ?? row.dispatched)));
  const scale = (ms: number) => (ms / end) * 1000;
  return (
    <ol class="waterfall plain">
      {attempts.map((row) => {
        const sent = scale(at(row.dispatched));
        const first = row.first_byte ? scale(at(row.first_byte)) : null;
        const done = row.ended ? scale(at(row.ended)) : 1000;
        const tone = toneOf(row);
        const speed = row.first_byte && row.ended ? between(row.first_byte, row.ended)! : 0;
        const rate = speed >= 50 && row.output_tokens > 1 ? Math.round((row.output_tokens / speed) * 1000) : null;
        return (
          <li key={rowId(row)}>
            <span class="who"><strong>{row.attempt}</strong> <Name of={row.provider} most={18} />
              <small class="muted"><Name of={row.target_model} most={30} /></small></span>
            <svg class={tone} viewBox="0 0 1000 16" preserveAspectRatio="none" aria-hidden="true">
              <rect class="track" width="1000" height="16" />
              <rect class="wait" x={sent} width={Math.max(2, (first ?? done) - sent)} height="16" />
              {first !== null && <rect class="flow" x={Math.min(first, 996)} width={Math.max(4, done - first)} height="16" />}
            </svg>
            <span class="end"><Mark tone={tone}>{row.status ?? row.state}{row.error_code ? ` ${row.error_code}` : ''}</Mark>
              <small class="muted">first byte {showDuration(between(row.dispatched, row.first_byte))}, end{' '}
                {showDuration(between(row.dispatched, row.ended))}{rate ? `, ${rate} tok/s` : ''}
                {row.flags.length ? `, ${row.flags.join(', ')}` : ''}</small></span>
          </li>
        );
      })}
    </ol>
  );
}
