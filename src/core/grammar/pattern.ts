import { type CodePoints, complement, literal, oneOf, overlap, type Rules } from './rules.ts';
import { PLAIN } from './strings.ts';

/** What of a pattern has no translation. */
export class PatternError extends Error {
  override readonly name = 'PatternError';
}

const LAST = 0x10ffff;
const DIGIT: readonly CodePoints[] = [[0x30, 0x39]];
const WORD: readonly CodePoints[] = [...DIGIT, [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a]];
/** ECMAScript's WhiteSpace and LineTerminator. */
const SPACE: readonly CodePoints[] = [
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
];
const LINE_ENDS: readonly CodePoints[] = [
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x2028, 0x2029],
];
const CONTROLS: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, '0': 0 };
/** How JSON writes what may not stand in a string as it is. */
const JSON_ESCAPES: ReadonlyArray<readonly [code: number, written: string]> = [
  [0x22, '\\"'],
  [0x5c, '\\\\'],
  [0x08, '\\b'],
  [0x09, '\\t'],
  [0x0a, '\\n'],
  [0x0c, '\\f'],
  [0x0d, '\\r'],
];

/** Repetitions are written out by the grammar's compiler. */
const MOST_REPEATS = 1000;

/**
 * The strings that a pattern matches, as they stand between the quotation marks of a JSON string. As in JSON Schema a pattern may match
 * anywhere, unless it says `^` and `$`.
 * @param pattern an ECMAScript regular expression of the `u` form
 * @throws PatternError for what is no regular language (look-around, back references, word borders) and for Unicode properties
 * @throws SyntaxError for what is no regular expression
 */
export function patternContent(rules: Rules, pattern: string): string {
  new RegExp(pattern, 'u');
  return new PatternReader(rules, pattern).whole();
}

class PatternReader {
  private at = 0;
  private readonly chars: readonly string[];

  constructor(
    private readonly rules: Rules,
    pattern: string,
  ) {
    this.chars = Array.from(pattern);
  }

  whole(): string {
    const text = this.alternatives(true);
    if (this.at < this.chars.length) throw new PatternError('an unpaired bracket');
    return text;
  }

  private peek(): string | undefined {
    return this.chars[this.at];
  }

  private eat(char: string): boolean {
    if (this.peek() !== char) return false;
    this.at += 1;
    return true;
  }

  private alternatives(isOutermost: boolean): string {
    const options = [this.sequence(isOutermost)];
    while (this.eat('|')) options.push(this.sequence(isOutermost));
    return this.rules.choice(options);
  }

  private sequence(isOutermost: boolean): string {
    const anything = this.rules.times(written(this.rules, [[0, LAST]]), 0);
    const parts = isOutermost && !this.eat('^') ? [anything] : [];
    for (let next = this.peek(); next !== undefined && next !== '|' && next !== ')'; next = this.peek()) {
      if (next === '$' && isOutermost) {
        this.at += 1;
        const after = this.peek();
        if (after !== undefined && after !== '|') throw new PatternError('text behind $');
        return parts.join(' ') || '""';
      }
      parts.push(this.quantified());
    }
    if (isOutermost) parts.push(anything);
    return parts.join(' ') || '""';
  }

  private quantified(): string {
    const unit = this.unit();
    const [min, max] = this.quantifier() ?? [1, 1];
    // Whether it is lazy changes which match is found, not whether there is one.
    if (min !== 1 || max !== 1) this.eat('?');
    if (min > MOST_REPEATS || (max ?? 0) > MOST_REPEATS) throw new PatternError(`a repetition of more than ${MOST_REPEATS}`);
    return min === 1 && max === 1 ? unit : this.rules.times(unit, min, max);
  }

