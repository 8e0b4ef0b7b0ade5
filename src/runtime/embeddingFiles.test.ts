import { expect, it } from 'vitest';
import { readEmbeddingFiles } from './embeddingFiles.ts';
import { BYTES_TOKENIZER, modelFolder } from './testing/modelFolder.ts';

const CONFIGS = { 'config.json': {}, 'tokenizer.json': BYTES_TOKENIZER, 'tokenizer_config.json': {} };
const lengthOf = async (config: object, tokenizerConfig: object, stated?: number) => {
  const files = modelFolder({ 'config.json': config, 'tokenizer.json': BYTES_TOKENIZER, 'tokenizer_config.json': tokenizerConfig });
  return (await readEmbeddingFiles(files, stated === undefined ? {} : { contextLength: stated })).contextLength;
};
const ROBERTA = { model_type: 'xlm-roberta', max_position_embeddings: 514, pad_token_id: 1 };

it('reads no more of a text than the model has positions for, and than its tokenizer states', async () => {
  expect(await lengthOf(ROBERTA, { model_max_length: 512 }, 514)).toBe(512);
  expect(await lengthOf(ROBERTA, { model_max_length: 1e30 }, 514)).toBe(512);
  expect(await lengthOf(ROBERTA, { max_len: 384 })).toBe(384);
  expect(await lengthOf({ model_type: 'bert', max_position_embeddings: 512 }, { model_max_length: 8192 })).toBe(512);
});

it('reads what the model says where that is less, and little where nothing says anything', async () => {
  expect(await lengthOf({ max_position_embeddings: 8192 }, { model_max_length: 8192 }, 2048)).toBe(2048);
  expect(await lengthOf({}, {})).toBe(512);
});

it('makes one vector of a text as the files say, and by the mean where they say nothing', async () => {
  const poolingOf = async (pooling?: object) => {
    const files = modelFolder({ ...CONFIGS, ...(pooling ? { '1_Pooling/config.json': pooling } : {}) });
    return (await readEmbeddingFiles(files, {})).poolings;
  };
  expect(await poolingOf()).toEqual(['mean']);
  expect(await poolingOf({ pooling_mode_cls_token: true, pooling_mode_mean_tokens: false })).toEqual(['cls']);
  expect(await poolingOf({ pooling_mode: ['mean', 'attention'] })).toEqual(['mean', 'attention']);
});
