import { useState } from 'preact/hooks';
import { signedOutBecause, signIn } from '../lib/session';
import { Mark } from '../ui/parts';

export function SignIn() {
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    const given = String(new FormData(event.currentTarget as HTMLFormElement).get('token') ?? '').trim();
    setBusy(true);
    try {
      await signIn(given);
    } catch (problem) {
      setError(problem instanceof TypeError || !(problem instanceof Error) ? 'The gateway does not answer.' : problem.message);
      setBusy(false);
    }
  };
  return (
    <main class="sign-in" id="content">
      <h1><Logo /> Model Gateway</h1>
      {signedOutBecause.value && <p role="status"><Mark tone="warn">{signedOutBecause.value}</Mark></p>}
      <form onSubmit={submit}>
        <label class="field">
          <span>Token or key</span>
          <input name="token" type="password" required autocomplete="off" autofocus />
          <small>The administration's token: the configuration's <code>admin_token</code> or, without one, the token that the first start printed;
            {' '}<code>gateway open</code> prints a link that needs none. A project's key shows that project alone.</small>
        </label>
        {error && <div class="fault" role="alert"><p><Mark tone="bad">{error}</Mark></p></div>}
        <button type="submit" class="primary" disabled={busy}>{busy ? 'Signing in' : 'Sign in'}</button>
      </form>
    </main>
  );
}

export function Logo() {
  return (
    <svg class="logo" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
      <path d="M2 4h6l4 6-4 6H2M18 10h-6" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" />
    </svg>
  );
}
