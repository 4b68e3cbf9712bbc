import { useMemo, useState } from 'preact/hooks';
import { call, useApi } from '../lib/api';
import { showCount } from '../lib/format';
import { columnDecimals, parseMoney, permille } from '../lib/money';
import { go, link, zone } from '../lib/router';
import { isAdmin, mayWrite } from '../lib/session';
import type { Key, LiveLimits, Model, Project } from '../lib/types';
import { Below, CapBar, Dialog, Empty, Fault, Mark, Money, Name, Panel, now, Show, Ago, Destroy } from '../ui/parts';
import { columnTimes, wholeColumns } from '../lib/usage';
import { startOfDay } from '../lib/zones';
import { showAxis, TimeChart } from '../ui/chart';
import { columnParams, spanParams, useSums } from '../ui/questions';
import { Table } from '../ui/table';
import { periodName } from './overview';
import { ProjectForm } from './project_form';

const kMostKeys = 10;

export function Projects() {
  const projects = useApi<Project[]>('projects?limit=10000', 15_000);
  const sums = useSums({ by: 'project', since: '30d' });
  const [making, setMaking] = useState(false);
  const spent = new Map((sums.data ?? []).map((sum) => [String(sum.project), sum]));
  const decimals = columnDecimals([...spent.values()].map((sum) => parseMoney(sum.cost)));
  return (
    <>
      <div class="heading"><h1>Projects</h1>{mayWrite() && <button type="button" class="primary" onClick={() => setMaking(true)}>Create project</button>}</div>
      {making && (
        <Dialog title="Create project" onClose={() => setMaking(false)}>
          <ProjectForm onDone={(made) => { setMaking(false); go(link(`/projects/${encodeURIComponent(made.name)}`)); }}
                       onCancel={() => setMaking(false)} />
        </Dialog>
      )}
      <Show of={projects}>
        {(all) => (
          <Table caption="Projects" rows={all} id={(one) => one.name} href={(one) => link(`/projects/${encodeURIComponent(one.name)}`)}
            order={{ head: 'Name', down: false }} empty={<>No project: <code>gateway project create NAME</code></>}
            columns={[
              { head: 'Name', sort: (one) => one.name, cell: (one) => <><Name of={one.name} most={40} />
                {sums.data && <Below><Money of={spent.get(one.name)?.cost ?? '0'} decimals={decimals} /> in 30 days</Below>}</> },
              { head: 'Caps', cell: (one) => one.spend.length === 0 ? <span class="muted">none</span> : (
                <span class="inline-caps">{one.spend.map((cap) => (
                  <span key={cap.period}><Money of={cap.spent} /> of <Money of={cap.cap} /> {periodName(cap.period)}<CapBar {...cap} /></span>
                ))}</span>) },
              { head: 'Spend, 30 days', num: true, wide: true, sort: (one) => parseMoney(spent.get(one.name)?.cost ?? '0'),
                cell: (one) => sums.data ? <Money of={spent.get(one.name)?.cost ?? '0'} decimals={decimals} /> : '-' },
              { head: 'Requests, 30 days', num: true, low: true, sort: (one) => spent.get(one.name)?.requests ?? 0,
                cell: (one) => sums.data ? showCount(spent.get(one.name)?.requests ?? 0) : '-' },
              { head: 'Models', low: true, cell: (one) => one.models.length === 0 ? <span class="muted">all</span> : <Name of={one.models.join(', ')} most={36} /> },
              { head: 'Kept in', low: true, cell: (one) => <span class="muted">{one.from_file ? <Name of={placeOf(one.defined_at) ?? 'file'} most={28} /> : 'database'}</span> },
            ]} />
        )}
      </Show>
    </>
  );
}

