// Calls of the administration, as the session that is signed in.
import { effect } from '@preact/signals';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ended, ownProject, session } from './session';

export const kPrefix = '/admin/v1/';

export class CallError extends Error {
  constructor(message: string, readonly status: number, readonly code: string | null, readonly param: string | null,
              readonly requestId: string | null, readonly call: string) {
    super(message);
  }
  get details(): string {
    return [`call: ${this.call}`, `status: ${this.status || 'no answer'}`, `code: ${this.code ?? '-'}`,
            `request: ${this.requestId ?? '-'}`, `message: ${this.message}`].join('\n');
  }
}

export interface Answer<T> { data: T; next?: string; note?: string }
export interface CallOptions { body?: unknown; text?: string; ifMatch?: string; signal?: AbortSignal }  // text: a body as it is

export async function send(method: string, path: string, options: CallOptions = {}): Promise<Response> {
  const headers: Record<string, string> = method === 'GET' ? {} : { 'x-gateway-csrf': session.value?.csrf ?? '' };
  const body = options.body === undefined ? options.text : JSON.stringify(options.body);
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (options.ifMatch) headers['if-match'] = `"${options.ifMatch}"`;
  const call = `${method} ${kPrefix}${path}`;
  let response: Response;
  try {
    response = await fetch(kPrefix + path, { method, headers, body, signal: options.signal, cache: 'no-store', credentials: 'same-origin' });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new CallError('The gateway does not answer.', 0, null, null, null, call);
  }
  if (response.ok) return response;
  const text = await response.text();
  let error: { message?: string; code?: string | null; param?: string | null } = {};
  try {
    error = JSON.parse(text).error ?? {};
  } catch { /* not an answer of the gateway */ }
  if (response.status === 401 && session.value) ended('The session has ended. Please sign in again.');
  throw new CallError(error.message ?? `The answer was ${response.status}.`, response.status, error.code ?? null,
                      error.param ?? null, response.headers.get('x-request-id'), call);
}

export async function call<T>(method: string, path: string, options: CallOptions = {}): Promise<Answer<T>> {
  const response = await send(method, path, options);
  const text = await response.text();
  return text === '' ? { data: undefined as T } : JSON.parse(text);
}

export function query(path: string, params: Record<string, string | string[] | number | null | undefined>): string {
  const given = new URLSearchParams();
  for (const [name, values] of Object.entries(params)) {
    for (const value of [values].flat()) {
      if (value !== null && value !== undefined && value !== '') given.append(name, String(value));
    }
  }
  const text = given.toString();
  return text ? `${path}?${text}` : path;
}

interface Kept { answer: Answer<unknown>; at: number }
const cache = new Map<string, Kept>();
effect(() => {
  if (!session.value) cache.clear();
});
const kMostKept = 100;

// An answer that says the same is the same object: what was drawn of it stays.
function keep(path: string, answer: Answer<unknown>): Kept {
  const old = cache.get(path)?.answer;
  const same = old !== undefined && JSON.stringify(old) === JSON.stringify(answer);
  const kept = { answer: same ? old : answer, at: Date.now() };
  cache.delete(path);
  cache.set(path, kept);
  if (cache.size > kMostKept) cache.delete(cache.keys().next().value!);
  return kept;
}

export interface Loaded<T> {
  answer: Answer<T> | null;  // the latest one, while a new one comes too
  data: T | null;
  error: CallError | null;
  loading: boolean;
  at: number;  // when it came
  reload: () => void;
}