  private quantifier(): readonly [min: number, max?: number] | undefined {
    if (this.eat('*')) return [0];
    if (this.eat('+')) return [1];
    if (this.eat('?')) return [0, 1];
    if (!this.eat('{')) return undefined;
    const end = this.chars.indexOf('}', this.at);
    const [min = '', max] = this.chars.slice(this.at, end).join('').split(',');
    this.at = end + 1;
    return max === undefined ? [Number(min), Number(min)] : max === '' ? [Number(min)] : [Number(min), Number(max)];
  }

  private unit(): string {
    const char = this.chars[this.at++] ?? '';
    if (char === '(') return this.group();
    if (char === '[') return written(this.rules, this.set());
    if (char === '.') return written(this.rules, complement(LINE_ENDS));
    if (char === '^' || char === '$') throw new PatternError(`${char} within the pattern`);
    return written(this.rules, char === '\\' ? this.escape() : [codeOf(char)]);
  }

  private group(): string {
    if (this.eat('?')) {
      const kind = this.chars[this.at++];
      if (kind === '<' && !['=', '!'].includes(this.peek() ?? '')) this.at = this.chars.indexOf('>', this.at) + 1;
      else if (kind !== ':') throw new PatternError('look-around');
    }
    const inner = this.alternatives(false);
    this.eat(')');
    return `(${inner})`;
  }

  private set(): readonly CodePoints[] {
    const isNegated = this.eat('^');
    const ranges: CodePoints[] = [];
    while (!this.eat(']')) {
      const first = this.member();
      const [from] = first[0] ?? [0];
      if (first.length === 1 && first[0]?.[1] === from && this.peek() === '-' && this.chars[this.at + 1] !== ']') {
        this.at += 1;
        const [last] = this.member()[0] ?? [from];
        ranges.push([from, last]);
      } else ranges.push(...first);
    }
    return isNegated ? complement(ranges) : ranges;
  }

  private member(): readonly CodePoints[] {
    const char = this.chars[this.at++] ?? '';
    if (char !== '\\') return [codeOf(char)];
    if (this.eat('b')) return [[8, 8]];
    return this.escape();
  }

  /** Behind the backslash. */
  private escape(): readonly CodePoints[] {
    const char = this.chars[this.at++] ?? '';
    switch (char) {
      case 'd':
        return DIGIT;
      case 'D':
        return complement(DIGIT);
      case 'w':
        return WORD;
      case 'W':
        return complement(WORD);
      case 's':
        return SPACE;
      case 'S':
        return complement(SPACE);
      case 'x':
        return [this.hex(2)];
      case 'u':
        return [this.unicode()];
      default:
        break;
    }
    const control = CONTROLS[char];
    if (control !== undefined) return [[control, control]];
    if (/[A-Za-z1-9]/.test(char)) throw new PatternError(`\\${char}`);
    return [codeOf(char)];
  }

  private hex(count: number): CodePoints {
    const code = Number.parseInt(this.chars.slice(this.at, this.at + count).join(''), 16);
    this.at += count;
    return [code, code];
  }

  private unicode(): CodePoints {
    if (!this.eat('{')) {
      const unit = this.hex(4);
      if (unit[0] >= 0xd800 && unit[0] <= 0xdfff) throw new PatternError('halves of surrogate pairs');
      return unit;
    }
    const end = this.chars.indexOf('}', this.at);
    const code = Number.parseInt(this.chars.slice(this.at, end).join(''), 16);
    this.at = end + 1;
    return [code, code];
  }
}

const codeOf = (char: string): CodePoints => {
  const code = char.codePointAt(0) ?? 0;
  return [code, code];
};

/** One character of these, as JSON writes it: plainly where that is allowed, else escaped. */
function written(rules: Rules, ranges: readonly CodePoints[]): string {
  const plain = overlap(ranges, PLAIN);
  const escapes = JSON_ESCAPES.filter(([code]) => ranges.some(([from, to]) => code >= from && code <= to)).map(([, text]) => literal(text));
  const options = [...(plain.length > 0 ? [oneOf(rules, plain)] : []), ...escapes];
  if (options.length === 0) throw new PatternError('a character that no text has');
  return rules.choice(options);
}
