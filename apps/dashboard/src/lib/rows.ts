// Rows of the ledger that come page by page and, while the page is live, from the front.
import type { Row } from './types';

export const kMostRows = 5000;
const kAllDrawn = 200;  // so few are drawn whether they are seen or not
export const rowId = (row: Row) => `${row.request_id}.${row.attempt}.${row.entry}`;

/** `fresh` are the newest, newest first. Rows seen before are replaced: an open one has closed meanwhile. */
export function mergeNewest(old: Row[], fresh: Row[]): { rows: Row[]; added: number } {
  const updates = new Map(fresh.map((row) => [rowId(row), row]));
  const known = new Set(old.map(rowId));
  const added = fresh.filter((row) => !known.has(rowId(row)));
  const rows = [...added, ...old.map((row) => updates.get(rowId(row)) ?? row)];
  return { rows: rows.slice(0, kMostRows), added: added.length };
}

/** `closed` come one by one as they end, so that some began before those that are shown: each goes where it belongs. */
export function mergeClosed(old: Row[], closed: Row[]): { rows: Row[]; added: number } {
  const byId = (a: Row, b: Row) => (rowId(a) < rowId(b) ? 1 : rowId(a) > rowId(b) ? -1 : 0);
  const merged = mergeNewest(old, [...closed].sort(byId));
  return merged.added === 0 ? merged : { rows: merged.rows.sort(byId), added: merged.added };
}

/** False: `fresh` reaches no row that is known, so that some between may be missing. */
export function joins(old: Row[], fresh: Row[]): boolean {
  if (old.length === 0) return true;
  const known = new Set(old.map(rowId));
  return fresh.some((row) => known.has(rowId(row)));
}

/** Which of `count` rows of one height are near what is seen; of few, all. */
export function windowOf(count: number, height: number, top: number, seen: number, spare = 20): { from: number; to: number } {
  if (count <= kAllDrawn) return { from: 0, to: count };
  const from = Math.max(0, Math.floor(-top / height) - spare);
  return { from: Math.min(from, count), to: Math.min(count, from + Math.ceil(seen / height) + 2 * spare) };
}
