import { anyOf, type CodePoints, complement, literal, oneOf, overlap, type Rules } from './rules.ts';

/** What stands unescaped in a JSON string (RFC 8259): all but quotation mark, backslash and control characters. Surrogates are no characters. */
export const PLAIN: readonly CodePoints[] = [
  [0x20, 0x21],
  [0x23, 0x5b],
  [0x5d, 0xd7ff],
  [0xe000, 0x10ffff],
];

/** One character each. By number only what has no shorter form and is no half of a pair. */
const ESCAPED = '["\\\\/bfnrt]';
const NUMBERED = '"u" ("00" [01] | [1-9a-cA-CefEF] [0-9a-fA-F] [0-9a-fA-F]) [0-9a-fA-F]';

/**
 * Characters that one counted rule holds. A grammar's states are compiled one by one, 4 ms each with 32,000 tokens, and a token that
 * leaves a rule is checked when it comes up: 16 balance the two, 0.13 s to compile and 3 ms a token (docs/structured-output.md).
 */
const CHUNK = 16;

/** A JSON string of so many characters. */
export function stringRule(rules: Rules, min = 0, max?: number): string {
  return `"\\"" ${stringTail(rules, min, max)}`;
}

/** The rest of a string from behind its opening quotation mark, the closing one included. */
function stringTail(rules: Rules, min = 0, max?: number): string {
  const head = exactly(rules, min);
  if (max === undefined) return sequence(head, freeTail(rules));
  return sequence(head, upTo(rules, max - min));
}

const freeTail = (rules: Rules): string =>
  rules.shared('tail', () => anyOf([literal('"'), `${oneOf(rules, PLAIN)} tail`, `"\\\\" (${ESCAPED} | ${NUMBERED}) tail`]));

/** Any number of characters. A rule by itself, not a star over a rule: that would leave every token to be checked as it comes. */
const sequence = (...parts: readonly string[]): string => parts.filter((part) => part !== '').join(' ');

function exactly(rules: Rules, count: number): string {
  const whole = Array.from({ length: Math.floor(count / CHUNK) }, () => chars(rules, CHUNK));
  return sequence(...whole, count % CHUNK === 0 ? '' : chars(rules, count % CHUNK));
}

/** So many characters, each in a rule that goes on with the next: the rules of a chunk serve all counts. */
function chars(rules: Rules, count: number): string {
  return rules.shared(`chars${count}`, () => {
    const next = count > 1 ? ` ${chars(rules, count - 1)}` : '';
    return anyOf([`${oneOf(rules, PLAIN)}${next}`, `"\\\\" ${ESCAPED}${next}`]);
  });
}

/** At most so many characters and the closing quotation mark. */
function upTo(rules: Rules, count: number): string {
  if (count < CHUNK) {
    return rules.shared(`upTo${count}`, () => {
      if (count === 0) return literal('"');
      const next = upTo(rules, count - 1);
      return anyOf([literal('"'), `${oneOf(rules, PLAIN)} ${next}`, `"\\\\" ${ESCAPED} ${next}`]);
    });
  }
  return rules.shared(`upTo${count}`, () => anyOf([upTo(rules, CHUNK - 1), `${chars(rules, CHUNK)} ${upTo(rules, count - CHUNK)}`]));
}

/**
 * A string that is none of these, the closing quotation mark included. It parts from each of them by a character that is written plainly, so that
 * no escape can spell one of them.
 */
export function otherThan(rules: Rules, names: readonly string[]): string {
  const taken = new Set(names);
  const node = (prefix: string): string => {
    const next = new Set(
      names.filter((name) => name.startsWith(prefix) && name !== prefix).map((name) => firstChar(name.slice(prefix.length))),
    );
    const written = [...next].filter(isPlain);
    return rules.rule(
      anyOf([
        ...(taken.has(prefix) ? [] : [literal('"')]),
        ...written.map((char) => `${literal(char)} ${node(prefix + char)}`),
        `${oneOf(rules, overlap(PLAIN, complement(written.map(codeOf))))} ${freeTail(rules)}`,
      ]),
    );
  };
  return `"\\"" ${node('')}`;
}

const firstChar = (text: string): string => String.fromCodePoint(text.codePointAt(0) ?? 0);

const codeOf = (char: string): CodePoints => [char.codePointAt(0) ?? 0, char.codePointAt(0) ?? 0];

const isPlain = (char: string): boolean => overlap([codeOf(char)], PLAIN).length > 0;
