import { useMemo } from 'preact/hooks';
import { useApi } from '../lib/api';
import { showCount, showDuration, showShare } from '../lib/format';
import { link, place } from '../lib/router';
import { isSpan, spanOf, spanParams } from '../lib/span';
import { zone } from '../lib/router';
import type { Health, Sum } from '../lib/types';
import { Empty, Mark, Missing, Money, Name, now, Panel, Show } from '../ui/parts';
import { SpanPick, useSums } from '../ui/questions';

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
                <Panel key={one.provider} title={<Name of={one.provider} />}
                       aside={<Mark tone={one.usable ? 'good' : 'bad'}>{one.usable ? 'usable' : 'not usable'}</Mark>}>
                  {sum ? <Sums sum={sum} /> : <p class="muted">Nothing was sent there in this span.</p>}
                  <Codes codes={(codes.data ?? []).filter((found) => found.provider === one.provider && found.code !== '' && found.failed > 0)} all={sum} />
                  <ul class="plain lines targets">
                    {one.targets.map((target) => (
                      <li key={target.model}>
                        <code><Name of={target.model === '*' ? 'all others' : target.model} most={34} /></code>
                        <Mark tone={target.breaker === 'closed' ? 'good' : target.breaker === 'open' ? 'bad' : 'warn'}>{target.breaker.replace('_', ' ')}</Mark>
                        {target.resting_ms > 0 && <Mark tone="warn">last for {showDuration(target.resting_ms)}: {target.outlier}</Mark>}
                        <span class="muted right">{target.cooling_ms > 0 ? `cooling ${showDuration(target.cooling_ms)}${target.reason ? `, ${target.reason}` : ''}` : ''}</span>
                      </li>
                    ))}
                  </ul>
                </Panel>
              );
            })}
          </div>
        )}
      </Show>
      <Missing>Windows of five minutes, percentiles of first bytes and the time since a breaker opened are not in the administration yet.</Missing>
    </>
  );
}

function Sums({ sum }: { sum: Sum }) {
  const name = String(sum.provider);
  return (
    <dl class="facts">
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
    <ul class="plain lines">
      {[...codes].sort((a, b) => b.failed - a.failed).map((one) => (
        <li key={String(one.code)}><code>{String(one.code)}</code><span class="figure right">{showCount(one.failed)}
          <span class="muted">, {showShare(one.failed, all.attempts)}</span></span></li>
      ))}
    </ul>
  );
}
