import * as v from 'valibot';
import { FALLBACK_CONTEXT } from '../core/fallbackContext.ts';
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
}

/** @throws SillError `installation_damaged` */
export async function readEmbeddingFiles(files: ModelFiles, spec: Pick<LoadSpec, 'contextLength'>): Promise<EmbeddingFiles> {
  const [config, tokenizer] = await Promise.all([files.optionalJson('config.json', ConfigSchema), loadTokenizer(files)]);
  const stated = [spec.contextLength, config && positionsOf(config), tokenizer.maxTokens].filter((length) => length !== undefined);
  return { tokenizer, contextLength: stated.length === 0 ? FALLBACK_CONTEXT : Math.min(...stated) };
}
