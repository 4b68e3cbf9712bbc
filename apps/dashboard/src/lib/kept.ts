// What a reader has chosen for this browser. Where it keeps nothing, the choice lasts as long as the page.
import { signal, type Signal } from '@preact/signals';

export function kept<T>(name: string, usual: T, read: (found: unknown) => T | null): Signal<T> {
  let value = usual;
  try {
    value = read(JSON.parse(localStorage.getItem(name) ?? 'null')) ?? usual;
  } catch { /* it keeps nothing, or not what was put there */ }
  const chosen = signal(value);
  chosen.subscribe((now) => {
    try {
      localStorage.setItem(name, JSON.stringify(now));
    } catch { /* as above */ }
  });
  return chosen;
}
