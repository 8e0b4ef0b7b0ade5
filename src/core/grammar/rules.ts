import { utf8Sequences } from '../utf8.ts';

/**
 * Rules of a grammar in xgrammar's EBNF while they are written. An *expression* is its right side: literals, character classes, rule names,
 * sequences and alternatives. Equal bodies share a rule, so what occurs often is compiled once.
 */
export class Rules {
  private readonly bodies = new Map<string, string>();
  private readonly names = new Map<string, string>();
  private count = 0;

  /** A name for this body, which may be used before it has one. */
  reserve(): string {
    this.count += 1;
    return `r${this.count}`;
  }

  define(name: string, body: string): string {
    this.bodies.set(name, body);
    return name;
  }

  /** A rule of this body, the same for equal ones. */
  rule(body: string): string {
    const known = this.names.get(body);
    if (known !== undefined) return known;
    const name = this.define(this.reserve(), body);
    this.names.set(body, name);
    return name;
  }

  /** A rule of a fixed name, written when it is first asked for; it may name itself. */
  shared(name: string, body: () => string): string {
    if (!this.bodies.has(name)) {
      this.bodies.set(name, '');
      this.bodies.set(name, body());
    }
    return name;
  }

  /**
   * One of these, each in a rule of its own.
   *
   * xgrammar 0.1.27 merges states of a rule that are alike in what comes before with others that are alike in what follows, and then lets through what
   * neither of them would (mlc-ai/xgrammar#618): `"9" [0-9] | "9" [0-9] [0-9] | "1" [0-9]` takes 912345. It cannot where no two
   * alternatives of a rule begin alike, so alternatives that may are written by this, others by `anyOf`.
   */
  choice(options: readonly string[]): string {
    const [only, ...others] = new Set(options);
    if (only === undefined || others.length === 0) return only ?? '""';
    return anyOf([only, ...others].map((option) => (option === '""' ? option : this.apart(option))));
  }

  /** As a rule that is not written into the one that names it, which xgrammar does with rules that name none themselves. */
  apart(body: string): string {
    return this.rule(`${body} ${this.shared('nil', () => '""')}`);
  }

  /** What repeats from `min` to `max` times; absent means without end. Each time in a rule of its own, for the same reason. */
  times(body: string, min: number, max?: number): string {
    const unit = this.apart(body);
    const all = Array.from({ length: min }, () => unit);
    if (max === undefined) {
      const more = this.shared(`${unit}more`, () => anyOf(['""', `${unit} ${unit}more`]));
      return [...all, more].join(' ');
    }
    let more = '';
    for (let left = max - min, count = 1; count <= left; count++) {
      const fewer = more;
      more = this.shared(`${unit}upTo${count}`, () => anyOf(['""', `${unit}${fewer === '' ? '' : ` ${fewer}`}`]));
    }
    return [...all, more].filter((part) => part !== '').join(' ') || '""';
  }

  /** The whole grammar: its text begins at `root`. */
  text(root: string): string {
    return [`root ::= ${root}`, ...Array.from(this.bodies, ([name, body]) => `${name} ::= ${body}`), ''].join('\n');
  }
}

/** Exactly this text. */
export function literal(text: string): string {
  return text === '' ? '""' : `"${Array.from(text, (char) => (char === '"' || char === '\\' ? `\\${char}` : quoted(char))).join('')}"`;
}

/** One of these, no two of which begin alike (see `choice`). */
export const anyOf = (options: readonly string[]): string =>
  options.length === 1 ? (options[0] ?? '""') : `(${[...new Set(options)].join(' | ')})`;

/** What repeats from `min` to `max` times; absent means without end. */
export function repeated(repeating: string, min: number, max?: number): string {
  const unit = repeating.includes(' ') ? `(${repeating})` : repeating;
  if (max === 0) return '""';
  if (max === undefined) return min === 0 ? `${unit}*` : min === 1 ? `${unit}+` : `${unit}{${min},}`;
  return min === 1 && max === 1 ? unit : `${unit}{${min},${max}}`;
}

/** First and last code point, both included. */
export type CodePoints = readonly [from: number, to: number];

const ASCII: readonly CodePoints[] = [[0, 0x7f]];
const BEYOND_ASCII: readonly CodePoints[] = [
  [0x80, 0xd7ff],
  [0xe000, 0x10ffff],
];

/**
 * One character of these, none of them a surrogate. A class of xgrammar 0.1.27 knows ASCII only: what else stands in it counts as a single byte, and
 * without `^` no character beyond is ever met. So those are written as their bytes, or as what a class of ASCII leaves out.
 */
export function oneOf(rules: Rules, ranges: readonly CodePoints[]): string {
  const ascii = overlap(ranges, ASCII);
  const beyond = overlap(ranges, BEYOND_ASCII);
  if (sizeOf(beyond) === sizeOf(BEYOND_ASCII)) return `[^${inClass(complement(ascii, 0x7f))}]`;
  const sequences = beyond.flatMap(([from, to]) => utf8Sequences(from, to));
  const options = [
    ...(ascii.length > 0 ? [`[${inClass(ascii)}]`] : []),
    // A single one is written twice: a class of one is taken for a text, and its byte for a character.
    ...sequences.map((bytes) => bytes.map(([from, to]) => `[${from === to ? classed(from).repeat(2) : inClass([[from, to]])}]`).join(' ')),
  ];
  if (options.length === 0) throw new RangeError('no character at all');
  return rules.choice(options);
}

export function overlap(ranges: readonly CodePoints[], others: readonly CodePoints[]): CodePoints[] {
  const merged = complement(complement(ranges));
  return merged.flatMap(([from, to]) =>
    others.flatMap(([low, high]): CodePoints[] => (from > high || to < low ? [] : [[Math.max(from, low), Math.min(to, high)]])),
  );
}

/** All others, up to the last one that there is. */
export function complement(ranges: readonly CodePoints[], last = 0x10ffff): CodePoints[] {
  const out: CodePoints[] = [];
  let next = 0;
  for (const [from, to] of ranges.toSorted(([a], [b]) => a - b)) {
    if (from > next) out.push([next, from - 1]);
    next = Math.max(next, to + 1);
  }
  if (next <= last) out.push([next, last]);
  return out;
}

const sizeOf = (ranges: readonly CodePoints[]): number => ranges.reduce((sum, [from, to]) => sum + to - from + 1, 0);

const inClass = (ranges: readonly CodePoints[]): string =>
  ranges.map(([from, to]) => (from === to ? classed(from) : `${classed(from)}-${classed(to)}`)).join('');

const classed = (code: number): string => (/^[A-Za-z0-9]$/.test(String.fromCharCode(code)) ? String.fromCharCode(code) : escaped(code));

const quoted = (char: string): string => (/^[ -~]$/.test(char) ? char : escaped(char.codePointAt(0) ?? 0));

const escaped = (codePoint: number): string =>
  codePoint > 0xffff ? `\\U${codePoint.toString(16).padStart(8, '0')}` : `\\u${codePoint.toString(16).padStart(4, '0')}`;