/** A list with what follows it, page by page; `next` is left where even `pages` of them did not reach its end. */
async function callPages<T>(path: string, pages: number, signal: AbortSignal): Promise<Answer<T>> {
  const own = ownProject();
  if (own !== null && path.startsWith('projects?')) {
    const { data } = await call<unknown>('GET', `projects/${encodeURIComponent(own)}`, { signal });
    return { data: [data] as T };
  }
  const answer = await call<T>('GET', path, { signal });
  for (let page = 1; page < pages && answer.next && Array.isArray(answer.data); page += 1) {
    const more = await call<T>('GET', `${path}&cursor=${encodeURIComponent(answer.next)}`, { signal });
    answer.data = [...(answer.data as unknown[]), ...(more.data as unknown[])] as T;
    answer.next = more.next;
    answer.note = more.note;
  }
  return answer;
}

// What concerns all projects is not for a project's key.
const kForAll = /^(health|system|config|reconcile|prices)\b/;

/**
 * Null: nothing is asked. `every` milliseconds it is asked again while the page is seen. With several `pages` the path
 * has parameters already.
 */
export function useApi<T>(wanted: string | null, every = 0, pages = 1): Loaded<T> {
  const path = wanted !== null && ownProject() !== null && kForAll.test(wanted) ? null : wanted;
  const [state, setState] = useState<{ path: string | null; kept: Kept | null; error: CallError | null; loading: boolean }>(
    { path, kept: path === null ? null : cache.get(path) ?? null, error: null, loading: path !== null });
  const [round, setRound] = useState(0);
  const latest = useRef(path);
  latest.current = path;

  useEffect(() => {
    if (path === null) return;
    const abort = new AbortController();
    setState((old) => ({ path, kept: cache.get(path) ?? (sameQuestion(old.path, path) ? old.kept : null),
                         error: old.path === path ? old.error : null, loading: true }));
    callPages<T>(path, pages, abort.signal).then(
      (answer) => setState({ path, kept: keep(path, answer), error: null, loading: false }),
      (error) => {
        if (abort.signal.aborted) return;
        const shown = error instanceof CallError ? error
          : new CallError('The answer could not be read.', 0, null, null, null, `GET ${kPrefix}${path}`);
        setState((old) => ({ ...old, error: shown, loading: false }));
      });
    return () => abort.abort();
  }, [path, round, session.value?.csrf]);

  useEffect(() => {
    if (path === null || every === 0) return;
    const timer = setInterval(() => document.visibilityState === 'visible' && setRound((n) => n + 1), every);
    return () => clearInterval(timer);
  }, [path, every]);

  const reload = useCallback(() => setRound((n) => n + 1), []);
  const fits = state.path === path || sameQuestion(state.path, path);
  const kept = fits ? state.kept : path === null ? null : cache.get(path) ?? null;
  return { answer: (kept?.answer as Answer<T>) ?? null, data: (kept?.answer.data as T) ?? null, error: state.error,
           loading: state.loading, at: kept?.at ?? 0, reload };
}

/** The answer to a question that is posted, since its body has no place in an address. Null: nothing is asked. */
export function usePosted<T>(path: string | null, text: string): Loaded<T> {
  const [state, setState] = useState<Pick<Loaded<T>, 'answer' | 'error' | 'loading' | 'at'>>({ answer: null, error: null, loading: true, at: 0 });
  const [round, setRound] = useState(0);
  useEffect(() => {
    if (path === null) return;
    const abort = new AbortController();
    setState({ answer: null, error: null, loading: true, at: 0 });
    call<T>('POST', path, { text, signal: abort.signal }).then(
      (answer) => setState({ answer, error: null, loading: false, at: Date.now() }),
      (error) => abort.signal.aborted || setState({ answer: null, error, loading: false, at: 0 }));
    return () => abort.abort();
  }, [path, text, round]);
  return { ...state, data: state.answer?.data ?? null, reload: () => setRound((n) => n + 1) };
}

// A span that moved on with the clock asks the same: its old figures stay until the new ones are there.
function sameQuestion(a: string | null, b: string | null): boolean {
  if (a === null || b === null) return a === b;
  const plain = (path: string) => path.replace(/(since|until)=[^&]*/g, '$1');
  return plain(a) === plain(b);
}
