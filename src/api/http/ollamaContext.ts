import * as v from 'valibot';
import { wrong } from './ollamaRequest.ts';

export interface Turn {
  readonly role: 'user' | 'assistant';
  readonly content: string;
}

const byte = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255));
const NumbersSchema = v.pipe(v.array(byte), v.maxLength(2 ** 20));
const TurnsSchema = v.array(v.object({ role: v.picklist(['user', 'assistant']), content: v.string() }));

/**
 * The conversation so far as Ollama's `context`: numbers that a client sends back as they came. Ollama's own are tokens; these are the bytes of the text,
 * so that they also mean the same to the next version of the model.
 */
export const writeContext = (turns: readonly Turn[]): number[] => [...new TextEncoder().encode(JSON.stringify(turns))];

/** @throws SillError `invalid_request` for numbers that did not come from here */
export function readContext(context: unknown): readonly Turn[] {
  if (context === undefined) return [];
  const numbers = v.safeParse(NumbersSchema, context);
  try {
    if (numbers.success && numbers.output.length === 0) return [];
    if (numbers.success) return v.parse(TurnsSchema, JSON.parse(new TextDecoder().decode(new Uint8Array(numbers.output))));
  } catch {
    // Told below, as for all else that is no context.
  }
  throw wrong('context', 'must be as an earlier answer of this device gave it');
}
