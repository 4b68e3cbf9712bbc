import { useState } from 'preact/hooks';
import { useApi } from '../lib/api';
import { showCount, showTokens } from '../lib/format';
import { columnDecimals, parseMoney, perMillion } from '../lib/money';
import { link } from '../lib/router';
import type { Config, Model, Prices } from '../lib/types';
import { Ago, Below, Mark, Money, Name, Panel, Show } from '../ui/parts';
import { useSums } from '../ui/questions';
import { Table } from '../ui/table';

const rank = (prices: Prices | null, name: string) => {
  const text = prices?.[name];
  return typeof text === 'string' ? parseMoney(text) : -1n;
};

const kUnits: Record<string, string> = {
  request: 'request', image: 'image read', audio: 'audio read', web_search: 'search', image_output_each: 'image made',
  audio_second: 'second of audio', character: 'character',
};

export function Models() {
  const models = useApi<Model[]>('models?limit=10000');
  const config = useApi<Config>('config');
  const sums = useSums({ by: 'model', since: '30d' });
  const [search, setSearch] = useState('');
  const used = new Map((sums.data ?? []).map((sum) => [String(sum.model), sum]));
  const targets = (id: string) => config.data?.models[id]?.targets.map((one) => `${one.provider}${one.model ? ` ${one.model}` : ''}`).join(', then ') ?? null;
  const decimals = columnDecimals([...used.values()].map((sum) => parseMoney(sum.cost)));
  const notes = (prices: Prices | null) => !prices ? [] : [
    ...(prices.overrides.length ? [`${prices.overrides.length} under a condition`] : []),
    ...(Object.keys(prices.service_tiers).length ? [`tiers: ${Object.keys(prices.service_tiers).join(', ')}`] : []),
    ...Object.entries(kUnits).filter(([unit]) => typeof prices[unit] === 'string' && prices[unit] !== '0')
      .map(([unit, word]) => `$${prices[unit]} per ${word}`),
  ];
  return (
    <>
      <div class="heading"><h1>Models</h1>
        <input type="search" aria-label="Search models" placeholder="Search" data-key="/" value={search} onInput={(event) => setSearch(event.currentTarget.value)} /></div>
      <Show of={models}>
        {(all) => (
          <Table caption="Models that clients may ask for; prices in USD per million tokens" id={(one) => one.id}
            rows={all.filter((one) => `${one.id} ${one.provider}`.toLowerCase().includes(search.toLowerCase())).slice(0, 500)}
            count={`${showCount(all.length)} models${all.length > 500 ? ', the first 500 that match are shown' : ''}. Prices in USD per million tokens.`}
            href={(one) => link('/routes', { model: one.id })} order={{ head: 'Model', down: false }}
            empty={search ? 'No model matches.' : 'The configuration offers no model.'}
            columns={[
              { head: 'Model', sort: (one) => one.id, cell: (one) => <><Name of={one.id} most={44} />
                <Below low>to <Name of={targets(one.id) ?? one.provider} most={44} />{notes(one.prices).map((note) => <>, <span class="figure">{note}</span></>)}</Below></> },
              { head: 'Goes to', low: true, cell: (one) => <Name of={targets(one.id) ?? one.provider} most={24} /> },
              { head: 'Context', num: true, wide: true, sort: (one) => one.context_length ?? 0, cell: (one) => one.context_length ? showTokens(one.context_length) : '-' },
              { head: 'Input', num: true, sort: (one) => rank(one.prices, 'input'), cell: (one) => perMillion(one.prices?.input) },
              { head: 'Cached', num: true, low: true, sort: (one) => rank(one.prices, 'cached_input'), cell: (one) => perMillion(one.prices?.cached_input) },
              { head: 'Output', num: true, sort: (one) => rank(one.prices, 'output'), cell: (one) => perMillion(one.prices?.output) },
              { head: 'Also', low: true, cell: (one) => { const also = notes(one.prices); return also.length ? <span class="wrap">{also.map((note) => <><span class="figure">{note}</span> </>)}</span> : <span class="muted">-</span>; } },
              { head: 'Price of', low: true, sort: (one) => one.price_version ?? '', cell: (one) => one.list_differs.length > 0
                ? <a href="#differences" title={`${one.price_version}: not as the provider lists it`}><Mark tone="warn">configuration</Mark></a>
                : <PriceOf version={one.price_version} /> },
              { head: 'Spend, 30 days', num: true, wide: true, sort: (one) => parseMoney(used.get(one.id)?.cost ?? '0'),
                cell: (one) => sums.data ? <a href={link('/usage', { model: one.id, span: '30d' })}><Money of={used.get(one.id)?.cost ?? '0'} decimals={decimals} /></a> : '-' },
            ]} />
        )}
      </Show>
      {models.data && <Differences models={models.data} />}
      <Patterns config={config.data} />
    </>
  );
}

/** "openrouter@2026-11-22T13:00:00Z", "builtin@2026-11", "config@1a2b3c4d": whose, and of when. */
function PriceOf({ version }: { version: string | null }) {
  if (version === null) return <span class="muted">not known</span>;
  const [list, of] = version.split('@');
  if (list === 'config') return <span class="muted" title={version}>configuration</span>;
  return <span title={version}>{list === 'builtin' ? 'built in' : list}{of && <>, {/T/.test(of) ? <Ago at={of} /> : of}</>}</span>;
}

/** Where the configuration has prices of its own that are not those of the provider's list. */
function Differences({ models }: { models: Model[] }) {
  const rows = models.flatMap((model) => model.list_differs.map((one) => ({ ...one, model })));
  if (rows.length === 0) return null;
  const amount = (text: string | null, unit: string | null) => (text === null ? '-' : unit ? `$${text}` : text);
  return (
    <Panel title="Not as the provider lists it" wide id="differences">
      <Table caption="Prices that differ from the provider's list" rows={rows} id={(row) => `${row.model.id} ${row.figure} ${row.condition}`}
        columns={[
          { head: 'Model', sort: (row) => row.model.id, cell: (row) => <Name of={row.model.id} most={44} /> },
          { head: 'Price', cell: (row) => <>{row.figure.replaceAll('_', ' ')}{row.condition && <span class="muted"> {row.condition}</span>}</> },
          { head: 'Here', num: true, cell: (row) => <span class="figure">{amount(row.here, row.unit)}</span> },
          { head: 'Listed', num: true, cell: (row) => <span class="figure">{amount(row.listed, row.unit)}</span> },
          { head: 'For', wide: true, cell: (row) => <span class="muted">{row.unit?.replaceAll('_', ' ') ?? ''}</span> },
          { head: 'List', low: true, cell: (row) => <PriceOf version={row.model.list_version} /> },
        ]} />
      <p class="note">Requests are billed by the prices here. Lists are read again while the server runs; <code>gateway prices diff</code> asks the provider now.</p>
    </Panel>
  );
}

function Patterns({ config }: { config: Config | null }) {
  const patterns = Object.entries(config?.models ?? {}).filter(([name]) => name.endsWith('*'));
  if (patterns.length === 0) return null;
  return (
    <Panel title="Patterns" wide>
      <p class="muted">Names that no model above has are matched by the longest of these.</p>
      <ul class="plain lines">
        {patterns.map(([name, route]) => (
          <li key={name}><code>{name}</code><span class="muted">to</span>
            <span>{route.targets.map((one) => one.provider + (one.strip ? ` without ${one.strip}` : '')).join(', then ')}</span></li>
        ))}
      </ul>
    </Panel>
  );
}
