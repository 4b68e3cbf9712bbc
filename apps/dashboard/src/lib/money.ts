// Amounts of money. They come as decimal strings and stay exact: integers of 10^-18 USD, never floating point.

const kScale = 18;
const kUnit = 10n ** BigInt(kScale);
const kThin = '\u202f';

export type Amount = bigint;

export function parseMoney(text: string): Amount {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (!match) throw new Error(`not an amount: ${text}`);
  const fraction = match[3] ?? '';
  if (fraction.length > kScale) throw new Error(`too many decimals: ${text}`);
  const digits = BigInt(match[2] + fraction.padEnd(kScale, '0'));
  return match[1] ? -digits : digits;
}

/** The shortest decimal string, as the gateway writes it. */
export function moneyText(amount: Amount): string {
  const absolute = amount < 0n ? -amount : amount;
  const fraction = (absolute % kUnit).toString().padStart(kScale, '0').replace(/0+$/, '');
  return (amount < 0n ? '-' : '') + (absolute / kUnit).toString() + (fraction ? '.' + fraction : '');
}

export function sumMoney(amounts: Iterable<Amount>): Amount {
  let sum = 0n;
  for (const amount of amounts) sum += amount;
  return sum;
}

/** How many decimals show three digits of it; at least two, and none more than it has. */
export function decimalsOf(amount: Amount): number {
  const absolute = amount < 0n ? -amount : amount;
  if (absolute === 0n || absolute >= kUnit) return 2;
  const fraction = absolute.toString().padStart(kScale, '0');
  const first = fraction.search(/[1-9]/);
  const kept = fraction.slice(0, Math.min(first + 3, kScale)).replace(/0+$/, '');
  return Math.max(2, kept.length);
}

/** So many that the smallest of a column is not shown as zero. */
export function columnDecimals(amounts: Iterable<Amount>): number {
  let most = 2;
  for (const amount of amounts) most = Math.max(most, Math.min(decimalsOf(amount), 12));
  return most;
}

export function groupThousands(digits: string): string {
  return digits.length < 5 ? digits : digits.replace(/\B(?=(\d{3})+$)/g, kThin);
}

export function showMoney(amount: Amount, decimals = decimalsOf(amount)): string {
  const step = 10n ** BigInt(kScale - decimals);
  const absolute = amount < 0n ? -amount : amount;
  const rounded = (absolute + step / 2n) / step;
  const text = rounded.toString().padStart(decimals + 1, '0');
  const whole = groupThousands(text.slice(0, text.length - decimals));
  return (amount < 0n && rounded !== 0n ? '\u2212' : '') + '$' + whole + '.' + text.slice(text.length - decimals);
}

/** Where there is no room for twelve decimals: what is less than a millionth as $1.23e-12. */
export function shortMoney(amount: Amount): string {
  const digits = (amount < 0n ? -amount : amount).toString();
  const exponent = digits.length - 1 - kScale;
  if (amount === 0n || exponent >= -6) return showMoney(amount);
  const fraction = digits.slice(1, 3).replace(/0+$/, '');
  return `${amount < 0n ? '\u2212' : ''}$${digits[0]}${fraction && '.' + fraction}e${exponent}`;
}

/** A price; unknown ones are no zero. */
export const perMillion = (text: string | null | undefined) => (text === null || text === undefined ? '-' : showMoney(parseMoney(text)));

/** For the pixels of a chart only. */
export function moneyPixels(amount: Amount): number {
  return Number(amount) / 1e18;
}

/** How much of a cap is taken; only to order them. */
export function taken(one: { spent: string; held: string; cap: string }): number {
  const whole = moneyPixels(parseMoney(one.cap));
  return whole > 0 ? moneyPixels(parseMoney(one.spent) + parseMoney(one.held)) / whole : Infinity;
}

/** As `gateway budget` colours it: bad once the cap is reached, warn once one of its own warnings has passed. */
export function toneOf({ spent, held, cap, warn }: { spent: string; held: string; cap: string; warn: number[] }): 'good' | 'warn' | 'bad' {
  const used = permille(parseMoney(spent) + parseMoney(held), parseMoney(cap));
  return used >= 1000 ? 'bad' : warn.some((percent) => used >= percent * 10) ? 'warn' : 'good';
}

/** `part` of `whole` in tenths of a percent, as a number from 0. */
export function permille(part: Amount, whole: Amount): number {
  return whole === 0n ? 0 : Number((part * 1000n) / whole);
}
