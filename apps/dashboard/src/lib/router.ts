// The address is the state: which page, with which questions. Links are plain links.
import { computed, signal } from '@preact/signals';
import { browserZone, isZone } from './zones';

export const kBase = '/dashboard';

export interface Place { path: string; params: URLSearchParams }

export function placeOf(url: URL): Place {
  const path = url.pathname.startsWith(kBase) ? url.pathname.slice(kBase.length) : url.pathname;
  const trimmed = path.replace(/\/+$/, '');
  return { path: trimmed === '' ? '/' : trimmed, params: url.searchParams };
}

export type Values = Record<string, string | string[] | null>;  // a list: the parameter is given several times

/** The parameters with some changed; null, '' or no value removes one. The order stays, so that equal states have equal addresses. */
export function changed(params: URLSearchParams, changes: Values): URLSearchParams {
  const result = new URLSearchParams(params);
  for (const [name, given] of Object.entries(changes)) {
    const [first, ...more] = [given].flat().filter((value) => value);
    if (first) result.set(name, first);
    else result.delete(name);
    for (const value of more) result.append(name, value!);
  }
  return result;
}

/** Braces in `pattern` name what they match: "/projects/{name}". Null: it is another path. */
export function match(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return null;
  const found: Record<string, string> = {};
  for (let i = 0; i < wanted.length; i += 1) {
    if (wanted[i].startsWith('{')) {
      try {
        found[wanted[i].slice(1, -1)] = decodeURIComponent(given[i]);
      } catch {
        return null;
      }
    } else if (wanted[i] !== given[i]) {
      return null;
    }
  }
  return found;
}

const here = typeof location === 'undefined' ? new URL('http://localhost' + kBase + '/') : new URL(location.href);
export const place = signal<Place>(placeOf(here));

/** The zone of all times shown. */
export const zone = computed(() => {
  const asked = place.value.params.get('tz');
  return asked !== null && isZone(asked) ? asked : browserZone();
});

export function link(path: string, params: Record<string, string | null> = {}): string {
  const kept: Record<string, string | null> = { tz: place.value.params.get('tz') };
  const text = changed(new URLSearchParams(), { ...params, ...kept }).toString();
  return kBase + path + (text ? '?' + text : '');
}

export function go(href: string, replace = false): void {
  if (replace) history.replaceState(null, '', href);
  else history.pushState(null, '', href);
  const before = place.value.path;
  place.value = placeOf(new URL(location.href));
  if (place.value.path !== before) window.scrollTo(0, 0);
}

export function setParams(changes: Values, replace = true): void {
  const text = changed(place.value.params, changes).toString();
  go(kBase + place.value.path + (text ? '?' + text : ''), replace);
}

export function startRouter(): void {
  addEventListener('popstate', () => (place.value = placeOf(new URL(location.href))));
  document.addEventListener('click', (event) => {
    const target = event.target instanceof Element ? event.target.closest('a') : null;
    if (!target || event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const url = new URL(target.href);
    if (url.origin !== location.origin || !url.pathname.startsWith(kBase + '/')) return;
    if (target.hasAttribute('download') || target.getAttribute('href')?.startsWith('#')) return;
    event.preventDefault();
    go(url.pathname + url.search);
  });
}