export function OneProject({ name }: { name: string }) {
  const path = `projects/${encodeURIComponent(name)}`;
  const project = useApi<Project>(path, 15_000);
  const limits = useApi<LiveLimits[]>(`limits?project=${encodeURIComponent(name)}`, 5_000);
  const keys = useApi<Key[]>(`keys?limit=10000&project=${encodeURIComponent(name)}`);
  const [editing, setEditing] = useState(false);
  const [deleting, setDeleting] = useState(false);
  if (project.error && !project.data) return <><h1>{name}</h1><Fault error={project.error} retry={project.reload} /></>;
  const from_file = project.data?.from_file ?? true;
  const may_change = mayWrite() && !from_file;
  return (
    <>
      <div class="heading">
        <h1><Name of={name} most={60} /></h1>
        <div class="row">
          <a class="button" href={link('/usage', { project: name, group: 'model' })}>Usage</a>
          <a class="button" href={link('/requests', { project: name })}>Requests</a>
          {project.data && may_change && <button type="button" class="primary" onClick={() => setEditing(true)}>Edit</button>}
        </div>
      </div>
      {isAdmin() && from_file && project.data && <p class="note">Read only here: the configuration file governs this project. Change it
        {project.data.defined_at ? <> at <code title={project.data.defined_at}>{placeOf(project.data.defined_at)}</code></> : ' there'}, then reload.</p>}
      {editing && project.data && (
        <Dialog title={`Edit ${name}`} onClose={() => setEditing(false)}>
          <ProjectForm project={project.data} onDone={() => { setEditing(false); project.reload(); }} onCancel={() => setEditing(false)} />
        </Dialog>
      )}
      {deleting && (
        <Destroy name={name} title="Delete project" verb="Delete project" onClose={() => setDeleting(false)}
                 onDo={async () => { await call('DELETE', path); go(link('/projects')); }}>
          <p>Its keys are revoked at once. What it has used stays in the ledger.</p>
        </Destroy>
      )}
      <Show of={project}>
        {(one) => (
          <div class="grid">
            <Panel title="Spend, 30 days" wide aside={<a href={link('/usage', { project: name, group: 'model', span: '30d' })}>By model</a>}>
              <Spend project={name} />
            </Panel>
            <Panel title="Caps" aside={`${one.mode}, ${one.timezone}`}>
              {one.spend.length === 0 ? <Empty>This project has no spend cap: <code>gateway project set {name} --cap 25/month</code></Empty> : (
                <ul class="plain caps">
                  {one.spend.map((cap) => (
                    <li key={cap.period}>
                      <strong>{cap.period === 'total' ? 'In all' : `Each ${cap.period}`}</strong>
                      <span class="figure">{(permille(parseMoney(cap.spent) + parseMoney(cap.held), parseMoney(cap.cap)) / 10).toFixed(1)} %</span>
                      <CapBar {...cap} />
                      <small class="muted"><Money of={cap.spent} /> spent, <Money of={cap.held} /> held, <Money of={cap.remaining} /> of <Money of={cap.cap} /> left</small>
                      <small class="muted right">{cap.resets_at ? <>resets <Ago at={cap.resets_at} /></> : 'never resets'}</small>
                    </li>
                  ))}
                </ul>
              )}
            </Panel>
            <Panel title="Limits">
              <LimitFacts project={one} live={limits.data?.[0] ?? null} />
            </Panel>
            <Panel title="Models">
              <Allowed project={one} />
              <p class="muted">Models without a known price: {one.unpriced === 'allow' ? 'allowed' : 'refused while it has a cap'}.</p>
            </Panel>
            <Panel title="Keys" aside={<a href={link('/keys', { project: name })}>Manage</a>}>
              <Show of={keys}>
                {(all) => all.length === 0 ? <Empty>No key: <code>gateway key create --project {name}</code></Empty> : (
                  <><ul class="plain lines">
                    {all.slice(0, kMostKeys).map((key) => (
                      <li key={key.id}><Name of={key.name || key.id} /><Mark tone={key.state === 'active' ? 'good' : 'plain'}>{key.state}</Mark>
                        <span class="muted right">created <Ago at={key.created} /></span></li>
                    ))}
                  </ul>
                  {all.length > kMostKeys && <p class="note">and {showCount(all.length - kMostKeys)} more</p>}</>
                )}
              </Show>
            </Panel>
            {may_change && <p class="wide"><button type="button" class="danger" onClick={() => setDeleting(true)}>Delete project</button></p>}
          </div>
        )}
      </Show>
    </>
  );
}

/** "/etc/gateway.yaml:12" as "gateway.yaml:12". */
const placeOf = (defined_at: string | null) => defined_at?.replace(/^.*\//, '') ?? null;

const kMostUnpriced = 8;

/** Which models it may use, and which of them have no price. */
function Allowed({ project }: { project: Project }) {
  const models = useApi<Model[]>(`models?limit=10000&project=${encodeURIComponent(project.name)}`);
  const unpriced = new Set((models.data ?? []).filter((one) => one.prices === null).map((one) => one.id));
  const more = [...unpriced].filter((id) => !project.models.includes(id));
  return (
    <>
      {project.models.length === 0 ? <p>All models.</p> : (
        <ul class="chips plain">{project.models.map((model) => (
          <li key={model} class="chip"><Name of={model} most={40} />{unpriced.has(model) && <> <Mark tone="warn">no price</Mark></>}</li>))}</ul>)}
      {more.length > 0 && (
        <p><Mark tone="warn">No price</Mark> {more.slice(0, kMostUnpriced).map((id, at) => <>{at > 0 && ', '}<code><Name of={id} most={40} /></code></>)}
          {more.length > kMostUnpriced && ` and ${showCount(more.length - kMostUnpriced)} more`}</p>)}
    </>
  );
}

/** Day by day. */
function Spend({ project }: { project: string }) {
  const begin = startOfDay(Math.floor(now.value / 60_000) * 60_000, zone.value, -29);
  const plan = { rollup: 'day', zone: zone.value } as const;
  const sums = useSums({ ...columnParams(plan, ['none']), project, ...spanParams({ since: begin, until: null }) }, 60_000);
  const chart = useMemo(() => {
    const times = columnTimes(begin, now.peek(), 'day', plan.zone);
    return { times, series: [{ name: 'spend', values: wholeColumns(sums.data ?? [], 'cost', times, plan.zone) }] };
  }, [sums.data, begin, plan.zone]);
  return <Show of={sums}>{() => <TimeChart chart={chart} rollup="day" zone={plan.zone} kind="bars" title="Spend" height={120} show={showAxis} />}</Show>;
}

function LimitFacts({ project, live }: { project: Project; live: LiveLimits | null }) {
  const limit = (value: number | null, left: number | null | undefined) =>
    value === null ? <span class="muted">no limit</span> : <>{showCount(value)}{left !== null && left !== undefined && <span class="muted">, {showCount(left)} left now</span>}</>;
  return (
    <dl class="facts">
      <dt>Requests a minute</dt><dd>{limit(project.limits.requests_per_minute, live?.requests_remaining)}</dd>
      <dt>Tokens a minute</dt><dd>{limit(project.limits.tokens_per_minute, live?.tokens_remaining)}</dd>
      <dt>At a time</dt><dd>{limit(project.limits.concurrent, live?.concurrent_remaining)}</dd>
      <dt>Longest answer</dt><dd>{limit(project.limits.max_output_tokens, null)}</dd>
      <dt>In flight</dt><dd>{live ? showCount(live.in_flight) : '-'}</dd>
    </dl>
  );
}

