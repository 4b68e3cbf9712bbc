import { useState } from 'preact/hooks';
import { call, CallError, useApi } from '../lib/api';
import { showBytes, showCount } from '../lib/format';
import { mayWrite } from '../lib/session';
import type { Config, SystemFacts } from '../lib/types';
import { Ago, Copy, Fault, Mark, Panel, Show } from '../ui/parts';

export function System() {
  const system = useApi<SystemFacts>('system', 3_000);
  const config = useApi<Config>('config');
  return (
    <>
      <div class="heading"><h1>System</h1></div>
      <div class="grid">
        <Panel title="Now">
          <Show of={system}>
            {(one) => (
              <dl class="facts">
                <dt>Version</dt><dd>{one.version}, <a href="/dashboard/licenses.txt" target="_blank" rel="noopener">licences</a></dd>
                <dt>Started</dt><dd><Ago at={one.started_at} /></dd>
                <dt>Threads that serve</dt><dd class="figure">{showCount(one.workers)}</dd>
                <dt>Memory</dt><dd class="figure">{one.memory_bytes === null ? '-' : showBytes(one.memory_bytes)}</dd>
                <dt>Serving</dt><dd>{one.draining ? <Mark tone="warn">draining</Mark> : <Mark tone="good">yes</Mark>}</dd>
                {one.staged && <><dt>Staged</dt><dd><Mark tone="warn">{one.staged.percent} % of the {one.staged.of}</Mark></dd></>}
                <dt>In flight</dt><dd class="figure">{showCount(one.in_flight)}</dd>
                <dt>Buffered</dt><dd class="figure">{showBytes(one.buffered_bytes)}</dd>
                <dt>Ledger</dt><dd>{one.ledger_writable ? <Mark tone="good">writable</Mark> : <Mark tone="bad">cannot be written</Mark>}</dd>
                <dt>Rows waiting</dt><dd class="figure">{showCount(one.journal_lag)}</dd>
                <dt>Damaged journals</dt><dd>{one.journal_damaged ? <Mark tone="bad">{showCount(one.journal_damaged)}</Mark> : '0'}</dd>
              </dl>
            )}
          </Show>
        </Panel>
        {mayWrite() && <Reload onDone={config.reload} />}
        <Panel title="Configuration in force" wide aside={config.data && <Copy text={JSON.stringify(config.data, null, 2)} />}>
          <Show of={config}>
            {(one) => (
              <>
                <dl class="facts">
                  <dt>File</dt><dd class="mono">{one.file || 'none (built-in)'}</dd>
                  <dt>Listens on</dt><dd class="mono">{one.listen.join(', ')}</dd>
                  <dt>Database</dt><dd class="mono">{one.database}</dd>
                </dl>
                <details><summary>All of it; secrets are hidden</summary><pre tabIndex={0}>{JSON.stringify(one, null, 2)}</pre></details>
              </>
            )}
          </Show>
        </Panel>
      </div>
    </>
  );
}

function Reload({ onDone }: { onDone: () => void }) {
  const [done, setDone] = useState<string[] | null>(null);
  const [error, setError] = useState<CallError | null>(null);
  const run = async () => {
    setError(null);
    setDone(null);
    try {
      setDone((await call<{ after_restart: string[] }>('POST', 'reload')).data.after_restart);
      onDone();
    } catch (problem) {
      if (problem instanceof CallError) setError(problem);
    }
  };
  return (
    <Panel title="Configuration file" aside={<button type="button" class="small" onClick={run}>Reload</button>}>
      <p class="muted">Puts the file on disk in force without dropping a stream. With a mistake in it the old one stays.</p>
      {done && <p role="status"><Mark tone="good">Reloaded</Mark>{done.length > 0 && ` These wait for a restart: ${done.join(', ')}`}</p>}
      {error && <Fault error={error} />}
    </Panel>
  );
}
