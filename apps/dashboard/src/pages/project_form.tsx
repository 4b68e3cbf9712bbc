// A project of the database: made, or changed. What is not touched is not sent.
import { useState } from 'preact/hooks';
import { call, CallError } from '../lib/api';
import { projectBody, type Draft } from '../lib/project_body';
import type { Cap, Project } from '../lib/types';
import { Fault, Field, Select } from '../ui/parts';

const kPeriods = [['day', 'day'], ['week', 'week'], ['month', 'month'], ['total', 'in all']] as const;
const kLimits = [
  ['requests_per_minute', 'Requests a minute'], ['tokens_per_minute', 'Tokens a minute'], ['concurrent', 'Requests at a time'],
  ['max_output_tokens', 'Longest answer, tokens'],
] as const;

function draftOf(project?: Project): Draft {
  return {
    name: project?.name ?? '', models: project?.models.join(', ') ?? '',
    limits: Object.fromEntries(kLimits.map(([name]) => [name, project?.limits[name]?.toString() ?? ''])),
    spend: (project?.spend ?? []).map(({ cap, period }) => ({ cap, period })),
    warn: project?.spend[0]?.warn.join(', ') ?? '', mode: project?.mode ?? 'strict', timezone: project?.timezone ?? 'UTC',
    unpriced: project?.unpriced ?? 'refuse',
  };
}

export function ProjectForm({ project, onDone, onCancel }: { project?: Project; onDone: (made: Project) => void; onCancel: () => void }) {
  const [draft, setDraft] = useState(draftOf(project));
  const [error, setError] = useState<CallError | null>(null);
  const [busy, setBusy] = useState(false);
  const set = (changes: Partial<Draft>) => setDraft({ ...draft, ...changes });
  const setCap = (i: number, changes: Partial<{ cap: string; period: Cap['period'] }>) =>
    set({ spend: draft.spend.map((one, at) => (at === i ? { ...one, ...changes } : one)) });
  const save = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    try {
      const body = projectBody(draft, project ? draftOf(project) : null);
      const { data } = project
        ? await call<Project>('PATCH', `projects/${encodeURIComponent(project.name)}`, { body, ifMatch: project.version })
        : await call<Project>('POST', 'projects', { body });
      onDone(data);
    } catch (problem) {
      if (problem instanceof CallError) setError(problem);
      else throw problem;
    } finally {
      setBusy(false);
    }
  };
  return (
    <form onSubmit={save}>
      {!project && <Field label="Name" required value={draft.name} onInput={(event) => set({ name: event.currentTarget.value })} />}
      <fieldset>
        <legend>Spend caps</legend>
        {draft.spend.map((one, i) => (
          <div class="row" key={i}>
            <Field label="USD" inputMode="decimal" pattern="\d+(\.\d+)?" required value={one.cap}
                   onInput={(event) => setCap(i, { cap: event.currentTarget.value })} />
            <Select label="each" value={one.period} options={kPeriods} onPick={(value) => setCap(i, { period: value as Cap['period'] })} />
            <button type="button" class="small" onClick={() => set({ spend: draft.spend.filter((_, at) => at !== i) })}>Remove</button>
          </div>
        ))}
        {draft.spend.length < 4 && <button type="button" class="small" onClick={() => set({ spend: [...draft.spend, { cap: '', period: kPeriods.find(([name]) => !draft.spend.some((one) => one.period === name))![0] }] })}>Add cap</button>}
        {draft.spend.length > 0 && <Field label="Warn at percent" hint="By comma: 50, 90" value={draft.warn} onInput={(event) => set({ warn: event.currentTarget.value })} />}
      </fieldset>
      <fieldset class="two">
        <legend>Limits</legend>
        {kLimits.map(([name, label]) => (
          <Field key={name} label={label} inputMode="numeric" pattern="[1-9]\d*" placeholder="none" value={draft.limits[name]}
                 onInput={(event) => set({ limits: { ...draft.limits, [name]: event.currentTarget.value } })} />
        ))}
      </fieldset>
      <Field label="Models" hint="By comma: names and prefix/*; empty: all" value={draft.models} onInput={(event) => set({ models: event.currentTarget.value })} />
      <div class="row">
        <Select label="Mode" value={draft.mode} options={[['strict', 'strict'], ['estimate', 'estimate']]} onPick={(mode) => set({ mode })} />
        <Select label="Unpriced" value={draft.unpriced} options={[['refuse', 'refuse'], ['allow', 'allow']]} onPick={(unpriced) => set({ unpriced })} />
        <Field label="Time zone" value={draft.timezone} onInput={(event) => set({ timezone: event.currentTarget.value })} />
      </div>
      {error && <Fault error={error} />}
      <p class="row end">
        <button type="button" onClick={onCancel}>Cancel</button>
        <button type="submit" class="primary" disabled={busy}>{project ? 'Save' : 'Create'}</button>
      </p>
    </form>
  );
}
