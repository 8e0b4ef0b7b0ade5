import { describe, expect, it } from 'vitest';
import { positionsOf } from './positions.ts';

describe('the positions of a model', () => {
  it('are the rows of its table', () => {
    expect(positionsOf({ model_type: 'bert', max_position_embeddings: 512, pad_token_id: 0 })).toBe(512);
  });

  it('begin behind the padding token in RoBERTa and its kin', () => {
    expect(positionsOf({ model_type: 'xlm-roberta', max_position_embeddings: 514, pad_token_id: 1 })).toBe(512);
    expect(positionsOf({ model_type: 'mpnet', max_position_embeddings: 514 })).toBe(512);
  });

  it('are not known where the configuration says nothing', () => {
    expect(positionsOf({ model_type: 'roberta' })).toBeUndefined();
  });
});
