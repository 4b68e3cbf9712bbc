// A table: figures to the right, a count below, headings that sort, a row that leads somewhere.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { go } from '../lib/router';
import { showCount } from '../lib/format';

export interface Column<R> {
  head: string;
  cell: (row: R) => ComponentChildren;
  num?: boolean;
  sort?: (row: R) => string | number | bigint;
  rest?: ComponentChildren;   // of the rows that are left out
  total?: ComponentChildren;
  low?: boolean;   // left out where the page is narrow
  wide?: boolean;  // left out on phones
}

const kindOf = (one: { num?: boolean; low?: boolean; wide?: boolean }) =>
  [one.num && 'num', one.low && 'low', one.wide && 'wide-only'].filter(Boolean).join(' ');

interface Props<R> {
  caption: string;
  columns: Column<R>[];
  rows: R[];
  id: (row: R) => string;
  href?: (row: R) => string | null;
  order?: { head: string; down: boolean };
  count?: string | null;
  empty?: ComponentChildren;
}

export function Table<R>({ caption, columns, rows, id, href, order, count, empty }: Props<R>) {
  const [by, setBy] = useState(order ?? null);
  const column = by && columns.find((one) => one.head === by.head);
  const sorted = column?.sort
    ? [...rows].sort((a, b) => {
        const [x, y] = [column.sort!(a), column.sort!(b)];
        return (x < y ? -1 : x > y ? 1 : 0) * (by!.down ? -1 : 1);
      })
    : rows;
  const head = (one: Column<R>) => {
    const kind = kindOf(one);
    if (!one.sort) return <th key={one.head} scope="col" class={kind}>{one.head}</th>;
    const active = by?.head === one.head;
    return (
      <th key={one.head} scope="col" class={kind} aria-sort={active ? (by!.down ? 'descending' : 'ascending') : 'none'}>
        <button type="button" class="sort" onClick={() => setBy({ head: one.head, down: active ? !by!.down : !!one.num })}>
          {one.head}<span aria-hidden="true">{active ? (by!.down ? '\u00a0↓' : '\u00a0↑') : ''}</span>
        </button>
      </th>
    );
  };
  return (
    <>
      <div class="scroll" role="region" aria-label={caption} tabIndex={0}>
        <table>
          <caption class="hidden">{caption}</caption>
          <thead><tr>{columns.map(head)}</tr></thead>
          <tbody>
            {sorted.map((row) => {
              const to = href?.(row) ?? null;
              return (
                <tr key={id(row)} data-href={to ?? undefined} class={to ? 'leads' : undefined}
                    onClick={to ? (event) => follow(event, to) : undefined}>
                  {columns.map((one, i) => {
                    const content = one.cell(row);
                    return <td key={one.head} class={kindOf(one)}>{to && i === 0 ? <a href={to}>{content}</a> : content}</td>;
                  })}
                </tr>
              );
            })}
          </tbody>
          {rows.length > 0 && columns.some((one) => one.total !== undefined) && (
            <tfoot>
              {columns.some((one) => one.rest !== undefined) && <tr class="rest">{columns.map((one) => <td key={one.head} class={kindOf(one)}>{one.rest}</td>)}</tr>}
              <tr>{columns.map((one) => <td key={one.head} class={kindOf(one)}>{one.total}</td>)}</tr>
            </tfoot>
          )}
        </table>
      </div>
      {rows.length === 0 ? <p class="empty">{empty ?? 'Nothing here.'}</p>
        : count !== null && <p class="count">{count ?? `${showCount(rows.length)} ${rows.length === 1 ? 'row' : 'rows'}`}</p>}
    </>
  );
}

function follow(event: MouseEvent, to: string): void {
  if (event.target instanceof Element && event.target.closest('a, button, input, select')) return;
  if (getSelection()?.toString()) return;
  go(to);
}
