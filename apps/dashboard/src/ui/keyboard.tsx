// The keyboard: pages after g, rows by j and k, and controls that say which key they take (data-key).
import { signal } from '@preact/signals';
import { go, link, setParams, zone } from '../lib/router';
import { browserZone } from '../lib/zones';
import { Dialog } from './parts';

export const helping = signal(false);

const kPages: Record<string, string> = {
  o: '/', u: '/usage', r: '/requests', p: '/projects', k: '/keys', b: '/budgets', m: '/models', t: '/routes', h: '/providers',
  c: '/reconcile', s: '/system', a: '/start',
};

let after_g = -Infinity;  // when g was pressed; a page's own time begins with 0

export function startKeyboard(): void {
  document.addEventListener('keydown', (event) => {
    if (event.metaKey || event.ctrlKey || event.altKey || document.querySelector('dialog[open]')) return;
    const target = event.target as HTMLElement;
    if (/^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName)) {
      if (event.key === 'Escape') target.blur();
      return;
    }
    if (after_g > event.timeStamp - 1000) {
      after_g = -Infinity;
      const page = kPages[event.key];
      if (page) go(link(page));
      return;
    }
    if (event.key === 'g') after_g = event.timeStamp;
    else if (event.key === '?') helping.value = true;
    else if (event.key === 'z') setParams({ tz: zone.value === 'UTC' ? (browserZone() === 'UTC' ? null : browserZone()) : 'UTC' });
    else if (event.key === 'y') void navigator.clipboard.writeText(location.href).catch(() => {});
    else if (event.key === 'j' || event.key === 'k') step(event.key === 'j' ? 1 : -1);
    else {
      const control = document.querySelector<HTMLElement>(`main [data-key="${CSS.escape(event.key)}"]`);
      if (!control) return;
      event.preventDefault();
      if (control instanceof HTMLInputElement && control.type !== 'checkbox') control.focus();
      else control.click();
    }
  });
}

function step(by: number): void {
  const links = [...document.querySelectorAll<HTMLAnchorElement>('main tr[data-href] td:first-child a')];
  const at = links.indexOf(document.activeElement as HTMLAnchorElement);
  const next = links[Math.max(0, Math.min(links.length - 1, at + by))];
  next?.focus();
}

const kHelp = [
  ['g then o u r p k', 'overview, usage, requests, projects, keys'], ['g then b m t h c', 'budgets, models, routes, providers, reconciliation'],
  ['g then a s', 'start, system'], ['/', 'filter or search'], ['j k Enter', 'rows'], ['l', 'live'], ['e', 'export'], ['v', 'columns of the requests'],
  ['z', 'UTC or your zone'], ['y', 'copy link'], ['?', 'this help'], ['Esc', 'leave'],
];

export function Help() {
  if (!helping.value) return null;
  return (
    <Dialog title="Keyboard" onClose={() => (helping.value = false)}>
      <dl class="facts">{kHelp.map(([keys, what]) => <><dt><kbd>{keys}</kbd></dt><dd>{what}</dd></>)}</dl>
      <p class="row end"><button type="button" onClick={() => (helping.value = false)}>Close</button></p>
    </Dialog>
  );
}
