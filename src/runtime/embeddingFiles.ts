import * as v from 'valibot';
import { FALLBACK_CONTEXT } from '../core/fallbackContext.ts';
import { POOLING_FILE, PoolingFileSchema } from '../core/pooling.ts';
import { positionsOf } from '../core/positions.ts';
import type { ModelFiles } from './modelFiles.ts';
import { loadTokenizer, type TextTokenizer } from './tokenizer.ts';

const ConfigSchema = v.looseObject({
  model_type: v.nullish(v.string()),
  max_position_embeddings: v.nullish(v.number()),
  pad_token_id: v.nullish(v.number()),
});

/** What an embedding model's files say beside its graph. */
export interface EmbeddingFiles {
  readonly tokenizer: TextTokenizer;
  /**
   * Tokens of a text that are read: the least of what is stated anywhere. Past the table of positions a look-up ends the runtime, and past what the
   * tokenizer states the model was not trained.
   */
  readonly contextLength: number;
  /** How a text becomes one vector, by names of sentence-transformers: the mean where nothing is said, which is what most are trained with. */
  readonly poolings: readonly string[];
}

/** @throws SillError `installation_damaged` */
export async function readEmbeddingFiles(
  files: ModelFiles,
  spec: { readonly contextLength?: number | undefined },
): Promise<EmbeddingFiles> {
  const [config, poolings = ['mean'], tokenizer] = await Promise.all([
    files.optionalJson('config.json', ConfigSchema),
    files.optionalJson(POOLING_FILE, PoolingFileSchema),
    loadTokenizer(files),
  ]);
  const stated = [spec.contextLength, config && positionsOf(config), tokenizer.maxTokens].filter((length) => length !== undefined);
  return { tokenizer, poolings, contextLength: stated.length === 0 ? FALLBACK_CONTEXT : Math.min(...stated) };
}
