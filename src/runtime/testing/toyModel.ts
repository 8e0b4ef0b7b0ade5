import { parseDigest } from '../../core/ids.ts';
import type { Digests } from '../../ports/delivery.ts';
import type { GenerateRequest, GenerateResult } from '../../ports/generation.ts';
import { createCacheRoom } from '../cacheRoom.ts';
import type { CausalModel, KeptBlock, Sequence } from '../causalModel.ts';
import type { Grammars } from '../grammars.ts';
import { createPrefixes } from '../prefixes.ts';
import { createSealedBeginnings, type SealedBeginnings } from '../sealedBeginnings.ts';
import { generateText } from '../textGeneration.ts';
import type { TextModel } from '../textModel.ts';
import type { TextTokenizer } from '../tokenizer.ts';
import { createTurns } from '../turns.ts';

/** Letters a to z are tokens 0 to 25; 26 ends a text, 27 begins one. */
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
export const END = 26;
export const BEGIN = 27;
const VOCABULARY = 28;
const TOKEN_BYTES = 100;

const tokenizer: TextTokenizer = {
  encode: (text, { bare = false } = {}) => [...(bare ? [] : [BEGIN]), ...[...text].map((letter) => LETTERS.indexOf(letter))],
  decode: (ids) => ids.map((id) => LETTERS[id] ?? '').join(''),
  token: (id) => ({ text: LETTERS[id] ?? '', bytes: [...new TextEncoder().encode(LETTERS[id])] }),
  toolStyle: () => 'hermes',
  letters: (count) => Array.from({ length: count }, (_, id) => LETTERS[id] ?? ''),
  chat: (messages) => [...messages.map((message) => message.content).join('')].map((letter) => LETTERS.indexOf(letter)),
};

export const sha256: Digests['sha256'] = async (data) => {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', data));
  return parseDigest(`sha256:${Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('')}`);
};

export interface Toy extends TextModel {
  readonly sealed: SealedBeginnings;
  /** The ids of each call of `forward`, for whatever sequence. */
  readonly calls: ReadonlyArray<readonly number[]>;
  /** Sequences that were not released. */
  readonly open: number;
}

interface ToyOptions {
  readonly endsAtZ?: boolean;
  readonly sinkTokens?: readonly number[];
  readonly turnEnds?: readonly number[];
  readonly lead?: readonly number[];
  readonly contextLength?: number;
  /** Lets the score of the choice depend on how tokens were evaluated together, as quantised activations do. */
  readonly feelsBlocks?: boolean;
  /** Stands for the time a step takes. */
  readonly beforeStep?: () => Promise<void>;
  readonly grammars?: Grammars;
}

const NO_GRAMMARS: Grammars = {
  begin: () => {
    throw new Error('no grammar was expected');
  },
};

/** A model that goes on with the alphabet, after z with `a` again or with the end. */
export function createToy({
  endsAtZ,
  sinkTokens = [],
  turnEnds = [],
  lead = [],
  contextLength = 64,
  feelsBlocks,
  beforeStep,
  grammars,
}: ToyOptions = {}): Toy {
  const calls: Array<readonly number[]> = [];
  const kept = new Map<KeptBlock, ReadonlyArray<readonly number[]>>();
  let open = 0;
  let isBusy = false;

  const hold = (blocks: ReadonlyArray<readonly number[]>): KeptBlock => {
    const ids = blocks.flat();
    const bytes = Uint8Array.from({ length: TOKEN_BYTES * ids.length }, (_, i) =>
      i % TOKEN_BYTES === 0 ? (ids[i / TOKEN_BYTES] ?? 0) : 0,
    );
    const handle: KeptBlock = { sizeBytes: bytes.byteLength, bytes, drop: () => kept.delete(handle) };
    kept.set(handle, blocks);
    return handle;
  };
  const adopt = (bytes: Uint8Array<ArrayBuffer>): KeptBlock => hold([[...bytes].filter((_, i) => i % TOKEN_BYTES === 0)]);

  const begin = (first: ReadonlyArray<readonly number[]>): Sequence => {
    open += 1;
    let held = [...first];
    return {
      get length() {
        return held.flat().length;
      },
      async forward(ids) {
        if (isBusy) throw new Error('two calls at once');
        isBusy = true;
        try {
          await beforeStep?.();
          calls.push(ids);
          held.push(ids);
          if (held.flat().length > contextLength) throw new Error('beyond the context');
          const last = ids.at(-1) ?? 0;
          const next = last === 25 && endsAtZ ? END : (last + 1) % 26;
          const together = feelsBlocks ? held.reduce((sum, block, i) => sum + (block.length * (i + 1)) / 4096, 0) : 0;
          return Float32Array.from({ length: VOCABULARY }, (_, id) => (id === next ? 10 + together : 0));
        } finally {
          isBusy = false;
        }
      },
      fork: () => begin(held),
      keep(from) {
        let at = 0;
        const blocks = held.filter((block) => {
          at += block.length;
          return at > from;
        });
        return hold(blocks);
      },
      restore(blocks) {
        held = blocks.flatMap((block) => {
          const found = kept.get(block);
          if (!found) throw new Error('a block that was dropped');
          return found;
        });
      },
      release() {
        open -= 1;
      },
    };
  };

  const model: CausalModel = {
    ...{ vocabularySize: VOCABULARY, tokenBytes: TOKEN_BYTES, cacheType: 'float32', keepsBlocksApart: true },
    start: () => begin([]),
    adopt,
  };
  return {
    model,
    sealed: createSealedBeginnings({ sha256 }),
    calls,
    get open() {
      return open;
    },
    tokenizer,
    grammars: grammars ?? NO_GRAMMARS,
    prefixes: createPrefixes(model, contextLength),
    turns: createTurns(),
    cacheRoom: createCacheRoom(),
    breathe: async () => undefined,
    contextLength,
    eosTokenIds: new Set([END]),
    cuts: { sinkTokens: new Set(sinkTokens), turnEnds: new Set(turnEnds), lead },
  };
}

/** What a toy makes of an input: four letters at the most, the likeliest each time, with scores. */
export const askToy = (toy: TextModel, input: GenerateRequest['input'], change: Partial<GenerateRequest> = {}): Promise<GenerateResult> =>
  generateText(
    toy,
    {
      ...{ input, temperature: 0, topP: 1, topK: 0, repetitionPenalty: 1, seed: 1, stop: [], maxTokens: 4, logprobs: 3 },
      ...change,
    },
    { signal: new AbortController().signal, onPiece: async () => undefined },
  );
