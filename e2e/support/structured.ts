import type { Page } from '@playwright/test';
import { answerGrammar } from '../../src/core/grammar/answerGrammar.ts';
import { checkSchema } from '../../src/platform/schemaCheck.ts';
import type { CompletionRequest } from '../../src/protocol/openaiRequests.ts';
import { createMatching, type Matching } from '../../src/runtime/grammarMatching.ts';
import { loadXGrammar, testVocabulary } from '../../src/runtime/testing/xgrammar.ts';

export interface HeldAnswer {
  readonly text: string;
  readonly end: string | null | undefined;
  readonly tokens: number | undefined;
  readonly error: string | undefined;
}

/** Tokens that end texts, lists and objects. A small model of stories hardly comes to such an end by itself. */
const CLOSING = { '"': 29908, '"}': 9092, '",': 613, '}': 29913, ']': 29962 };
const LIKED = Object.fromEntries(Object.values(CLOSING).map((id) => [id, 8]));

/** stories15m answers to each schema, four at a time, at temperatures from greedy to 2, to two of three as if it liked to come to an end. */
export function answersTo(page: Page, schemas: readonly object[], { maxTokens }: { readonly maxTokens: number }): Promise<HeldAnswer[]> {
  return page.evaluate(
    async ([given, most, liked]) => {
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
            logit_bias: i % 3 === 2 ? {} : liked,
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
    [schemas.map((schema) => JSON.stringify(schema)), maxTokens, LIKED] as const,
  );
}

/** What tells beginnings of valid answers from others: single bytes are words of its vocabulary. */
export function matchBeginnings(): Promise<Matching> {
  const { tokens, stop } = testVocabulary();
  return createMatching(loadXGrammar(), { tokens, stopTokenIds: [stop] });
}

interface Cut {
  readonly maxTokens: number;
  readonly matching: Matching;
}

/** What is wrong with each of the answers: one that says that it is whole is valid, and one that was cut where it had to be goes on to one that is. */
export async function faultsOf(answers: readonly HeldAnswer[], schemas: readonly object[], cut: Cut): Promise<string[]> {
  const faults: string[] = [];
  for (const [i, schema] of schemas.entries()) {
    const answer = answers[i];
    const fault = answer ? await faultOf(answer, schema, cut) : `no answer for ${JSON.stringify(schema)}`;
    if (fault !== undefined) faults.push(fault);
  }
  return faults;
}

async function faultOf(
  { text, end, tokens, error }: HeldAnswer,
  schema: object,
  { maxTokens, matching }: Cut,
): Promise<string | undefined> {
  const about = (what: string) => `${what} in ${JSON.stringify(text)} for ${JSON.stringify(schema)}`;
  if (error !== undefined) return about(error);
  if (end === 'length') {
    if (tokens !== maxTokens) return about(`a cut after ${tokens} tokens`);
    const grammar = answerGrammar({ format: { kind: 'schema', schema: { ...schema } } }) ?? '';
    try {
      const { matcher } = await matching.start(grammar, [...new TextEncoder().encode(text)]);
      matching.end(matcher);
      return undefined;
    } catch (reason) {
      return about(`no beginning of an answer (${reason})`);
    }
  }
  if (end !== 'stop') return about(`an end by ${end}`);
  try {
    const wrong = checkSchema(schema, JSON.parse(text));
    return wrong && about(wrong);
  } catch (reason) {
    return about(String(reason));
  }
}
