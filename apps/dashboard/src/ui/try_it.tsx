// A test request from the page itself.
import { useState } from 'preact/hooks';
import { showDuration } from '../lib/format';
import { link } from '../lib/router';
import { sendTest, type Sent } from '../lib/test_request';
import { Mark, Panel } from './parts';
import type { Steps } from './first_steps';

export function TryIt({ title, base, model, stream, provider, config }: Steps & { title: string }) {
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState('');
  const [sent, setSent] = useState<Sent | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const is_simulated = config?.providers[provider]?.type === 'simulated';
  const run = async (event: Event) => {
    event.preventDefault();
    const field = (event.currentTarget as HTMLFormElement).elements.namedItem('key') as HTMLInputElement;
    const key = field.value.trim();
    field.value = '';
    setBusy(true);
    setSaid('');
    setSent(null);
    setProblem(null);
    try {
      setSent(await sendTest(base, key, model, stream, setSaid));
    } catch {
      setProblem('The gateway did not answer, or broke off.');
    }
    setBusy(false);
  };
  if (!base.startsWith(location.origin + '/')) {
    return <Panel title={title} wide><p>Clients are served at another address than this page, which may not call it. Run the sample above.</p></Panel>;
  }
  return (
    <Panel title={title} wide>
      <form class="bar" onSubmit={run}>
        <label class="pick grow"><span>A project's key</span>
          <input name="key" type="password" required autocomplete="off" spellcheck={false} placeholder="gk-..." /></label>
        <button type="submit" class="primary" disabled={busy}>{busy ? 'Waiting' : 'Send a test request'}</button>
      </form>
      <p class="muted">One short message to <code>{model}</code>, {is_simulated ? 'whose provider is simulated: it costs nothing real.' : 'billed to the project of the key.'}
        {' '}The key is sent once and kept nowhere.</p>
      <div role="status">
        {sent && <p><Mark tone={sent.code ? 'bad' : 'good'}>{sent.status}{sent.code ? ` ${sent.code}` : ''}</Mark>
          {' '}<span class="muted">answer after {showDuration(sent.firstMs)}, end after {showDuration(sent.ms)}</span>
          {sent.requestId && <>{' '}<a class="mono" href={link(`/requests/${sent.requestId}`)}>{sent.requestId}</a></>}</p>}
        {problem && <p><Mark tone="bad">{problem}</Mark></p>}
        {(sent?.text || said) && <pre class="code said" tabIndex={0}>{sent?.text || said}</pre>}
      </div>
    </Panel>
  );
}
