import { query, useApi } from '../lib/api';
import { showCount, showDuration } from '../lib/format';
import { columnDecimals, parseMoney, perMillion } from '../lib/money';
import { link, place, setParams } from '../lib/router';
import type { Explanation, ExplainedTarget, Health, Model, Project } from '../lib/types';
import { Below, Copy, Empty, Mark, Missing, Money, Name, Panel, Show } from '../ui/parts';
import { kEndpoints } from '../ui/filters';
import { Table, type Column } from '../ui/table';

export function Routes() {
  const params = place.value.params;
  const projects = useApi<Project[]>('projects?limit=10000');
  const models = useApi<Model[]>('models?limit=10000');
  const health = useApi<Health>('health', 5_000);
  const asked = { project: params.get('project') ?? projects.data?.[0]?.name ?? null, model: params.get('model'),
                  endpoint: params.get('endpoint') ?? 'chat' };
  const explained = useApi<Explanation>(asked.project && asked.model ? query('explain', asked) : null);
  const ask = (event: Event) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    setParams(Object.fromEntries(['project', 'model', 'endpoint'].map((name) => [name, String(form.get(name) ?? '').trim()])), false);
  };
  return (
    <>
      <div class="heading"><h1>Routes</h1></div>
      <form class="bar" onSubmit={ask} key={`${asked.project} ${asked.model}`}>
        <label class="pick"><span>Project</span>
          <select name="project">{(projects.data ?? []).map((one) => <option key={one.name} selected={one.name === asked.project}>{one.name}</option>)}</select></label>
        <label class="pick grow"><span>Model</span>
          <input name="model" list="models" required autocomplete="off" spellcheck={false} data-key="/" defaultValue={asked.model ?? ''} placeholder="as a client names it" /></label>
        <datalist id="models">{(models.data ?? []).map((one) => <option key={one.id} value={one.id} />)}</datalist>
        <label class="pick"><span>Endpoint</span>
          <select name="endpoint">{kEndpoints.map((one) => <option key={one} selected={one === asked.endpoint}>{one}</option>)}</select></label>
        <button type="submit" class="primary">Explain</button>
      </form>
      {!asked.model ? <Empty>Name a model to see where its requests go, what they hold, and why not elsewhere.</Empty>
        : <Show of={explained}>{(one) => <Explained one={one} health={health.data} />}</Show>}
      <Missing>A short request is assumed. Explaining a body of your own works on the command line: <code>gateway explain --body request.json</code></Missing>
    </>
  );
}

function Explained({ one, health }: { one: Explanation; health: Health | null }) {
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
             <Copy text={`gateway explain --project '${one.project}' --model '${one.model}' --endpoint ${one.endpoint}`} label="As command" /></>}>
      {one.refusal
        ? <p><Mark tone="bad">Refused: {one.refusal.status} {one.refusal.code ?? one.refusal.type}</Mark> {one.refusal.message}</p>
        : <p><Mark tone="good">Would be sent</Mark> <span class="muted">at most {one.max_attempts} attempts; counted as {showCount(one.tokens)} tokens against the rate limit</span></p>}
      {one.allowed === false && <p><Mark tone="bad">{one.project} may not use this model</Mark></p>}
      {one.targets.length > 0 && (
        <Table caption="Targets in their order" rows={one.targets} id={(target) => String(target.order)} count={null}
          columns={[
            { head: 'Turn', num: true, cell: (target) => target.rejected ? '-' : target.order },
            { head: 'Provider', cell: (target) => <><a href={link('/providers')}><Name of={target.provider} most={24} /></a>{target.key && <span class="muted"> {target.key}</span>}
              <Below><Name of={target.model} most={18} /></Below></> },
            { head: 'Model', wide: true, cell: (target) => <Name of={target.model} most={36} /> },
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
      )}
      <p class="note">Input and output in USD per million tokens. First event: how long an answer takes to begin, on average; without answers lately there is none.
        {one.hedge && ' Hedged after: without an event for so long, a second attempt is made at the next target; where there is none, no hedge is made yet.'}</p>
    </Panel>
  );
}

/** What would keep it from its turn at this moment. */
function HealthOf({ target, breaker }: { target: ExplainedTarget; breaker: string | null }) {
  if (target.rests_ms > 0) return <Mark tone="warn">rests for {showDuration(target.rests_ms)}{breaker && breaker !== 'closed' ? `, breaker ${breaker.replace('_', ' ')}` : ''}</Mark>;
  if (breaker && breaker !== 'closed') return <Mark tone="warn">breaker {breaker.replace('_', ' ')}</Mark>;
  return <Mark tone="good">ready{target.in_flight > 0 ? `, ${showCount(target.in_flight)} in flight` : ''}</Mark>;
}
