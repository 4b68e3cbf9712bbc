import { effect, signal } from '@preact/signals';

export type Theme = 'auto' | 'light' | 'dark';
const kKept = 'gateway-theme';

function kept(): Theme {
  const found = localStorage.getItem(kKept);
  return found === 'light' || found === 'dark' ? found : 'auto';
}

export const theme = signal<Theme>(kept());
/** Counts changes of the colours in force, for what is drawn and not styled. */
export const scheme = signal(0);

export function startTheme(): void {
  effect(() => {
    if (theme.value === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme.value;
    localStorage.setItem(kKept, theme.value);
    scheme.value = scheme.peek() + 1;
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => (scheme.value += 1));
}
