import { effect, signal } from '@preact/signals';
import { query, useApi, usePosted } from '../lib/api';
import { showCount, showDuration } from '../lib/format';
import { columnDecimals, parseMoney, perMillion } from '../lib/money';
import { link, place, setParams } from '../lib/router';
import { session } from '../lib/session';
import { curlOf, quoted } from '../lib/shell';
import type { Explanation, ExplainedTarget, Health, Model, Project } from '../lib/types';
import { Below, Copy, Empty, Mark, Missing, Money, Name, Panel, Show } from '../ui/parts';
import { kEndpoints } from '../ui/filters';
import { Table, type Column } from '../ui/table';

// The request that was pasted, as long as the page is open: it may be somebody's words, and is never part of an address.
const pasted = signal('');
effect(() => {
  if (!session.value) pasted.value = '';
});

export function Routes() {
  const params = place.value.params;
  const projects = useApi<Project[]>('projects?limit=10000');
  const models = useApi<Model[]>('models?limit=10000');
  const health = useApi<Health>('health', 5_000);
  const body = pasted.value;
  const asked = { project: params.get('project') ?? projects.data?.[0]?.name ?? null, model: params.get('model'),
                  endpoint: params.get('endpoint') ?? 'chat' };
  const path = asked.project && (asked.model || body) ? query('explain', asked) : null;
  const by_name = useApi<Explanation>(body ? null : path);
  const by_body = usePosted<Explanation>(body ? path : null, body);
  const ask = (event: Event) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    pasted.value = String(form.get('body') ?? '').trim();
    setParams(Object.fromEntries(['project', 'model', 'endpoint'].map((name) => [name, String(form.get(name) ?? '').trim()])), false);
  };
  return (
    <>
      <div class="heading"><h1>Routes</h1></div>
      <form onSubmit={ask} key={`${asked.project} ${asked.model} ${body}`}>
        <div class="bar">
          <label class="pick"><span>Project</span>
            <select name="project">{(projects.data ?? []).map((one) => <option key={one.name} selected={one.name === asked.project}>{one.name}</option>)}</select></label>
          <label class="pick grow"><span>Model</span>
            <input name="model" list="models" autocomplete="off" spellcheck={false} data-key="/" defaultValue={asked.model ?? ''} placeholder="as a client names it; empty: the request's own" /></label>
          <datalist id="models">{(models.data ?? []).map((one) => <option key={one.id} value={one.id} />)}</datalist>
          <label class="pick"><span>Endpoint</span>
            <select name="endpoint">{kEndpoints.map((one) => <option key={one} selected={one === asked.endpoint}>{one}</option>)}</select></label>
          <button type="submit" class="primary">Explain</button>
        </div>
        <details class="paste" open={body !== ''}>
          <summary>{body ? `For this request, ${showBytes(new Blob([body]).size)}` : 'Paste a request'}</summary>
          <textarea name="body" aria-label="The request's body" rows={7} spellcheck={false} autocomplete="off" defaultValue={body}
                    placeholder={'{"model": "...", "messages": [...]}'} />
          <p class="note">Its model, members, size and whether it streams are judged as a client's would be. It is sent to this server alone, which
            keeps nothing of it; the address does not have it, and it is gone with this page.
            {body && <> <button type="button" class="small" onClick={() => (pasted.value = '')}>Remove it</button></>}</p>
        </details>
      </form>
      {!path ? <Empty>Name a model, or paste a request, to see where it goes, what it holds, and why not elsewhere.</Empty>
        : <Show of={body ? by_body : by_name}>{(one) => <Explained one={one} health={health.data} asked={asked} by_body={body !== ''} />}</Show>}
      {!body && <Missing>A short request is assumed.</Missing>}
    </>
  );
}

const showBytes = (size: number) => (size < 1000 ? `${size} bytes` : `${(size / 1000).toFixed(1)} kB`);

/** The same question of a shell; what was pasted is in a file there. */
function commandsOf(asked: Record<string, string | null>, by_body: boolean): { command: string; curl: string } {
  const flags = Object.entries(asked).flatMap(([name, value]) => (value ? [`--${name}`, quoted(value)] : []));
  const file = by_body ? 'request.json' : undefined;
  return { command: ['gateway explain', ...flags, ...(file ? ['--body', file] : [])].join(' '), curl: curlOf(location.origin, query('explain', asked), file) };
}

