import { expect, test } from 'vitest';
import { columnDecimals, decimalsOf, moneyText, parseMoney, permille, showMoney, sumMoney, shortMoney, toneOf } from '../src/lib/money';

test('amounts stay exact, to the last digit that a ledger has', () => {
  const sum = sumMoney(['0.1', '0.2', '12345678901234567890.000000000001'].map(parseMoney));
  expect(moneyText(sum)).toBe('12345678901234567890.300000000001');
  expect(moneyText(parseMoney('-0.000075'))).toBe('-0.000075');
  expect(moneyText(parseMoney('5.00'))).toBe('5');
  expect(moneyText(sumMoney([]))).toBe('0');
});

test('what is no amount is refused', () => {
  for (const text of ['', '1e3', '.5', '1.', 'NaN', '1,5', ' 1', '0.1234567890123456789']) {
    expect(() => parseMoney(text), text).toThrow();
  }
});

test('a cost that is not zero is never shown as zero', () => {
  expect(showMoney(parseMoney('0.00004'))).toBe('$0.00004');
  expect(showMoney(parseMoney('0.000384'))).toBe('$0.000384');
  expect(showMoney(parseMoney('0'))).toBe('$0.00');
  expect(showMoney(parseMoney('0.000000000001'))).toBe('$0.000000000001');
  expect(showMoney(parseMoney('-0.5'))).toBe('\u2212$0.50');
});

test('thousands are apart, and rounding goes up from the half', () => {
  expect(showMoney(parseMoney('12345.675'), 2)).toBe('$12\u202f345.68');
  expect(showMoney(parseMoney('1234.5'), 2)).toBe('$1234.50');
  expect(showMoney(parseMoney('0.995'), 2)).toBe('$1.00');
  expect(showMoney(parseMoney('-0.001'), 2)).toBe('$0.00');
});

test('a column has as many decimals as its smallest amount needs', () => {
  expect(columnDecimals(['5', '0.25', '0.0018285'].map(parseMoney))).toBe(5);
  expect(columnDecimals([])).toBe(2);
  expect(decimalsOf(parseMoney('0.1'))).toBe(2);
});

test('shares of a cap', () => {
  expect(permille(parseMoney('0.0119'), parseMoney('0.02'))).toBe(595);
  expect(permille(1n, 0n)).toBe(0);
});

test("a cap warns at its own thresholds, not at others'", () => {
  const cap = (spent: string, held: string, warn: number[]) => toneOf({ spent, held, cap: '10', warn });
  expect(cap('9.9', '0', [])).toBe('good');
  expect(cap('4.9', '0', [50, 90])).toBe('good');
  expect(cap('4.9', '0.1', [50, 90])).toBe('warn');
  expect(cap('9', '1', [50])).toBe('bad');
});

test('where there is no room for twelve decimals an amount is short, and never zero', () => {
  expect(shortMoney(parseMoney('0.000000000001'))).toBe('$1e-12');
  expect(shortMoney(parseMoney('-0.000000123456'))).toBe('\u2212$1.23e-7');
  expect(shortMoney(parseMoney('0.000001'))).toBe(showMoney(parseMoney('0.000001')));
  expect(shortMoney(0n)).toBe('$0.00');
  expect(shortMoney(parseMoney('12.5'))).toBe('$12.50');
});
