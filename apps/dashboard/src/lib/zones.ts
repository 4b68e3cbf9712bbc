// Times in a zone: days, weeks and hours as people there have them, with daylight saving.

const kMinute = 60_000;
const kHour = 60 * kMinute;
export const kQuarter = 15 * kMinute;

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(zone: string): Intl.DateTimeFormat {
  let found = formatters.get(zone);
  if (!found) {
    found = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit',
      minute: '2-digit', second: '2-digit',
    });
    formatters.set(zone, found);
  }
  return found;
}

export function isZone(name: string): boolean {
  try {
    formatter(name);
    return true;
  } catch {
    return false;
  }
}

export interface Wall { year: number; month: number; day: number; hour: number; minute: number; second: number }

export function wallOf(at: number, zone: string): Wall {
  const wall: Record<string, number> = {};
  for (const part of formatter(zone).formatToParts(at)) wall[part.type] = Number(part.value);
  return wall as unknown as Wall;
}

/** Milliseconds to add to UTC. */
export function offsetOf(at: number, zone: string): number {
  const wall = wallOf(at, zone);
  const as_utc = Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute, wall.second);
  return as_utc - Math.floor(at / 1000) * 1000;
}

/** The first moment of that day there; `day` may be past the end of the month. */
export function dayStart(year: number, month: number, day: number, zone: string): number {
  const utc = Date.UTC(year, month - 1, day);
  let at = utc - offsetOf(utc, zone);
  at = utc - offsetOf(at, zone);
  // A zone that skips midnight begins its day an hour later.
  const wall = wallOf(at, zone);
  const wanted = new Date(utc);
  return wall.day === wanted.getUTCDate() ? at : at + kHour;
}

export function startOfDay(at: number, zone: string, days = 0): number {
  const wall = wallOf(at, zone);
  return dayStart(wall.year, wall.month, wall.day + days, zone);
}

/** Weeks begin on Monday. */
export function startOfWeek(at: number, zone: string, weeks = 0): number {
  const wall = wallOf(at, zone);
  const since_monday = (new Date(Date.UTC(wall.year, wall.month - 1, wall.day)).getUTCDay() + 6) % 7;
  return dayStart(wall.year, wall.month, wall.day - since_monday + 7 * weeks, zone);
}

export function startOfMonth(at: number, zone: string, months = 0): number {
  const wall = wallOf(at, zone);
  const first = new Date(Date.UTC(wall.year, wall.month - 1 + months, 1));
  return dayStart(first.getUTCFullYear(), first.getUTCMonth() + 1, 1, zone);
}

const two = (n: number) => n.toString().padStart(2, '0');

export function dayName(at: number, zone: string): string {
  const wall = wallOf(at, zone);
  return `${wall.year}-${two(wall.month)}-${two(wall.day)}`;
}

export function clockName(at: number, zone: string, withSeconds = false): string {
  const wall = wallOf(at, zone);
  return `${two(wall.hour)}:${two(wall.minute)}` + (withSeconds ? `:${two(wall.second)}` : '');
}

export function offsetName(at: number, zone: string): string {
  const minutes = Math.round(offsetOf(at, zone) / kMinute);
  const absolute = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(absolute / 60))}:${two(absolute % 60)}`;
}

/** RFC 3339 in that zone, to the second. */
export function momentName(at: number, zone: string): string {
  return `${dayName(at, zone)}T${clockName(at, zone, true)}${offsetName(at, zone)}`;
}

export function floorQuarter(at: number): number {
  return Math.floor(at / kQuarter) * kQuarter;
}

export function browserZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
}
