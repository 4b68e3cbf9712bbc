import { useState } from 'preact/hooks';
import { call, CallError, useApi } from '../lib/api';
import { showCount } from '../lib/format';
import { moneyText, parseMoney } from '../lib/money';
import type { Bill, Report } from '../lib/types';
import { Ago, Empty, Fault, Mark, Missing, Name, Panel, Show } from '../ui/parts';
import { Table } from '../ui/table';

export function Reconcile() {
  const report = useApi<Report>('reconcile', 60_000);
  return (
    <>
      <div class="heading"><h1>Reconciliation</h1></div>
      <Show of={report}>
        {(one) => (
          <>
            <p class="bar">
              {one.last_success ? <Mark tone="good">last success <Ago at={one.last_success} /></Mark> : <Mark tone="plain">no run yet</Mark>}
              {one.failures > 0 && <Mark tone="bad">{showCount(one.failures)} failed since</Mark>}
            </p>
            {one.providers.length === 0 && (
              <Empty>The nightly comparison with a provider's bill has not run. It needs <code>management_key</code> at a provider of the
                type openrouter; a bill of any other is compared by <code>gateway reconcile --file BILL</code></Empty>
            )}
            {one.providers.map((bill) => <OneBill key={bill.provider} bill={bill} />)}
          </>
        )}
      </Show>
      <Verify />
      <Missing>Adjustments are booked from the command line: <code>gateway reconcile --book</code></Missing>
    </>
  );
}

const exact = (text: string) => <span class="figure">${moneyText(parseMoney(text))}</span>;

function OneBill({ bill }: { bill: Bill }) {
  const equal = parseMoney(bill.absolute_difference) === 0n;
  return (
    <Panel title={<Name of={bill.provider} />} wide aside={bill.finished ? <Ago at={bill.finished} /> : '-'}>
      {bill.error ? <p><Mark tone="bad">{bill.error}</Mark></p> : (
        <dl class="facts money">
          <dt>Ledger</dt><dd>{exact(bill.ledger)}</dd>
          <dt>Bill</dt><dd>{exact(bill.billed)}</dd>
          <dt>Difference</dt><dd>{equal ? <Mark tone="good">none</Mark> : exact(bill.difference)}</dd>
        </dl>
      )}
      {bill.differences.length > 0 && (
        <Table caption="Differences" rows={bill.differences} id={(line) => `${line.day} ${line.model}`} order={{ head: 'Day', down: true }}
          columns={[
            { head: 'Day', sort: (line) => line.day, cell: (line) => line.day },
            { head: 'Model', sort: (line) => line.model, cell: (line) => <Name of={line.model} most={40} /> },
            { head: 'Ledger', num: true, cell: (line) => exact(line.ledger) },
            { head: 'Bill', num: true, cell: (line) => exact(line.billed) },
            { head: 'Difference', num: true, sort: (line) => parseMoney(line.difference), cell: (line) => exact(line.difference) },
            { head: 'Requests', num: true, low: true, cell: (line) => `${showCount(line.ledger_requests)} / ${showCount(line.billed_requests)}` },
            { head: 'Open', num: true, low: true, cell: (line) => showCount(line.open) },
          ]} />
      )}
    </Panel>
  );
}

interface Proof { ok: boolean; rows: number; accounts: number; pruned_before: string | null; findings: unknown[] }

function Verify() {
  const [proof, setProof] = useState<Proof | null>(null);
  const [error, setError] = useState<CallError | null>(null);
  const [busy, setBusy] = useState(false);
  const run = async () => {
    setBusy(true);
    setError(null);
    try {
      setProof((await call<Proof>('GET', 'ledger/verify')).data);
    } catch (problem) {
      if (problem instanceof CallError) setError(problem);
    }
    setBusy(false);
  };
  return (
    <Panel title="Proof of the ledger" wide aside={<button type="button" class="small" disabled={busy} onClick={run}>{busy ? 'Verifying' : 'Verify'}</button>}>
      {error && <Fault error={error} retry={run} />}
      {!proof ? <p class="muted">Proves that rows, sums and balances agree. It reads the whole ledger.</p> : (
        <>
          <p><Mark tone={proof.ok ? 'good' : 'bad'}>{proof.ok ? 'Rows, sums and balances agree' : `${proof.findings.length} findings`}</Mark>{' '}
            <span class="muted">{showCount(proof.rows)} rows, {showCount(proof.accounts)} accounts{proof.pruned_before ? `, pruned before ${proof.pruned_before}` : ''}</span></p>
          {proof.findings.map((finding, i) => <pre key={i}>{JSON.stringify(finding, null, 1)}</pre>)}
        </>
      )}
    </Panel>
  );
}
