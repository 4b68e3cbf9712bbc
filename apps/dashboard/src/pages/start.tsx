import { link } from '../lib/router';
import { agentConfig, agentPrompt } from '../lib/samples';
import { isAdmin } from '../lib/session';
import { Code, codeOf, FirstSteps, PickModel, Tabs } from '../ui/first_steps';
import { Copy, Panel } from '../ui/parts';
import { TryIt } from '../ui/try_it';

export function Start() {
  return (
    <>
      <div class="heading"><h1>Start</h1></div>
      <FirstSteps>
        {(steps, setStream) => {
          const { base, model, language, stream } = steps;
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
              <Panel title="5. What a coding agent is told" wide aside={<Copy text={prompt} />}>
                <pre class="code prompt" tabIndex={0}><code>{prompt}</code></pre>
                <p class="muted">To paste into an agent that writes your program. It names this server, its models and where the key is, never the key.</p>
              </Panel>
              <Panel title="6. What an agent may ask" wide aside={<Copy text={agentConfig(base)} />}>
                <Code text={agentConfig(base)} />
                <p class="muted">Agents ask for usage, requests and budgets by MCP, where the configuration has <code>mcp: {'{enabled: true}'}</code>; a project's key sees that project.
                  Other programs: <code>gateway mcp --print-config CLIENT</code></p>
              </Panel>
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

function Line({ text }: { text: string }) {
  return <div class="line"><Code text={text} /><Copy text={text} /></div>;
}
