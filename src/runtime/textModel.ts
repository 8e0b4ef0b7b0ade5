import type { PromptCuts } from '../core/prefill.ts';
import type { CacheRoom } from './cacheRoom.ts';
import type { CausalModel } from './causalModel.ts';
import type { Grammars } from './grammars.ts';
import type { Prefixes } from './prefixes.ts';
import type { SealedBeginnings } from './sealedBeginnings.ts';
import type { TextTokenizer } from './tokenizer.ts';
import type { Turns } from './turns.ts';

export interface TextModel {
  readonly model: CausalModel;
  readonly tokenizer: TextTokenizer;
  /** Beginnings of earlier prompts. */
  readonly prefixes: Prefixes;
  /** Beginnings that earlier runs evaluated, until a prompt begins with them. Absent where none can come. */
  readonly sealed?: SealedBeginnings;
  /** What an answer can be held to. */
  readonly grammars: Grammars;
  /** Whoever evaluates waits for its turn here, and takes it for one step. */
  readonly turns: Turns;
  /** Whoever wants several answers has the memory for them from here. */
  readonly cacheRoom: CacheRoom;
  /** Awaited between steps, so that an abort can arrive. */
  readonly breathe: () => Promise<void>;
  readonly contextLength: number;
  readonly eosTokenIds: ReadonlySet<number>;
  /** Where a prefill is cut; at positions alone where one pass is as good. */
  readonly cuts: PromptCuts;
}
