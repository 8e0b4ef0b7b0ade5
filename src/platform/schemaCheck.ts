import { type Schema, Validator } from '@cfworker/json-schema';

/**
 * What is wrong with a value under a JSON Schema (draft 2020-12); absent when it is valid. Interprets the schema, so that the CSP allows it.
 */
export function checkSchema(schema: unknown, value: unknown): string | undefined {
  const { valid, errors } = new Validator(schema as Schema | boolean, '2020-12').validate(value);
  return valid ? undefined : errors.map(({ instanceLocation, error }) => `${instanceLocation}: ${error}`).join(' ');
}
