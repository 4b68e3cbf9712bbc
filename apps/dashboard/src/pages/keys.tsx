import { useState } from 'preact/hooks';
import { call, CallError, query, useApi } from '../lib/api';
import { endOfQuarter, showCount, showQuarter } from '../lib/format';
import { columnDecimals, parseMoney } from '../lib/money';
import { link, place, setParams, zone } from '../lib/router';
import { mayWrite } from '../lib/session';
import type { Key, NewKey, Project } from '../lib/types';
import { clockName, momentName } from '../lib/zones';
import { Ago, Below, Copy, Destroy, Dialog, Fault, Field, Mark, Money, Name, now, Select, Show } from '../ui/parts';
import { useSums } from '../ui/questions';
import { Table } from '../ui/table';
import { periodName } from './overview';

/** An active key that nobody has used for thirty days may be one to revoke. */
function isUnused(key: Key): boolean {
  return key.state === 'active' && Date.parse(key.last_used_at ?? key.created) < now.value - 30 * 86400_000;
}

type Doing = { what: 'create' } | { what: 'rotate' | 'revoke'; key: Key } | null;

export function Keys() {
  const project = place.value.params.get('project');
  const keys = useApi<Key[]>(query('keys', { limit: 10000, project }));
  const projects = useApi<Project[]>('projects?limit=10000');
  const sums = useSums({ by: 'key', since: '30d', project });
  const [doing, setDoing] = useState<Doing>(null);
  const [made, setMade] = useState<NewKey | null>(null);
  const spent = new Map((sums.data ?? []).map((sum) => [String(sum.key), sum]));
  const decimals = columnDecimals([...spent.values()].map((sum) => parseMoney(sum.cost)));
  const caps = new Map((projects.data ?? []).map((one) => [one.name, one.spend]));
  const close = () => setDoing(null);
  const show = (key: NewKey) => {
    close();
    setMade(key);
    keys.reload();
  };
  return (
    <>
      <div class="heading"><h1>Keys</h1>{mayWrite() && <button type="button" class="primary" onClick={() => setDoing({ what: 'create' })}>Create key</button>}</div>
      <div class="bar">
        <Select label="Project" value={project ?? ''} onPick={(value) => setParams({ project: value })}
                options={[['', 'all'], ...(projects.data ?? []).map((one): [string, string] => [one.name, one.name])]} />
      </div>
      {doing?.what === 'create' && <Create project={project} projects={projects.data ?? []} onMade={show} onClose={close} />}
      {doing?.what === 'rotate' && <Rotate old={doing.key} onMade={show} onClose={close} />}
      {doing?.what === 'revoke' && (
        <Destroy name={doing.key.name || doing.key.id} title="Revoke key" verb="Revoke key" onClose={close}
                 onDo={async () => { await call('DELETE', `keys/${doing.key.id}`); close(); keys.reload(); }}>
          <p>Whoever uses <code>{doing.key.id}</code> of {doing.key.project} is refused within a second. This cannot be taken back.</p>
        </Destroy>
      )}
      {made && <Made made={made} onClose={() => setMade(null)} />}
      <Show of={keys}>
        {(all) => (
          <Table caption="Keys" rows={all} id={(one) => one.id} order={{ head: 'Spend, 30 days', down: true }}
            empty={<>No key yet: "Create key", or <code>gateway key create --project NAME</code></>}
            columns={[
              { head: 'Name', sort: (one) => one.name, cell: (one) => <><Name of={one.name} most={28} /><br /><small class="mono muted">{one.id}</small>
                <Below>{one.project}, {one.state}</Below></> },
              { head: 'Project', wide: true, sort: (one) => one.project, cell: (one) => {
                const cap = caps.get(one.project)?.[0];
                return <><a href={link(`/projects/${encodeURIComponent(one.project)}`)}><Name of={one.project} most={28} /></a><br />
                  <small class="muted">{cap ? <><Money of={cap.remaining} /> of <Money of={cap.cap} /> {periodName(cap.period)} left</> : 'no cap'}</small></>;
              } },
              { head: 'State', wide: true, sort: (one) => one.state, cell: (one) => <Mark tone={one.state === 'active' ? 'good' : 'plain'}>{one.state}</Mark> },
              { head: 'Spend, 30 days', num: true, sort: (one) => parseMoney(spent.get(one.id)?.cost ?? '0'),
                cell: (one) => sums.data ? <Money of={spent.get(one.id)?.cost ?? '0'} decimals={decimals} /> : '-' },
              { head: 'Requests', num: true, low: true, sort: (one) => spent.get(one.id)?.requests ?? 0,
                cell: (one) => !sums.data ? '-' : spent.has(one.id)
                  ? <a href={link('/requests', { key: one.id })}>{showCount(spent.get(one.id)!.requests)}</a> : <span class="muted">unused</span> },
              { head: 'Last used', wide: true, sort: (one) => one.last_used_at ?? '', cell: (one) => {
                const used = one.last_used_at ? <LastUse at={Date.parse(one.last_used_at)} /> : <span class="muted">never</span>;
                return isUnused(one) ? <Mark tone="warn">{used}</Mark> : used;
              } },
              { head: 'Created', low: true, sort: (one) => one.created, cell: (one) => <Ago at={one.created} /> },
              { head: 'Expires', low: true, sort: (one) => one.expires ?? '9', cell: (one) => one.expires ? <Ago at={one.expires} /> : <span class="muted">never</span> },
              ...(mayWrite() ? [{
                head: 'Actions', cell: (one: Key) => one.state !== 'active' ? <span class="muted">-</span> : (
                <span class="row">
                  <button type="button" class="small" onClick={() => setDoing({ what: 'rotate', key: one })}>Rotate</button>
                  <button type="button" class="small" onClick={() => setDoing({ what: 'revoke', key: one })}>Revoke</button>
                </span>),
              }] : []),
            ]} />
        )}
      </Show>
    </>
  );
}

