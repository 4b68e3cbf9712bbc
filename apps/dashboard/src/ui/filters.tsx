// Filters as chips; each is a parameter of the address, and given several times if it has several values.
import { useState } from 'preact/hooks';
import { useApi } from '../lib/api';
import { place, setParams, type Values } from '../lib/router';
import { shorten } from '../lib/format';
import type { Key, Model, Project, ProviderHealth } from '../lib/types';

export const kEndpoints = ['chat', 'embeddings', 'completions', 'images', 'image_edits', 'transcriptions', 'translations', 'speech',
                          'moderations', 'rerank'];
const kChoices: Record<string, string[]> = {
  state: ['open', 'settled', 'failed', 'interrupted', 'adjustment'],
  streamed: ['true', 'false'],
  flag: ['usage_odd', 'usage_missing', 'client_left', 'over_hold', 'clamped', 'byok', 'backfill_pending', 'unpriced', 'surcharged', 'hedge'],
  endpoint: kEndpoints,
};
const kWords: Record<string, string> = {
  request: 'request id', since: 'from', until: 'until', min_cost: 'cost at least', min_duration: 'at least this long',
  served_model: 'served model',
};
const kExamples: Record<string, string> = {
  since: '24h, 7d, 2026-01-31', until: '24h, 7d, 2026-01-31', status: '429, 5xx', min_cost: '0.01', min_duration: '10s',
  code: 'rate_limit_exceeded',
};

// Of these several values may be given: any of them is meant.
const kRepeated = new Set(['project', 'key', 'model', 'served_model', 'provider', 'endpoint', 'code', 'state', 'status', 'flag']);

/** What the address says of each: a text, a list of several, null. */
export function filtersOf(names: readonly string[]): Values {
  const params = place.value.params;
  return Object.fromEntries(names.map((name) => {
    const values = [...new Set(params.getAll(name).filter((value) => value))];
    return [name, values.length > 1 && kRepeated.has(name) ? values : values[0] ?? null];
  }));
}

/** The value of a filter that has only one. */
export const only = (value: string | string[] | null) => (Array.isArray(value) ? value[0] : value);

export function Filters({ names }: { names: readonly string[] }) {
  const [adding, setAdding] = useState<string | null>(null);
  const asked = filtersOf(names);
  const valuesOf = (name: string) => [asked[name]].flat().filter((value) => value !== null);
  const given = names.flatMap((name) => valuesOf(name).map((value) => ({ name, value })));
  const free = names.filter((name) => asked[name] === null || kRepeated.has(name));
  const add = (event: Event) => {
    event.preventDefault();
    const value = new FormData(event.currentTarget as HTMLFormElement).get('value');
    if (adding && typeof value === 'string' && value.trim()) setParams({ [adding]: [...valuesOf(adding), value.trim()] }, false);
    setAdding(null);
  };
  return (
    <div class="bar filters">
      {given.map(({ name, value }) => (
        <button key={`${name} ${value}`} type="button" class="chip" title={`Remove: ${value}`}
                onClick={() => setParams({ [name]: valuesOf(name).filter((one) => one !== value) }, false)}>
          <span class="muted">{kWords[name] ?? name}</span> {shorten(value, 36)} <span aria-label="remove">×</span>
        </button>
      ))}
      {adding ? (
        <form class="adding" onSubmit={add} onKeyDown={(event) => event.key === 'Escape' && setAdding(null)}>
          <select aria-label="Filter" value={adding} onChange={(event) => setAdding(event.currentTarget.value)}>
            {free.map((name) => <option key={name} value={name}>{kWords[name] ?? name}</option>)}
          </select>
          <Value name={adding} />
          <button type="submit" class="small">Apply</button>
          <button type="button" class="small" onClick={() => setAdding(null)}>Cancel</button>
        </form>
      ) : free.length > 0 && (
        <button type="button" class="chip add" data-key="/" onClick={() => setAdding(free.find((name) => asked[name] === null) ?? free[0])}>+ filter</button>
      )}
    </div>
  );
}

function Value({ name }: { name: string }) {
  const known = useKnown(name);
  const focus = (element: HTMLElement | null) => element?.focus();
  if (kChoices[name]) {
    return <select name="value" aria-label={name} ref={focus}>{kChoices[name].map((one) => <option key={one}>{one}</option>)}</select>;
  }
  return (
    <>
      <input name="value" aria-label={kWords[name] ?? name} list={`known-${name}`} autocomplete="off" spellcheck={false} ref={focus}
             placeholder={kExamples[name]} />
      <datalist id={`known-${name}`}>{known.map(([value, text]) => <option key={value} value={value}>{text}</option>)}</datalist>
    </>
  );
}

function useKnown(name: string): [string, string][] {
  const projects = useApi<Project[]>(name === 'project' ? 'projects?limit=10000' : null);
  const keys = useApi<Key[]>(name === 'key' ? 'keys?limit=10000' : null);
  const models = useApi<Model[]>(name === 'model' ? 'models?limit=10000' : null);
  const health = useApi<{ providers: ProviderHealth[] }>(name === 'provider' ? 'health' : null);
  return [
    ...(projects.data ?? []).map((one): [string, string] => [one.name, '']),
    ...(keys.data ?? []).map((one): [string, string] => [one.id, `${one.project}: ${one.name || one.id}`]),
    ...(models.data ?? []).map((one): [string, string] => [one.id, '']),
    ...(health.data?.providers ?? []).map((one): [string, string] => [one.provider, '']),
  ];
}
