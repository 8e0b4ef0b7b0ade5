import { createPrefixTree, type PrefixTree } from '../core/prefixTree.ts';
import type { CausalModel, KeptBlock } from './causalModel.ts';

/** The cache of one block, with the scores behind it where a prompt ended there. */
interface KeptPrefix {
  readonly block: KeptBlock;
  readonly logits: Float32Array | undefined;
  readonly sizeBytes: number;
}

export type Prefixes = PrefixTree<KeptPrefix>;

const MIB = 2 ** 20;
/** A small model keeps the beginnings of many conversations in the first, no model takes more memory than the second for them. */
const LEAST_BYTES = 32 * MIB;
const MOST_BYTES = 192 * MIB;

/** Beginnings of prompts, as much as two full contexts take. */
export const createPrefixes = ({ tokenBytes }: CausalModel, contextLength: number): Prefixes =>
  createPrefixTree(Math.min(MOST_BYTES, Math.max(LEAST_BYTES, 2 * contextLength * tokenBytes)), ({ block }) => block.drop());
