import { query, useApi } from '../lib/api';
import { showCount } from '../lib/format';
import { columnDecimals, parseMoney } from '../lib/money';
import { link, place, setParams } from '../lib/router';
import type { Explanation, ExplainedTarget, Health, Model, Project } from '../lib/types';
import { Copy, Empty, Mark, Missing, Money, Name, Panel, Show } from '../ui/parts';
import { Table } from '../ui/table';

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
          <select name="endpoint">{['chat', 'embeddings'].map((one) => <option key={one} selected={one === asked.endpoint}>{one}</option>)}</select></label>
        <button type="submit" class="primary">Explain</button>
      </form>
      {!asked.model ? <Empty>Name a model to see where its requests go, what they hold, and why not elsewhere.</Empty>
        : <Show of={explained}>{(one) => <Explained one={one} health={health.data} />}</Show>}
      <Missing>A short request is assumed. Explaining a body of your own works on the command line: <code>gateway explain --body request.json</code></Missing>
    </>
  );
}

function Explained({ one, health }: { one: Explanation; health: Health | null }) {
  const decimals = columnDecimals(one.targets.filter((target) => target.hold).map((target) => parseMoney(target.hold!)));
  const breaker = (target: ExplainedTarget) => {
    const targets = health?.providers.find((found) => found.provider === target.provider)?.targets ?? [];
    return targets.find((found) => found.model === target.model) ?? targets.find((found) => found.model === '*') ?? null;
  };
  return (
    <Panel title={one.route ? <>Route <code>{one.route}</code></> : 'No route'} wide
           aside={<Copy text={`gateway explain --project '${one.project}' --model '${one.model}' --endpoint ${one.endpoint}`} label="As command" />}>
      {one.refusal
        ? <p><Mark tone="bad">Refused: {one.refusal.status} {one.refusal.code ?? one.refusal.type}</Mark> {one.refusal.message}</p>
        : <p><Mark tone="good">Would be sent</Mark> <span class="muted">at most {one.max_attempts} attempts; counted as {showCount(one.tokens)} tokens against the rate limit</span></p>}
      {!one.allowed && <p><Mark tone="bad">{one.project} may not use this model</Mark></p>}
      {one.targets.length > 0 && (
        <Table caption="Targets in their order" rows={one.targets} id={(target) => `${target.order} ${target.provider} ${target.model}`} count={null}
          columns={[
            { head: 'Order', num: true, cell: (target) => target.order ?? '-' },
            { head: 'Provider', cell: (target) => <a href={link('/providers')}><Name of={target.provider} /></a> },
            { head: 'Model', cell: (target) => <Name of={target.model} most={40} /> },
            { head: 'Verdict', cell: (target) => target.rejected ? <Mark tone="bad">{target.rejected}</Mark> : <Mark tone="good">may serve</Mark> },
            { head: 'Breaker', cell: (target) => { const state = breaker(target); return state ? <Mark tone={state.breaker === 'closed' ? 'good' : 'warn'}>{state.breaker.replace('_', ' ')}</Mark> : '-'; } },
            { head: 'Hold', num: true, cell: (target) => target.hold ? <Money of={target.hold} decimals={decimals} /> : '-' },
            { head: 'Longest answer', num: true, low: true, cell: (target) => target.output_bound === null ? '-' : showCount(target.output_bound) },
            { head: 'Price', low: true, cell: (target) => <code>{target.price_version ?? 'none'}</code> },
          ]} />
      )}
    </Panel>
  );
}
