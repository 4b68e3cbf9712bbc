// Small things that all pages use.
import { signal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { CallError, Loaded } from '../lib/api';
import { shorten, showCount, showRelative } from '../lib/format';
import { permille, shortMoney, showMoney, parseMoney, moneyText, toneOf, type Amount } from '../lib/money';
import { zone } from '../lib/router';
import { clockName, dayName, momentName } from '../lib/zones';

export const now = signal(Date.now());
setInterval(() => document.visibilityState === 'visible' && (now.value = Date.now()), 1000);

export function Ago({ at }: { at: string | number | null }) {
  if (at === null) return <span class="muted">-</span>;
  const ms = typeof at === 'number' ? at : Date.parse(at);
  return <time dateTime={new Date(ms).toISOString()} title={momentName(ms, zone.value)}>{showRelative(ms, now.value)}</time>;
}

/** The time of day; with the day, if that is not today. */
export function Moment({ at, millis = false }: { at: string; millis?: boolean }) {
  const ms = Date.parse(at);
  const day = dayName(ms, zone.value);
  const fraction = millis ? '.' + (/\.(\d{3})/.exec(at)?.[1] ?? '000') : '';
  return (
    <time dateTime={at} title={at}>
      {day === dayName(now.value, zone.value) ? '' : `${day} `}{clockName(ms, zone.value, true)}{fraction && <span class="wide-only">{fraction}</span>}
    </time>
  );
}

export function Money({ of, decimals, short }: { of: string | Amount; decimals?: number; short?: boolean }) {
  const amount = typeof of === 'bigint' ? of : parseMoney(of);
  const text = short ? shortMoney(amount) : showMoney(amount, decimals);
  return <span class={amount === 0n ? 'figure zero' : 'figure'} title={'$' + moneyText(amount)}>{text}</span>;
}

export function Name({ of, most }: { of: string; most?: number }) {
  return of === '' ? <span class="muted">none</span> : <span title={of}>{shorten(of, most)}</span>;
}

/** On phones, what other columns show where there is room for them; `low`: wherever columns of that kind are left out. */
export function Below({ low, children }: { low?: boolean; children: ComponentChildren }) {
  return <small class={low ? 'below early muted' : 'below muted'}>{children}</small>;
}

const kShapes = { good: '●', warn: '▲', bad: '■', plain: '○' } as const;
export type Tone = keyof typeof kShapes;

export function Mark({ tone, children }: { tone: Tone; children: ComponentChildren }) {
  return <span class={`mark ${tone}`}><span aria-hidden="true" class="shape">{kShapes[tone]}</span>{children}</span>;
}

export function CapBar(of: { spent: string; held: string; cap: string; warn: number[] }) {
  const { spent, held, cap } = of;
  const whole = parseMoney(cap);
  const used = Math.min(1000, permille(parseMoney(spent), whole));
  const kept = Math.min(1000 - used, permille(parseMoney(held), whole));
  return (
    <svg class={`capbar ${toneOf(of)}`} viewBox="0 0 1000 8" preserveAspectRatio="none" aria-hidden="true">
      <rect class="all" width="1000" height="8" />
      <rect class="used" width={used} height="8" />
      <rect class="held" x={used} width={kept} height="8" />
    </svg>
  );
}

export function Copy({ text, label = 'Copy' }: { text: string; label?: string }) {
  const [done, setDone] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setDone(true);
      setTimeout(() => setDone(false), 1500);
    } catch { /* the text is there to be marked by hand */ }
  };
  return <button type="button" class="small" onClick={copy}><span aria-live="polite">{done ? 'Copied' : label}</span></button>;
}

export function Fault({ error, retry }: { error: CallError; retry?: () => void }) {
  return (
    <div class="fault" role="alert">
      <p><Mark tone="bad">{error.message}</Mark></p>
      {error.requestId && <p class="muted">Request <code>{error.requestId}</code></p>}
      <p class="row">
        {retry && <button type="button" class="small" onClick={retry}>Retry</button>}
        <Copy text={error.details} label="Copy details" />
      </p>
    </div>
  );
}

