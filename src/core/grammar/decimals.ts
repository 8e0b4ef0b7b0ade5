import { literal, type Rules, repeated } from './rules.ts';

/** Decimal digits that a double keeps apart: what is in a range as text is in it as a number. */
const DIGITS = 15;
const LARGEST = 10n ** BigInt(DIGITS) - 1n;
/** Where a number has no upper bound, it has one of so many digits, which leaves room for a fraction. */
const OPEN_DIGITS = 9;

export interface Range {
  readonly min?: number;
  readonly max?: number;
  /** The bound itself is not in the range. */
  readonly isAbove?: boolean;
  readonly isBelow?: boolean;
}

const ANY_INTEGER = `"-"? ("0" | [1-9] [0-9]{0,${DIGITS - 1}})`;
/** No exponent leads to infinity. */
export const ANY_NUMBER = `${ANY_INTEGER} ("." [0-9]{1,${DIGITS}})? ([eE] [+-]? [0-9]{1,2})?`;

/** Integers of a range, in decimal; absent when there is none. */
export function integerRange(rules: Rules, { min, max, isAbove = false, isBelow = false }: Range): string | undefined {
  if (min === undefined && max === undefined) return ANY_INTEGER;
  const least = min === undefined ? -LARGEST : clamp(isAbove ? Math.floor(min) + 1 : Math.ceil(min));
  const most = max === undefined ? LARGEST : clamp(isBelow ? Math.ceil(max) - 1 : Math.floor(max));
  const parts: string[] = [];
  if (least < 0n && least <= most) parts.push(`"-" ${naturals(rules, most < -1n ? -most : 1n, -least)}`);
  if (most >= 0n && least <= most) parts.push(naturals(rules, least > 0n ? least : 0n, most));
  return parts.length === 0 ? undefined : rules.choice(parts);
}

/**
 * Numbers of a range, in decimal and without exponents; absent when there is none.
 * @throws RangeError for bounds of more digits than are told apart
 */
export function numberRange(rules: Rules, { min, max, isAbove = false, isBelow = false }: Range): string | undefined {
  if (min === undefined && max === undefined) return ANY_NUMBER;
  const low = { at: min ?? -openBound(max), isOut: isAbove && min !== undefined };
  const high = { at: max ?? openBound(min), isOut: isBelow && max !== undefined };
  const parts: string[] = [];
  if (low.at < 0) {
    const nearest = high.at >= 0 ? { at: 0, isOut: true } : { at: -high.at, isOut: high.isOut };
    const negative = magnitudes(rules, nearest, { at: -low.at, isOut: low.isOut });
    if (negative !== undefined) parts.push(`"-" ${negative}`);
  }
  if (high.at >= 0) {
    const positive = magnitudes(rules, low.at >= 0 ? low : { at: 0, isOut: false }, high);
    if (positive !== undefined) parts.push(positive);
  }
  return parts.length === 0 ? undefined : rules.choice(parts);
}

const clamp = (value: number): bigint => {
  const whole = BigInt(Math.max(-1e15, Math.min(1e15, value)));
  return whole > LARGEST ? LARGEST : whole < -LARGEST ? -LARGEST : whole;
};

/** Beyond the other bound. */
const openBound = (other: number | undefined): number => (Math.abs(other ?? 0) < 1e8 ? 10 ** OPEN_DIGITS - 1 : Number(LARGEST));

/** Whole numbers from `low` to `high`, neither below 0. */
function naturals(rules: Rules, low: bigint, high: bigint): string {
  const options: string[] = [];
  for (let length = `${low}`.length; length <= `${high}`.length; length++) {
    const first = length === 1 ? 0n : 10n ** BigInt(length - 1);
    const last = 10n ** BigInt(length) - 1n;
    options.push(between(rules, `${low > first ? low : first}`, `${high < last ? high : last}`));
  }
  return rules.choice(options);
}

/** Digit strings from `low` to `high`, which are equally long. */
function between(rules: Rules, low: string, high: string): string {
  if (low === high) return literal(low);
  if (/^0+$/.test(low) && /^9+$/.test(high)) return repeated('[0-9]', low.length, low.length);
  const [first = '', last = ''] = [low.charAt(0), high.charAt(0)];
  const [lowRest, highRest] = [low.slice(1), high.slice(1)];
  if (first === last) return `${literal(first)} ${between(rules, lowRest, highRest)}`;
  if (lowRest === '') return `[${first}-${last}]`;
  const inner = digitsBetween(Number(first) + 1, Number(last) - 1);
  return rules.choice([
    `${literal(first)} ${between(rules, lowRest, '9'.repeat(lowRest.length))}`,
    ...(inner === undefined ? [] : [`${inner} ${repeated('[0-9]', lowRest.length, lowRest.length)}`]),
    `${literal(last)} ${between(rules, '0'.repeat(highRest.length), highRest)}`,
  ]);
}

