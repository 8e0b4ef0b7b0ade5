import { ANY_NUMBER } from './decimals.ts';
import { anyOf, type Rules, repeated } from './rules.ts';
import { stringRule } from './strings.ts';

/** White space in JSON, as people and `JSON.stringify` write it, none before a comma or a colon: a hot model would write nothing else. */
export const blank = (rules: Rules): string => rules.shared('ws', () => anyOf(['""', '" "', '"\\n" [ \\t]{0,20}']));

export const comma = (rules: Rules): string => `"," ${blank(rules)}`;

/** A member of an object: its name as JSON writes it, and its value. */
export const member = (rules: Rules, name: string, value: string): string => `${name} ":" ${blank(rules)} ${value}`;

/** Any JSON value (RFC 8259), its numbers finite. */
export function anyValue(rules: Rules): string {
  return rules.shared('value', () =>
    anyOf([anyString(rules), anyNumber(rules), '"true"', '"false"', '"null"', listed(rules, '[', 'value', ']'), anyObject(rules)]),
  );
}

export const anyString = (rules: Rules): string => rules.shared('string', () => stringRule(rules));

const anyNumber = (rules: Rules): string => rules.shared('number', () => ANY_NUMBER);

export const anyObject = (rules: Rules): string =>
  rules.shared('object', () => listed(rules, '{', member(rules, anyString(rules), anyValue(rules)), '}'));

/** From `min` to `max` entries in brackets. */
export function listed(rules: Rules, open: string, entry: string, close: string, min = 0, max?: number): string {
  const end = `${blank(rules)} "${close}"`;
  const empty = min === 0 ? [`"${close}"`] : [];
  if (max === 0) return `"${open}" ${blank(rules)} "${close}"`;
  const more = repeated(rules.rule(`${comma(rules)} ${entry}`), Math.max(0, min - 1), max === undefined ? undefined : max - 1);
  return `"${open}" ${blank(rules)} ${anyOf([...empty, `${entry} ${more} ${end}`])}`;
}
