import { link } from '../lib/router';
import { agentConfig, agentPrompt } from '../lib/samples';
import { isAdmin } from '../lib/session';
import type { Config } from '../lib/types';
import { Code, codeOf, FirstSteps, PickModel, Tabs } from '../ui/first_steps';
import { Copy, Panel } from '../ui/parts';
import { TryIt } from '../ui/try_it';

export function Start() {
  return (
    <>
      <div class="heading"><h1>Start</h1></div>
      <FirstSteps>
        {(steps, setStream) => {
          const { base, model, language, stream, config } = steps;
          const prompt = agentPrompt(base, model, steps.models.map((one) => one.id));
          return (
            <div class="grid">
              <Panel title="1. A key" wide>
                {isAdmin() ? <p><a href={link('/keys')}>Create a key</a>, or <code>gateway key create --project NAME</code>, and put it where your program runs:</p>
                  : <p>The key that you signed in with works for programs too. Put it where yours runs:</p>}
                <Line text="export GATEWAY_KEY=gk-..." />
              </Panel>
              <Panel title="2. A model" wide><PickModel {...steps} /></Panel>
              <Panel title="3. A request" wide aside={<Copy text={codeOf(steps)} />}>
                <div class="bar">
                  <Tabs language={language} />
                  <label class="switch"><input type="checkbox" checked={stream} onChange={(event) => setStream(event.currentTarget.checked)} /><span>Streamed</span></label>
                </div>
                <Code text={codeOf(steps)} />
                <p class="muted">The official packages of OpenAI work with this base URL: <code>{base}</code></p>
              </Panel>
              <TryIt title="4. A test" {...steps} />
              <Panel title="5. A prompt for a coding agent" wide aside={<Copy text={prompt} />}>
                <pre class="code prompt" tabIndex={0}><code>{prompt}</code></pre>
                <p class="muted">To paste into an agent that writes your program. It names this server, its models and where the key is, never the key.</p>
              </Panel>
              <AgentMayAsk base={base} config={config} />
              <Panel title="7. What it did" wide>
                <p><a href={link('/requests', { live: '1' })}>Watch requests come in</a>, see <a href={link('/usage', { span: 'today' })}>today's usage</a>, or{' '}
                  <a href={link('/routes', { model })}>explain where this model goes</a>.</p>
              </Panel>
            </div>
          );
        }}
      </FirstSteps>
    </>
  );
}

/** By MCP, where this server has it. A project's key does not see what the configuration says of it. */
function AgentMayAsk({ base, config }: { base: string; config: Config | null }) {
  const title = '6. What an agent may ask';
  const on = <code>mcp: {'{enabled: true}'}</code>;
  if (config && !config.mcp.enabled) {
    return (
      <Panel title={title} wide>
        <p>Agents ask for usage, requests and budgets by MCP, which is off at this server: <code>/mcp</code> answers 404.</p>
        {config.file
          ? <p class="muted">To turn it on, add {on} to <code>{config.file}</code> and <a href={link('/system')}>reload it</a>. Without it, an agent on the server's own
            machine asks through a process: <code>gateway mcp --print-config CLIENT</code></p>
          : <p class="muted">This server reads no file in which it could be turned on. <code>gateway serve</code> without a configuration has it on; with one, {on} turns it on.</p>}
      </Panel>
    );
  }
  return (
    <Panel title={title} wide aside={<Copy text={agentConfig(base)} />}>
      <Code text={agentConfig(base)} />
      <p class="muted">Agents ask for usage, requests and budgets by MCP{config
        ? <>, which is on at this server; a project's key sees that project. Other programs: <code>gateway mcp --print-config CLIENT</code></>
        : <>; this key sees its project. Where <code>/mcp</code> answers 404 it is off: whoever runs the server turns it on by {on}</>}</p>
    </Panel>
  );
}

function Line({ text }: { text: string }) {
  return <div class="line"><Code text={text} /><Copy text={text} /></div>;
}