/** Skeleton rows while nothing is there, the old figures while new ones come, and what went wrong. */
export function Show<T>({ of, rows = 4, children }: { of: Loaded<T>; rows?: number; children: (data: T) => ComponentChildren }) {
  const stale = of.data !== null && of.error !== null;
  if (of.data === null) {
    if (of.error) return <Fault error={of.error} retry={of.reload} />;
    return (
      <div class="skeleton" role="status" aria-label="Loading">
        {Array.from({ length: rows }, (_, i) => <div key={i} />)}
      </div>
    );
  }
  return (
    <>
      {stale && (
        <p class="stale" role="status">
          <Mark tone="warn">{of.error!.message} As of {clockName(of.at, zone.value, true)}.</Mark>{' '}
          <button type="button" class="small" onClick={of.reload}>Retry</button>
        </p>
      )}
      <div class={stale ? 'dimmed' : undefined}>{children(of.data)}</div>
      {of.answer?.next && Array.isArray(of.data) &&
        <p class="note" role="note"><Mark tone="warn">… and more: only the first {showCount(of.data.length)} were read. Narrow the question.</Mark></p>}
    </>
  );
}

export function Panel({ title, aside, children, wide, id }: {
  title: ComponentChildren; aside?: ComponentChildren; children: ComponentChildren; wide?: boolean; id?: string;
}) {
  return (
    <section class={wide ? 'panel wide' : 'panel'} id={id}>
      <header><h2>{title}</h2>{aside && <div class="aside">{aside}</div>}</header>
      {children}
    </section>
  );
}

export function Empty({ children }: { children: ComponentChildren }) {
  return <p class="empty">{children}</p>;
}

/** What the gateway does not tell yet. */
export function Missing({ children }: { children: ComponentChildren }) {
  return <p class="missing">{children}</p>;
}

export function Select({ label, value, options, onPick }: {
  label: string; value: string; options: readonly (readonly [string, string])[]; onPick: (value: string) => void;
}) {
  return (
    <label class="pick">
      <span>{label}</span>
      <select value={value} onChange={(event) => onPick(event.currentTarget.value)}>
        {options.map(([name, text]) => <option key={name} value={name}>{text}</option>)}
      </select>
    </label>
  );
}

export function Switch({ label, on, disabled, onPick, ...more }: {
  label: string; on: boolean; disabled?: boolean; onPick: (on: boolean) => void; 'data-key'?: string;
}) {
  return (
    <label class="switch">
      <input type="checkbox" checked={on} disabled={disabled} onChange={(event) => onPick(event.currentTarget.checked)} {...more} />
      <span>{label}</span>
    </label>
  );
}

export function Field({ label, hint, ...input }: { label: string; hint?: string } & JSX.InputHTMLAttributes<HTMLInputElement>) {
  return (
    <label class="field">
      <span>{label}</span>
      <input autocomplete="off" spellcheck={false} {...input} />
      {hint && <small>{hint}</small>}
    </label>
  );
}

export function Dialog({ title, onClose, children }: { title: string; onClose: () => void; children: ComponentChildren }) {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => element.current?.showModal(), []);
  return (
    <dialog ref={element} aria-label={title} onClose={onClose}>
      <h2>{title}</h2>
      {children}
    </dialog>
  );
}

/** What cannot be taken back asks for the name. */
export function Destroy({ name, title, verb, children, onDo, onClose }: {
  name: string; title: string; verb: string; children: ComponentChildren; onDo: () => Promise<void>; onClose: () => void;
}) {
  const [typed, setTyped] = useState('');
  const [error, setError] = useState<CallError | null>(null);
  const run = (event: Event) => {
    event.preventDefault();
    onDo().catch(setError);
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={run}>
        {children}
        <Field label={`Type ${name} to confirm`} value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />
        {error && <Fault error={error} />}
        <p class="row end">
          <button type="button" onClick={onClose}>Cancel</button>
          <button type="submit" class="danger" disabled={typed !== name}>{verb}</button>
        </p>
      </form>
    </Dialog>
  );
}
