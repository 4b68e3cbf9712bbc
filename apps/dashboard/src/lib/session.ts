// Who is signed in. The session is a cookie that no script reads; what is known of it here ends with the page.
import { signal } from '@preact/signals';

export interface Session { role: 'admin' | 'project'; project: string | null; csrf: string; may_write: boolean;
  expires_at: string }

const kPath = '/dashboard/session';
const kRenewEvery = 10 * 60_000;

/** Null: nobody is. Undefined: it is not known yet. */
export const session = signal<Session | null | undefined>(undefined);
export const signedOutBecause = signal<string | null>(null);

export const isAdmin = () => session.value?.role === 'admin';
export const mayWrite = () => session.value?.may_write === true;
export const ownProject = () => (session.value?.role === 'project' ? session.value.project : null);

/** What the sign-in page shows where the server does not let someone in. */
export class SignInError extends Error {
  constructor(message: string, readonly requestId: string | null) {
    super(message);
  }
}

async function ask(method: string, body?: unknown): Promise<Session | null> {
  const response = await fetch(kPath, {
    method, cache: 'no-store', credentials: 'same-origin', body: body === undefined ? undefined : JSON.stringify(body),
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
  });
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer.data ?? null;
  throw new SignInError(answer.error?.message ?? `The answer was ${response.status}.`, response.headers.get('x-request-id'));
}

export async function signIn(token: string): Promise<void> {
  session.value = await ask('POST', { token });
  signedOutBecause.value = null;
}

export async function signOut(): Promise<void> {
  await ask('DELETE').catch(() => {});
  ended(null);
}

/** The server does not know the session any more. */
export function ended(why: string | null): void {
  signedOutBecause.value = why;
  session.value = null;
}

/** A link that signs in once has its text after the #, which is never sent and is gone from the address at once. */
async function begin(): Promise<void> {
  const link = /^#sign-in=([\w-]+)$/.exec(location.hash)?.[1];
  if (link) {
    history.replaceState(null, '', location.pathname + location.search);
    try {
      return await signIn(link);
    } catch (error) {
      signedOutBecause.value = error instanceof Error ? error.message : null;
    }
  }
  session.value = await ask('GET').catch(() => null);
}

export function startSession(): void {
  void begin().catch(() => (session.value = null));
  setInterval(() => {
    if (!session.value || document.visibilityState !== 'visible') return;
    ask('GET').then((found) => found && (session.value = found), () => {});  // a call will say that it has ended
  }, kRenewEvery);
}
