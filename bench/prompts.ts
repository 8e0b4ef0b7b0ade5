import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { createTokenizer } from '../src/runtime/mergeRanks.ts';

/** How long the prompts are whose first token is timed, in tokens of the model. */
export const PROMPT_TOKENS = [16, 128, 200] as const;
export type PromptTokens = (typeof PROMPT_TOKENS)[number];
export type Prompts = Readonly<Record<PromptTokens, string>>;

const TEXT =
  'Once upon a time, there was a little girl named Lily who lived in a small house near a big forest. Every morning she went to the garden ' +
  'to play with her dog Max and her cat Mimi. One day, her mom gave her a red ball and a blue kite. Lily was very happy. She ran to the park ' +
  'to show her friends Tom and Sue. They wanted to fly the kite together, but the wind was not strong. Tom said that they could wait under the ' +
  'big tree until the wind came back. So they sat down, ate some bread and told each other stories about a brave little bird. After a while ' +
  'the leaves began to move, and a warm wind came over the hill and into the trees, so that everyone in the park looked up at the sky with big ' +
  'eyes and smiled at the little red ball that Max had found in the grass, and Lily jumped up and said that it was time to try the kite again.';

const JsonSchema = v.looseObject({ model: v.looseObject({}) });

/** Beginnings of one text that are exactly so many tokens, the beginning token among them. @param folder of the model */
export async function promptsFor(folder: string): Promise<Prompts> {
  const read = async (name: string) => JSON.parse(await readFile(join(folder, name), 'utf8')) as unknown;
  const tokenizer = createTokenizer(
    v.parse(JsonSchema, await read('tokenizer.json')),
    v.parse(v.looseObject({}), await read('tokenizer_config.json')),
  );
  const counted = Array.from(TEXT, (_, i) => TEXT.slice(0, i + 1)).map(
    (text) => [tokenizer.encode(text, { add_special_tokens: true }).ids.length, text] as const,
  );
  const of = (tokens: PromptTokens): string => {
    const found = counted.find(([count]) => count === tokens);
    if (!found) throw new Error(`no beginning of the text has ${tokens} tokens`);
    return found[1];
  };
  return { 16: of(16), 128: of(128), 200: of(200) };
}