/** The ledger's sums know its quarter of an hour. */
function LastUse({ at }: { at: number }) {
  const title = `between ${momentName(at, zone.value)} and ${clockName(endOfQuarter(at), zone.value)}`;
  return <time dateTime={new Date(at).toISOString()} title={title}>{showQuarter(at, now.value)}</time>;
}

function useForm(onDo: (form: FormData) => Promise<void>) {
  const [error, setError] = useState<CallError | null>(null);
  const submit = (event: Event) => {
    event.preventDefault();
    onDo(new FormData(event.currentTarget as HTMLFormElement)).catch(setError);
  };
  return { error, submit };
}

const text = (form: FormData, name: string) => String(form.get(name) ?? '').trim();

function Create({ project, projects, onMade, onClose }: {
  project: string | null; projects: Project[]; onMade: (key: NewKey) => void; onClose: () => void;
}) {
  const { error, submit } = useForm(async (form) => {
    const body: Record<string, string> = { project: text(form, 'project'), name: text(form, 'name') };
    if (text(form, 'expires')) body.expires = text(form, 'expires');
    onMade((await call<NewKey>('POST', 'keys', { body })).data);
  });
  return (
    <Dialog title="Create key" onClose={onClose}>
      <form onSubmit={submit}>
        <label class="field"><span>Project</span>
          <select name="project">{projects.map((one) => <option key={one.name} selected={one.name === project}>{one.name}</option>)}</select></label>
        <Field label="Name" name="name" hint="Whom or what it is for" />
        <Field label="Expires" name="expires" placeholder="never" hint="90d, or a day such as 2027-01-31" />
        {error && <Fault error={error} />}
        <p class="row end"><button type="button" onClick={onClose}>Cancel</button><button type="submit" class="primary">Create key</button></p>
      </form>
    </Dialog>
  );
}

function Rotate({ old, onMade, onClose }: { old: Key; onMade: (key: NewKey) => void; onClose: () => void }) {
  const { error, submit } = useForm(async (form) => {
    const grace = text(form, 'grace');
    onMade((await call<NewKey>('POST', `keys/${old.id}/rotate`, { body: grace ? { grace } : {} })).data);
  });
  return (
    <Dialog title={`Rotate ${old.name || old.id}`} onClose={onClose}>
      <form onSubmit={submit}>
        <p>A new key of {old.project} takes its place.</p>
        <Field label="The old one stays valid for" name="grace" defaultValue="1h" hint="1h, 7d; empty: it is revoked at once" />
        {error && <Fault error={error} />}
        <p class="row end"><button type="button" onClick={onClose}>Cancel</button><button type="submit" class="primary">Rotate key</button></p>
      </form>
    </Dialog>
  );
}

// The key is in this dialog alone and gone with it.
function Made({ made, onClose }: { made: NewKey; onClose: () => void }) {
  return (
    <Dialog title="The new key" onClose={onClose}>
      <p>It is shown once. Copy it now.</p>
      <p class="secret"><code>{made.key}</code></p>
      <p class="row"><Copy text={made.key} label="Copy key" /><Copy text={`GATEWAY_KEY=${made.key}`} label="Copy as .env line" /></p>
      <p class="row end"><button type="button" class="primary" onClick={onClose}>I have copied it</button></p>
    </Dialog>
  );
}
