import * as v from 'valibot';
import { SillError } from '../core/errors.ts';
import { FALLBACK_CONTEXT } from '../core/fallbackContext.ts';
import { isPooling, POOLING_FILE, type Pooling, PoolingFileSchema } from '../core/pooling.ts';
import { positionsOf } from '../core/positions.ts';
import type { LoadSpec } from '../ports/runtime.ts';
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
  /** The mean where nothing is said, which is what most are trained with. */
  readonly poolings: readonly Pooling[];
}

/** @throws SillError `installation_damaged` | `unsupported_task` for a pooling that is not known here */
export async function readEmbeddingFiles(files: ModelFiles, spec: Pick<LoadSpec, 'modelId' | 'contextLength'>): Promise<EmbeddingFiles> {
  const [config, named = ['mean'], tokenizer] = await Promise.all([
    files.optionalJson('config.json', ConfigSchema),
    files.optionalJson(POOLING_FILE, PoolingFileSchema),
    loadTokenizer(files),
  ]);
  const poolings = named.filter(isPooling);
  if (poolings.length === 0 || poolings.length < named.length) {
    throw new SillError(
      'unsupported_task',
      `${spec.modelId} makes one vector of a text in a way that Sill does not know (${named.join(', ') || 'none is named'}). Look for an export whose graph gives sentence_embedding.`,
      { details: { poolings: [...named] } },
    );
  }
  const stated = [spec.contextLength, config && positionsOf(config), tokenizer.maxTokens].filter((length) => length !== undefined);
  return { tokenizer, poolings, contextLength: stated.length === 0 ? FALLBACK_CONTEXT : Math.min(...stated) };
}