const digitsBetween = (from: number, to: number): string | undefined =>
  from > to ? undefined : from === to ? literal(`${from}`) : `[${from}-${to}]`;

interface Bound {
  readonly at: number;
  readonly isOut: boolean;
}

/** A bound in decimal, the fraction without trailing zeros. */
function parts(at: number): { readonly whole: bigint; readonly fraction: string } {
  const text = /e/.test(`${at}`) ? at.toFixed(DIGITS) : `${at}`;
  const [whole = '', fraction = ''] = text.split('.');
  const digits = fraction.replace(/0+$/, '');
  if (Number(text) !== at || whole.length + digits.length > DIGITS) throw new RangeError(`${at} has more than ${DIGITS} digits`);
  return { whole: BigInt(whole), fraction: digits };
}

/** Decimals from `low` to `high`, neither below 0. */
function magnitudes(rules: Rules, low: Bound, high: Bound): string | undefined {
  if (low.at > high.at || (low.at === high.at && (low.isOut || high.isOut))) return undefined;
  const [least, most] = [parts(low.at), parts(high.at)];
  const room = DIGITS - `${most.whole}`.length;
  if (Math.max(least.fraction.length, most.fraction.length) > room) throw new RangeError('the bounds are too far apart');
  const from = { digits: least.fraction, isOut: low.isOut };
  const to = { digits: most.fraction, isOut: high.isOut };
  const options: string[] = [];
  const add = (whole: string, fraction: string | undefined) => {
    if (fraction !== undefined) options.push(`${whole} ${fraction}`);
  };
  if (least.whole === most.whole) add(literal(`${least.whole}`), fractions(rules, from, to, room));
  else {
    add(literal(`${least.whole}`), fractions(rules, from, undefined, room));
    if (most.whole - least.whole > 1n)
      add(naturals(rules, least.whole + 1n, most.whole - 1n), fractions(rules, undefined, undefined, room));
    add(literal(`${most.whole}`), fractions(rules, undefined, to, room));
  }
  return options.length === 0 ? undefined : rules.choice(options);
}

interface FractionBound {
  readonly digits: string;
  readonly isOut: boolean;
}

/** What may follow a whole number whose fraction is bounded: nothing, or a point and up to `room` digits. */
function fractions(rules: Rules, from: FractionBound | undefined, to: FractionBound | undefined, room: number): string | undefined {
  const mayEnd = (at: number, low: FractionBound | undefined, high: FractionBound | undefined): boolean =>
    (low === undefined || (at >= low.digits.length && !low.isOut)) && (high === undefined || at < high.digits.length || !high.isOut);

  /** Digits from place `at` on; a bound is given as long as all digits so far are its own. */
  const tail = (at: number, low: FractionBound | undefined, high: FractionBound | undefined): string | undefined => {
    const lowest = low && !low.isOut && at >= low.digits.length ? undefined : low;
    const options: string[] = at > 0 && mayEnd(at, lowest, high) ? ['""'] : [];
    const add = (digit: string | undefined, rest: string | undefined) => {
      if (digit !== undefined && rest !== undefined) options.push(`${digit} ${rest}`);
    };
    // Behind the last digit of the upper bound there are only zeros, which say nothing.
    if (at < room && !(high && at >= high.digits.length)) {
      const first = lowest ? Number(lowest.digits.charAt(at) || 0) : 0;
      const last = high ? Number(high.digits.charAt(at) || 0) : 9;
      const free = repeated('[0-9]', 0, room - at - 1);
      if (lowest && high && first === last) add(literal(`${first}`), tail(at + 1, lowest, high));
      else {
        if (lowest) add(literal(`${first}`), tail(at + 1, lowest, undefined));
        add(digitsBetween(lowest ? first + 1 : first, high ? last - 1 : last), free);
        if (high) add(literal(`${last}`), tail(at + 1, undefined, high));
      }
    }
    return options.length === 0 ? undefined : rules.choice(options);
  };

  const digits = tail(0, from, to);
  const options = [...(mayEnd(0, from, to) ? ['""'] : []), ...(digits === undefined ? [] : [`"." ${digits}`])];
  return options.length === 0 ? undefined : rules.choice(options);
}
