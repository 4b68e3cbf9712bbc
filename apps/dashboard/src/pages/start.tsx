import { useState } from 'preact/hooks';
import { useApi } from '../lib/api';
import { link, place, setParams } from '../lib/router';
import { agentConfig, baseUrl, kLanguages, sample, type Language } from '../lib/samples';
import { isAdmin } from '../lib/session';
import type { Config, Model } from '../lib/types';
import { Copy, Empty, Name, Panel, Select, Show } from '../ui/parts';

export function Start() {
  const models = useApi<Model[]>('models?limit=10000');
  const config = useApi<Config>('config');
  const params = place.value.params;
  const language = kLanguages.find(([name]) => name === params.get('in'))?.[0] ?? 'curl';
  const [stream, setStream] = useState(true);
  return (
    <>
      <div class="heading"><h1>Start</h1></div>
      <Show of={models}>
        {(all) => {
          if (all.length === 0) return <Empty>The configuration names no model. See <a href={link('/models')}>the patterns</a>.</Empty>;
          const model = params.get('model') ?? all[0].id;
          const provider = all.find((one) => one.id === model)?.provider ?? all[0].provider;
          const providers = [...new Set(all.map((one) => one.provider))];
          const base = baseUrl(location.origin, config.data?.listen ?? [], config.data?.admin.listen ?? []);
          const code = sample(language, base, model, stream);
          return (
            <div class="grid">
              <Panel title="1. A key" wide>
                {isAdmin() ? <p><a href={link('/keys')}>Create a key</a>, or <code>gateway key create --project NAME</code>, and put it where your program runs:</p>
                  : <p>The key that you signed in with works for programs too. Put it where yours runs:</p>}
                <Code text="export GATEWAY_KEY=gk-..." />
              </Panel>
              <Panel title="2. A model" wide>
                <div class="chips" role="group" aria-label="Providers">
                  {providers.map((one) => (
                    <button key={one} type="button" class="chip" aria-pressed={one === provider}
                            onClick={() => setParams({ model: all.find((found) => found.provider === one)!.id })}><Name of={one} most={24} /></button>
                  ))}
                </div>
                <Select label="Model" value={model} options={all.filter((one) => one.provider === provider).slice(0, 500).map((one) => [one.id, one.id] as const)}
                        onPick={(value) => setParams({ model: value })} />
              </Panel>
              <Panel title="3. A request" wide aside={<Copy text={code} />}>
                <div class="bar">
                  <Tabs language={language} />
                  <label class="switch"><input type="checkbox" checked={stream} onChange={(event) => setStream(event.currentTarget.checked)} /><span>Streamed</span></label>
                </div>
                <pre class="code" tabIndex={0}><code>{code}</code></pre>
                <p class="muted">The official packages of OpenAI work with this base URL: <code>{base}</code></p>
              </Panel>
              <Panel title="4. An agent" wide aside={<Copy text={agentConfig(base)} />}>
                <pre class="code" tabIndex={0}><code>{agentConfig(base)}</code></pre>
                <p class="muted">Agents ask for usage, requests and budgets by MCP, where the configuration has <code>mcp: {'{enabled: true}'}</code>; a project's key sees that project.
                  Other programs: <code>gateway mcp --print-config CLIENT</code></p>
              </Panel>
              <Panel title="5. What it did" wide>
                <p><a href={link('/requests', { live: '1' })}>Watch requests come in</a>, see <a href={link('/usage', { span: 'today' })}>today's usage</a>, or{' '}
                  <a href={link('/routes', { model })}>explain where this model goes</a>.</p>
              </Panel>
            </div>
          );
        }}
      </Show>
    </>
  );
}

function Tabs({ language }: { language: Language }) {
  return (
    <div class="tabs" role="group" aria-label="Language">
      {kLanguages.map(([name, text]) => (
        <button key={name} type="button" aria-pressed={name === language} onClick={() => setParams({ in: name })}>{text}</button>
      ))}
    </div>
  );
}

function Code({ text }: { text: string }) {
  return <div class="line"><pre class="code" tabIndex={0}><code>{text}</code></pre><Copy text={text} /></div>;
}
