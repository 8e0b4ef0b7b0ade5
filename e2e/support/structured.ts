import type { Page } from '@playwright/test';
import { checkSchema } from '../../src/platform/schemaCheck.ts';
import type { CompletionRequest } from '../../src/protocol/openaiRequests.ts';

export interface HeldAnswer {
  readonly text: string;
  readonly end: string | null | undefined;
  readonly tokens: number | undefined;
  readonly error: string | undefined;
}

/** stories15m answers to each schema, four at a time, at temperatures from greedy to 2. */
export function answersTo(page: Page, schemas: readonly object[], { maxTokens }: { readonly maxTokens: number }): Promise<HeldAnswer[]> {
  return page.evaluate(
    async ([given, most]) => {
      const { sill } = globalThis;
      if (!sill) throw new Error('globalThis.sill is missing');
      const ask = async (schema: string, i: number): Promise<HeldAnswer> => {
        try {
          const request: CompletionRequest = {
            model: 'stories15m',
            prompt: ['Once upon a time', 'The little dog', 'In JSON:', '{"'][i % 4] ?? '',
            temperature: [0, 0.7, 1, 1.5, 2][i % 5] ?? 0,
            seed: i,
            max_tokens: most,
            response_format: { type: 'json_schema', json_schema: { name: 'random', schema: JSON.parse(schema) } },
          };
          const { choices, usage } = await sill.completions.create({ ...request, stream: false });
          return { text: choices[0]?.text ?? '', end: choices[0]?.finish_reason, tokens: usage?.completion_tokens, error: undefined };
        } catch (reason) {
          return { text: '', end: undefined, tokens: undefined, error: String(reason) };
        }
      };
      const answers: HeldAnswer[] = [];
      let next = 0;
      const take = async (): Promise<void> => {
        for (let i = next++; i < given.length; i = next++) answers[i] = await ask(given[i] ?? '', i);
      };
      await Promise.all([take(), take(), take(), take()]);
      return answers;
    },
    // As text: what Playwright carries over loses members of objects that are named "".
    [schemas.map((schema) => JSON.stringify(schema)), maxTokens] as const,
  );
}

/** What is wrong with an answer; absent when it is valid, or was cut where it had to be. */
export function faultOf({ text, end, tokens, error }: HeldAnswer, schema: object, maxTokens: number): string | undefined {
  const about = (what: string) => `${what} in ${JSON.stringify(text)} for ${JSON.stringify(schema)}`;
  if (error !== undefined) return about(error);
  if (end === 'length') return tokens === maxTokens ? undefined : about(`a cut after ${tokens} tokens`);
  if (end !== 'stop') return about(`an end by ${end}`);
  try {
    const wrong = checkSchema(schema, JSON.parse(text));
    return wrong && about(wrong);
  } catch (reason) {
    return about(String(reason));
  }
}
