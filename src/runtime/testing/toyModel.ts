import type { CausalModel } from '../causalModel.ts';
import type { TextModel } from '../textGeneration.ts';
import type { TextTokenizer } from '../tokenizer.ts';

/** Letters a to z are tokens 0 to 25; 26 ends a text, 27 begins one. */
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
export const END = 26;
export const BEGIN = 27;
const VOCABULARY = 28;

const tokenizer: TextTokenizer = {
  encode: (text, { bare = false } = {}) => [...(bare ? [] : [BEGIN]), ...[...text].map((letter) => LETTERS.indexOf(letter))],
  decode: (ids) => ids.map((id) => LETTERS[id] ?? '').join(''),
  token: (id) => ({ text: LETTERS[id] ?? '', bytes: [...new TextEncoder().encode(LETTERS[id])] }),
  chat: (messages) => [...messages.map((message) => message.content).join('')].map((letter) => LETTERS.indexOf(letter)),
};

export interface Toy extends TextModel {
  /** The ids of each call of `forward`. */
  readonly calls: ReadonlyArray<readonly number[]>;
}

/** A model that goes on with the alphabet, after z with `a` again or with the end. `beforeStep` stands for the time a step takes. */
export function createToy(options: { endsAtZ?: boolean; sinkTokens?: number[]; beforeStep?: () => Promise<void> } = {}): Toy {
  const calls: Array<readonly number[]> = [];
  let length = 0;
  const model: CausalModel = {
    vocabularySize: VOCABULARY,
    get length() {
      return length;
    },
    async forward(ids) {
      await options.beforeStep?.();
      calls.push(ids);
      length += ids.length;
      const last = ids.at(-1) ?? 0;
      const next = last === 25 && options.endsAtZ ? END : (last + 1) % 26;
      return Float32Array.from({ length: VOCABULARY }, (_, id) => (id === next ? 10 : 0));
    },
    reset() {
      length = 0;
    },
  };
  return {
    model,
    calls,
    tokenizer,
    breathe: async () => undefined,
    contextLength: 64,
    eosTokenIds: new Set([END]),
    sinkTokens: new Set(options.sinkTokens),
  };
}
