// A first request, as code: which model, in which language. The Start page has all of it, the Overview a card.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { useApi } from '../lib/api';
import { link, place, setParams } from '../lib/router';
import { baseUrl, kLanguages, sample, type Language } from '../lib/samples';
import type { Config, Model } from '../lib/types';
import { Copy, Empty, Name, Panel, Select, Show } from './parts';

export interface Steps { models: Model[]; model: string; provider: string; base: string; language: Language; stream: boolean; config: Config | null }

/** What the address says of it, once the models are there. */
export function FirstSteps({ children }: { children: (steps: Steps, setStream: (on: boolean) => void) => ComponentChildren }) {
  const models = useApi<Model[]>('models?limit=10000');
  const config = useApi<Config>('config');
  const params = place.value.params;
  const language = kLanguages.find(([name]) => name === params.get('in'))?.[0] ?? 'curl';
  const [stream, setStream] = useState(true);
  return (
    <Show of={models}>
      {(all) => {
        if (all.length === 0) return <Empty>The configuration names no model. See <a href={link('/models')}>the patterns</a>.</Empty>;
        const model = params.get('model') ?? all[0].id;
        const provider = all.find((one) => one.id === model)?.provider ?? all[0].provider;
        const base = baseUrl(location.origin, config.data?.listen ?? [], config.data?.admin.listen ?? []);
        return children({ models: all, model, provider, base, language, stream, config: config.data }, setStream);
      }}
    </Show>
  );
}

/** Providers of this configuration, and the models that go to the chosen one. */
export function PickModel({ models, model, provider }: Steps) {
  const providers = [...new Set(models.map((one) => one.provider))];
  return (
    <>
      <div class="chips" role="group" aria-label="Providers">
        {providers.map((one) => (
          <button key={one} type="button" class="chip" aria-pressed={one === provider}
                  onClick={() => setParams({ model: models.find((found) => found.provider === one)!.id })}><Name of={one} most={24} /></button>
        ))}
      </div>
      <Select label="Model" value={model} options={models.filter((one) => one.provider === provider).slice(0, 500).map((one) => [one.id, one.id] as const)}
              onPick={(value) => setParams({ model: value })} />
    </>
  );
}

export function Tabs({ language }: { language: Language }) {
  return (
    <div class="tabs" role="group" aria-label="Language">
      {kLanguages.map(([name, text]) => (
        <button key={name} type="button" aria-pressed={name === language} onClick={() => setParams({ in: name })}>{text}</button>
      ))}
    </div>
  );
}

export const codeOf = ({ language, base, model, stream }: Steps) => sample(language, base, model, stream);

export function Code({ text }: { text: string }) {
  return <pre class="code" tabIndex={0}><code>{text}</code></pre>;
}

/** For a ledger with next to nothing in it. */
export function StartCard() {
  return (
    <FirstSteps>
      {(steps) => (
        <Panel title="Send a first request" wide aside={<><Copy text={codeOf(steps)} /><a href={link('/start', { model: steps.model, in: steps.language })}>All steps</a></>}>
          <PickModel {...steps} />
          <div class="bar first"><Tabs language={steps.language} /></div>
          <Code text={codeOf(steps)} />
          <p class="muted">Base URL <code>{steps.base}</code>; a key of a project goes into <code>GATEWAY_KEY</code>: <a href={link('/keys')}>Keys</a>.</p>
        </Panel>
      )}
    </FirstSteps>
  );
}