function Explained({ one, health, asked, by_body }: { one: Explanation; health: Health | null; asked: Record<string, string | null>; by_body: boolean }) {
  const { command, curl } = commandsOf(asked, by_body);
  const decimals = columnDecimals(one.targets.map((target) => parseMoney(target.hold)));
  const breaker = (target: ExplainedTarget) => {
    const targets = health?.providers.find((found) => found.provider === target.provider)?.targets ?? [];
    return targets.find((found) => found.model === target.model) ?? targets.find((found) => found.model === '*') ?? null;
  };
  const has = (given: (target: ExplainedTarget) => boolean, column: Column<ExplainedTarget>) => (one.targets.some(given) ? [column] : []);
  return (
    <Panel title={one.route ? <>Route <code>{one.route}</code></> : 'No route'} wide
           aside={<>{one.strategy && <span>{one.strategy}</span>}
             {one.hedge && <span>hedged after {one.hedge.after}, at most {showCount(one.hedge.most)} a request</span>}
             <Copy text={command} label="As command" /><Copy text={curl} label="As curl" /></>}>
      {one.refusal
        ? <p><Mark tone="bad">Refused: {one.refusal.status} {one.refusal.code ?? one.refusal.type}</Mark> {one.refusal.message}</p>
        : <p><Mark tone="good">Would be sent</Mark> <span class="muted">{by_body && <><code>{one.model}</code>, at most {showCount(one.input_bound)} tokens of input; </>}at most {one.max_attempts} attempts; counted as {showCount(one.tokens)} tokens against the rate limit</span></p>}
      {one.allowed === false && <p><Mark tone="bad">{one.project} may not use this model</Mark></p>}
      {one.targets.length > 0 && (
        <><Table caption="Targets in their order" rows={one.targets} id={(target) => String(target.order)} count={null}
          columns={[
            { head: 'Turn', num: true, cell: (target) => target.rejected ? '-' : target.order },
            { head: 'Provider', cell: (target) => <><a href={link('/providers')}><Name of={target.provider} most={24} /></a>{target.key && <span class="muted"> {target.key}</span>}
              <Below><Name of={target.model} most={18} /></Below></> },
            { head: 'Model', wide: true, cell: (target) => <Name of={target.model} most={28} /> },
            ...has((target) => target.asked !== one.model, { head: 'Asked as', low: true, cell: (target) => <Name of={target.asked} most={24} /> }),
            { head: 'Verdict', cell: (target) => target.rejected ? <Mark tone="bad">{target.rejected}</Mark> : <Mark tone="good">may serve</Mark> },
            { head: 'Health', wide: true, cell: (target) => <HealthOf target={target} breaker={breaker(target)?.breaker ?? null} /> },
            { head: 'First event', num: true, low: true, cell: (target) => showDuration(target.first_event_ms) },
            ...(one.hedge ? [{ head: 'Hedged after', num: true, wide: true, cell: (target: ExplainedTarget) => showDuration(target.hedged_after_ms) }] : []),
            { head: 'Hold', num: true, cell: (target) => <Money of={target.hold} decimals={decimals} /> },
            { head: 'Input / output', num: true, low: true, cell: (target) => <>{perMillion(target.prices?.input)} / {perMillion(target.prices?.output)}</> },
            { head: 'Longest answer', num: true, low: true, cell: (target) => showCount(target.output_bound) },
            { head: 'Price', low: true, cell: (target) => <code><Name of={target.price_version ?? 'none'} most={22} /></code> },
          ]} />
        <p class="note low">Input and output in USD per million tokens. First event: how long an answer takes to begin, on average; without answers lately there is none.</p>
        {one.hedge && <p class="note wide-only">Hedged after: without an event for so long, a second attempt is made at the next target; where there is none, no hedge is made yet.</p>}</>
      )}
    </Panel>
  );
}

/** What would keep it from its turn at this moment. */
function HealthOf({ target, breaker }: { target: ExplainedTarget; breaker: string | null }) {
  if (target.rests_ms > 0) return <Mark tone="warn">rests for {showDuration(target.rests_ms)}{breaker && breaker !== 'closed' ? `, breaker ${breaker.replace('_', ' ')}` : ''}</Mark>;
  if (breaker && breaker !== 'closed') return <Mark tone="warn">breaker {breaker.replace('_', ' ')}</Mark>;
  return <Mark tone="good">ready{target.in_flight > 0 ? `, ${showCount(target.in_flight)} in flight` : ''}</Mark>;
}
