import { useMemo } from 'preact/hooks';
import { useApi } from '../lib/api';
import { showCount, showDuration, showShare } from '../lib/format';
import { link, place } from '../lib/router';
import { isSpan, spanOf, spanParams } from '../lib/span';
import { zone } from '../lib/router';
import type { Health, ProviderHealth, Sum, TargetHealth, TargetRecord } from '../lib/types';
import { Ago, Empty, Mark, Missing, Money, Name, now, Panel, Show } from '../ui/parts';
import { SpanPick, useSums } from '../ui/questions';
import { Table } from '../ui/table';

export function Providers() {
  const asked = place.value.params.get('span');
  const name = isSpan(asked) ? asked : '24h';
  const quarter = Math.floor(now.value / 900_000) * 900_000;
  const since = useMemo(() => spanParams(spanOf(name, quarter, zone.value)), [name, quarter, zone.value]);
  const health = useApi<Health>('health', 3_000);
  const sums = useSums({ by: 'provider', ...since }, 10_000);
  const codes = useSums({ by: 'provider,code', ...since }, 10_000);
  return (
    <>
      <div class="heading"><h1>Providers</h1><SpanPick name={name} /></div>
      <Show of={health}>
        {(state) => state.providers.length === 0 ? <Empty>The configuration has no provider.</Empty> : (
          <div class="grid">
            {state.providers.map((one) => {
              const sum = sums.data?.find((found) => found.provider === one.provider) ?? null;
              return (
                <Panel key={one.provider} title={<Name of={one.provider} />} wide
                       aside={<Mark tone={one.usable ? 'good' : 'bad'}>{one.usable ? 'usable' : 'not usable'}</Mark>}>
                  {sum ? <Sums sum={sum} /> : <p class="muted">Nothing was sent there in this span.</p>}
                  <Codes codes={(codes.data ?? []).filter((found) => found.provider === one.provider && found.code !== '' && found.failed > 0)} all={sum} />
                  <Targets provider={one} />
                </Panel>
              );
            })}
          </div>
        )}
      </Show>
      <Missing>Shares and percentiles are of the closed attempts of the last day at most, as <code>gateway top</code> shows them.</Missing>
    </>
  );
}

interface Target { model: string; health: TargetHealth | null; record: TargetRecord | null }

/** What has a breaker, and what was asked lately. */
function targetsOf({ targets, recent }: ProviderHealth): Target[] {
  const found: Target[] = targets.map((health) => ({ model: health.model, health, record: recent.find((one) => one.model === health.model) ?? null }));
  const known = new Set(found.map((one) => one.model));
  return [...found, ...recent.filter((one) => !known.has(one.model)).map((record) => ({ model: record.model, health: null, record }))];
}

function Targets({ provider }: { provider: ProviderHealth }) {
  const failed = (name: string) => ({ record }: Target) => {
    const found = record?.windows[name];
    if (!found || found.attempts === 0) return <span class="muted">-</span>;
    const codes = Object.entries(found.codes).map(([code, count]) => `${count} ${code}`).join(', ');
    const title = `${found.failed} of ${found.attempts} failed${codes ? `: ${codes}` : ''}${found.complete ? '' : '; of the newest rows only'}`;
    return <span title={title}>{showShare(found.failed, found.attempts)}{found.complete ? '' : ' *'}</span>;
  };
  const lengths = (name: 'first_byte_ms' | 'duration_ms') => ({ record }: Target) => {
    const found = record?.windows['1h']?.[name] ?? record?.windows['24h']?.[name];
    return found ? <span title={`p50 and p95 of ${record?.windows['1h']?.[name] ? 'the last hour' : '24 hours'}`}>{showDuration(found.p50)} / {showDuration(found.p95)}</span>
      : <span class="muted">-</span>;
  };
  return (
    <Table caption={`Targets at ${provider.provider}`} rows={targetsOf(provider)} id={(one) => `${one.model} ${one.health?.key ?? ''}`} count={null}
      empty="No target is known here yet."
      columns={[
        { head: 'Model', cell: (one) => <><Name of={one.model === '*' ? 'all others' : one.model} most={34} />{one.health?.key && <span class="muted"> {one.health.key}</span>}</> },
        { head: 'Breaker', cell: ({ health }) => !health ? <span class="muted">-</span> : (
          <Mark tone={health.breaker === 'closed' ? 'good' : health.breaker === 'open' ? 'bad' : 'warn'}>{health.breaker.replace('_', ' ')}
            {health.cooling_ms > 0 ? `, for ${showDuration(health.cooling_ms)}${health.reason ? `, ${health.reason}` : ''}` : ''}{health.resting_ms > 0 ? `, last for ${showDuration(health.resting_ms)}: ${health.outlier}` : ''}</Mark>) },
        { head: 'Failed, 5 min', num: true, wide: true, cell: failed('5m') },
        { head: '1 h', num: true, cell: failed('1h') },
        { head: '24 h', num: true, cell: failed('24h') },
        { head: 'First byte, p50 / p95', num: true, low: true, cell: lengths('first_byte_ms') },
        { head: 'Whole, p50 / p95', num: true, low: true, cell: lengths('duration_ms') },
        { head: 'Last success', low: true, cell: ({ record }) => <Ago at={record?.last_success ?? null} /> },
        { head: 'Last failure', low: true, cell: ({ record }) => record?.last_failure
          ? <><Ago at={record.last_failure} /><br /><small class="mono muted"><Name of={record.last_error ?? ''} most={22} /></small></> : <span class="muted">-</span> },
      ]} />
  );
}

function Sums({ sum }: { sum: Sum }) {
  const name = String(sum.provider);
  return (
    <dl class="facts across">
      <dt>Spend</dt><dd><a href={link('/usage', { provider: name })}><Money of={sum.cost} /></a></dd>
      <dt>Attempts</dt><dd><a href={link('/requests', { provider: name })}>{showCount(sum.attempts)}</a></dd>
      <dt>Failed</dt><dd><a href={link('/requests', { provider: name, state: 'failed' })}>{showCount(sum.failed)}</a>
        <span class="muted">, {showShare(sum.failed, sum.attempts)}</span></dd>
    </dl>
  );
}

function Codes({ codes, all }: { codes: Sum[]; all: Sum | null }) {
  if (codes.length === 0 || !all) return null;
  return (
    <ul class="plain chips">
      {[...codes].sort((a, b) => b.failed - a.failed).map((one) => (
        <li key={String(one.code)} class="chip"><code>{String(one.code)}</code> {showCount(one.failed)}<span class="muted">, {showShare(one.failed, all.attempts)}</span></li>
      ))}
    </ul>
  );
}
