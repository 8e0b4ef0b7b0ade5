/** What a model's configuration says of its positions, in Hugging Face's words. */
export interface PositionConfig {
  readonly model_type?: string | null | undefined;
  readonly max_position_embeddings?: number | null | undefined;
  readonly pad_token_id?: number | null | undefined;
}

/** RoBERTa and its kin number positions from behind the id of the padding token: of a table of 514 texts can use 512. */
const BEHIND_PADDING: ReadonlySet<string> = new Set([
  ...[
    'roberta',
    'xlm-roberta',
    'xlm-roberta-xl',
    'roberta-prelayernorm',
    'camembert',
    'mpnet',
    'longformer',
    'ibert',
    'xmod',
    'luke',
    'mluke',
  ],
  ...['data2vec-text', 'esm', 'lilt', 'layoutlmv3', 'markuplm'],
]);
/** What all of them are trained with. */
const PADDING_ID = 1;

/** How many tokens a model has positions for; undefined where its configuration does not say. */
export function positionsOf({ model_type, max_position_embeddings, pad_token_id }: PositionConfig): number | undefined {
  if (max_position_embeddings === undefined || max_position_embeddings === null) return undefined;
  if (!BEHIND_PADDING.has(model_type ?? '')) return max_position_embeddings;
  return Math.max(1, max_position_embeddings - (pad_token_id ?? PADDING_ID) - 1);
}
