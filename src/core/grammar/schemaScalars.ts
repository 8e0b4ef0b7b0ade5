import { integerRange, numberRange, type Range } from './decimals.ts';
import { FORMATS, formatPattern } from './formats.ts';
import { anyString } from './json.ts';
import { type Content, PatternError, patternContent } from './pattern.ts';
import type { Rules } from './rules.ts';
import { invalid, type Schema, unsupported } from './schemaTerms.ts';
import { stringRule } from './strings.ts';

/** What is counted, is counted up to here beyond what must be: the grammar's compiler takes its time for each. */
const MOST_CHARACTERS = 16_384;

/** Numbers that a schema allows; absent when there is none. */
export function numberOf(rules: Rules, type: 'integer' | 'number', schema: Schema, path: string): string | undefined {
  const { multipleOf } = schema;
  if (multipleOf !== undefined && !(type === 'integer' && multipleOf === 1)) {
    throw unsupported('multipleOf', path, 'state a range, or "type": "integer" for whole numbers.');
  }
  const [min, isAbove] = tighter(bound(schema, 'minimum', path), bound(schema, 'exclusiveMinimum', path), (a, b) => a >= b);
  const [max, isBelow] = tighter(bound(schema, 'maximum', path), bound(schema, 'exclusiveMaximum', path), (a, b) => a <= b);
  const range: Range = { ...(min === undefined ? {} : { min, isAbove }), ...(max === undefined ? {} : { max, isBelow }) };
  if (type === 'integer') return integerRange(rules, range);
  try {
    return numberRange(rules, range);
  } catch (reason) {
    if (!(reason instanceof RangeError)) throw reason;
    throw unsupported(max === undefined ? 'minimum' : 'maximum', path, `${reason.message}; state bounds of fewer digits.`);
  }
}

/** Strings that a schema allows; absent when there is none. */
export function stringOf(rules: Rules, schema: Schema, path: string): string | undefined {
  const { pattern, format } = schema;
  const min = count(schema, 'minLength', path) ?? 0;
  const max = count(schema, 'maxLength', path);
  if (max !== undefined && max < min) return undefined;
  if (min > MOST_CHARACTERS) throw unsupported('minLength', path, `at most ${MOST_CHARACTERS} characters can be asked for.`);
  if (pattern === undefined && format === undefined) {
    if (min === 0 && max === undefined) return anyString(rules);
    return stringRule(rules, min, max === undefined ? undefined : Math.min(max, min + MOST_CHARACTERS));
  }
  const keyword = pattern === undefined ? 'format' : 'pattern';
  if (pattern !== undefined && format !== undefined) throw unsupported('format', path, 'a "pattern" stands beside it; state one of them.');
  const known = typeof format === 'string' ? formatPattern(format) : undefined;
  if (format !== undefined && known === undefined) {
    throw unsupported('format', path, `known are ${FORMATS.join(', ')}; or state a "pattern".`);
  }
  const { text, least, most } = contentOf(rules, known ?? pattern, path);
  if (most < min || least > (max ?? most)) return undefined;
  if (least < min || most > (max ?? most)) {
    const limit = least < min ? 'minLength' : 'maxLength';
    throw unsupported(limit, path, `the "${keyword}" beside it also allows ${least} to ${most} characters; say the length in the pattern.`);
  }
  return rules.apart(`"\\"" ${text} "\\""`);
}

function contentOf(rules: Rules, pattern: unknown, path: string): Content {
  if (typeof pattern !== 'string') throw invalid(path, '"pattern" must be text.');
  try {
    return patternContent(rules, pattern);
  } catch (reason) {
    if (reason instanceof SyntaxError) throw invalid(path, `"pattern" is no regular expression: ${reason.message}`);
    if (reason instanceof PatternError) throw unsupported('pattern', path, `the pattern has ${reason.message}.`);
    throw reason;
  }
}

function bound(schema: Schema, keyword: string, path: string): number | undefined {
  const value = schema[keyword];
  if (value === undefined || (typeof value === 'number' && Number.isFinite(value))) return value;
  throw invalid(path, `"${keyword}" must be a number.`);
}

/** @throws SillError `invalid_request` */
export function count(schema: Schema, keyword: string, path: string): number | undefined {
  const value = bound(schema, keyword, path);
  if (value === undefined || (Number.isInteger(value) && value >= 0)) return value;
  throw invalid(path, `"${keyword}" must be a whole number of 0 or more.`);
}

/** Of a bound and an exclusive one, the one that leaves less. */
function tighter(
  inclusive: number | undefined,
  exclusive: number | undefined,
  isTighter: (a: number, b: number) => boolean,
): readonly [at: number | undefined, isOut: boolean] {
  if (exclusive === undefined) return [inclusive, false];
  return inclusive === undefined || isTighter(exclusive, inclusive) ? [exclusive, true] : [inclusive, false];
}
