import type { Page } from '@playwright/test';
import * as v from 'valibot';
import { ERROR_CODES } from '../../src/core/errors.ts';
import type { Completion } from '../../src/protocol/openai.ts';
import type { CompletionRequest } from '../../src/protocol/openaiRequests.ts';
import type { Sill } from '../../src/protocol/sill.ts';

/** Installs a model through the public surface: the quick way for tests that are not about installing. */
export async function install(page: Page, id: string, options: { variant?: string } = {}): Promise<void> {
  await page.evaluate(
    async ([model, variant]) => {
      if (!globalThis.sill) throw new Error('globalThis.sill is missing');
      await globalThis.sill.models.install(model, variant === undefined ? {} : { variant });
    },
    [id, options.variant] as const,
  );
}

/** A completion by stories15m, whole. */
export function complete(page: Page, request: Partial<CompletionRequest>): Promise<Completion> {
  return page.evaluate((given) => {
    if (!globalThis.sill) throw new Error('globalThis.sill is missing');
    return globalThis.sill.completions.create({ model: 'stories15m', prompt: 'Once upon a time', ...given, stream: false });
  }, request);
}

export interface ReadAnswer {
  readonly text: string;
  /** With `return_token_ids`. */
  readonly tokenIds: readonly number[];
  readonly sill: Completion['sill'];
  readonly usage: Completion['usage'];
}

let readers = 0;

/** A completion by stories15m that is read as it comes. `onBegun` is called when the first piece is there, and the page reads on meanwhile. */
export async function completeWhile(page: Page, request: Partial<CompletionRequest>, onBegun: () => Promise<void>): Promise<ReadAnswer> {
  let begun: () => void = () => undefined;
  const heard = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const signal = `sillTestBegun${++readers}`;
  await page.exposeFunction(signal, () => begun());
  const answer = page.evaluate(
    async ([given, tell]) => {
      if (!globalThis.sill) throw new Error('globalThis.sill is missing');
      const chunks = await globalThis.sill.completions.create({
        model: 'stories15m',
        prompt: 'Once upon a time',
        ...given,
        stream: true,
        stream_options: { include_usage: true },
      });
      let text = '';
      const tokenIds: number[] = [];
      let sill: Completion['sill'];
      let usage: Completion['usage'];
      for await (const chunk of chunks) {
        if (text === '') Reflect.get(globalThis, tell)();
        text += chunk.choices[0]?.text ?? '';
        tokenIds.push(...(chunk.choices[0]?.token_ids ?? []));
        sill = chunk.sill ?? sill;
        usage = chunk.usage ?? usage;
      }
      return { text, tokenIds, sill, usage };
    },
    [request, signal] as const,
  );
  await Promise.race([heard, answer]);
  await onBegun();
  return answer;
}

export const textOf = (completion: Completion): string => completion.choices[0]?.text ?? '';

const RefusalSchema = v.object({ code: v.picklist(ERROR_CODES), message: v.string(), details: v.record(v.string(), v.unknown()) });
export type Refusal = v.InferOutput<typeof RefusalSchema>;

/**
 * What a call of the surface is refused with; fails when it is not refused. The call runs in the page, so it sees nothing of the test
 * but the argument.
 */
export async function refusalOf<T>(page: Page, call: (sill: Sill, argument: T) => Promise<unknown>, argument?: T): Promise<Refusal> {
  // As source text, because an error that leaves page.evaluate keeps its message only.
  const refused = '({ code, message, details }) => ({ code, message, details })';
  const answer: unknown = await page.evaluate(
    `(${call})(globalThis.sill, ${JSON.stringify(argument)}).then(() => 'was not refused', ${refused})`,
  );
  return v.parse(RefusalSchema, answer);
}
