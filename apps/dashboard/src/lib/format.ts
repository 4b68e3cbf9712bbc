// Figures and times as people read them.
import { groupThousands } from './money';

export function showCount(count: number): string {
  return (count < 0 ? '\u2212' : '') + groupThousands(Math.abs(Math.round(count)).toString());
}

/** 12 400 as "12.4 k"; exact below 10 000. */
export function showTokens(count: number): string {
  if (count < 10_000) return showCount(count);
  for (const [unit, size] of [['G', 1e9], ['M', 1e6], ['k', 1e3]] as const) {
    if (count < size) continue;
    const value = count / size;
    return (value < 99.95 ? value.toFixed(1) : Math.round(value).toString()) + '\u202f' + unit;
  }
  return showCount(count);
}

export function showBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value.toFixed(1)} ${units[unit]}`;
}

export function showDuration(ms: number | null): string {
  if (ms === null || Number.isNaN(ms)) return '-';
  if (ms < 1) return '< 1 ms';
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return `${minutes} min ${Math.floor((ms % 60_000) / 1000)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function showShare(part: number, whole: number): string {
  if (whole === 0) return '-';
  const percent = (part / whole) * 100;
  if (percent > 0 && percent < 0.1) return '< 0.1 %';
  if (percent > 99.9 && percent < 100) return '> 99.9 %';
  return `${percent === 0 || percent === 100 ? percent : percent.toFixed(1)} %`;
}

/** How `now` differs from `before`: "+12 %"; null if that says nothing. */
export function showChange(now: number, before: number): string | null {
  if (before === 0) return null;
  const percent = Math.round((now / before - 1) * 100);
  if (percent > 999) return '> +999 %';
  return `${percent > 0 ? '+' : percent < 0 ? '\u2212' : '\u00b1'}${Math.abs(percent)} %`;
}

/** "2 min ago", "in 3 h". */
export function showRelative(at: number, now: number): string {
  const seconds = Math.round(Math.abs(now - at) / 1000);
  if (seconds < 5) return 'now';
  const [count, unit] =
    seconds < 60 ? [seconds, 's'] : seconds < 3600 ? [Math.floor(seconds / 60), 'min']
      : seconds < 172_800 ? [Math.floor(seconds / 3600), 'h'] : [Math.floor(seconds / 86_400), 'days'];
  return at > now ? `in ${count} ${unit}` : `${count} ${unit} ago`;
}

const kQuarter = 900_000;
export const endOfQuarter = (at: number) => (Math.floor(at / kQuarter) + 1) * kQuarter;

/** How long ago something was of which only its quarter of an hour is known, and that it was not before `at`: "1 to 16 min ago". */
export function showQuarter(at: number, now: number): string {
  const most = Math.max(0, now - at);
  const least = Math.max(0, now - endOfQuarter(at));
  if (least < 60_000) return `< ${Math.floor(most / 60_000) + 1} min ago`;
  const [size, unit] = least < 3600_000 ? [60_000, 'min'] : least < 172_800_000 ? [3600_000, 'h'] : [86_400_000, 'days'];
  const [from, to] = [Math.floor(least / size), Math.floor(most / size)];
  return `${from === to ? from : `${from} to ${to}`} ${unit} ago`;
}

/** The time between two moments of a row with microseconds, in milliseconds; null if one is missing. */
export function between(from: string | null, to: string | null): number | null {
  return from === null || to === null ? null : (micros(to) - micros(from)) / 1000;
}

// Date drops microseconds, which short attempts are made of.
function micros(moment: string): number {
  const fraction = /\.(\d{1,6})/.exec(moment)?.[1] ?? '';
  return Math.floor(Date.parse(moment) / 1000) * 1_000_000 + Number(fraction.padEnd(6, '0'));
}

/** What is between is kept out: names that are too long keep both ends. */
export function shorten(name: string, most = 32): string {
  if (name.length <= most) return name;
  const end = Math.floor((most - 1) / 3);
  return name.slice(0, most - 1 - end) + '\u2026' + name.slice(-end);
}

export function quantile(sorted: number[], share: number): number | null {
  return sorted.length === 0 ? null : sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)];
}
