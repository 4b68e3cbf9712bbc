// What a form of a project says, as the body of a call.
import type { Cap } from './types';

export interface Draft {
  name: string; models: string; limits: Record<string, string>; spend: { cap: string; period: Cap['period'] }[];
  warn: string; mode: string; timezone: string; unpriced: string;
}

const list = (text: string) => text.split(',').map((one) => one.trim()).filter(Boolean);

/** `before` null: all that is set. Else only what differs from it. */
export function projectBody(draft: Draft, before: Draft | null): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  if (!before) body.name = draft.name.trim();
  if (draft.models !== (before?.models ?? '')) body.models = list(draft.models);
  const limits: Record<string, number | null> = {};
  for (const [name, text] of Object.entries(draft.limits)) {
    if (text !== (before?.limits[name] ?? '')) limits[name] = text.trim() === '' ? null : Number(text);
  }
  if (Object.keys(limits).length > 0) body.limits = limits;
  const spend = (one: Draft) => JSON.stringify([one.spend, one.spend.length ? one.warn : '']);
  if (before ? spend(draft) !== spend(before) : draft.spend.length > 0) {
    const warn = list(draft.warn).map(Number);
    body.spend = draft.spend.map(({ cap, period }) => ({ cap: cap.trim(), period, ...(warn.length ? { warn } : {}) }));
  }
  for (const name of ['mode', 'timezone', 'unpriced'] as const) {
    if (before ? draft[name] !== before[name] : true) body[name] = draft[name].trim();
  }
  return body;
}
