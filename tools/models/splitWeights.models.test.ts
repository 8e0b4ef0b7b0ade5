import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { splitWeights } from '../../src/forge/splitWeights.ts';
import { memorySource } from '../../src/forge/testing/tinyLlama.ts';
import { MODELS_FOLDER } from './ensure.ts';
import { builtModel } from './testing/builtModel.ts';

test('a file that holds everything computes the same with its weights read where they lie', async () => {
  const { folder } = await builtModel(MODELS_FOLDER, 'all-minilm-l6-v2');
  const path = join(folder, 'onnx/model_quantized.onnx');
  const whole = readFileSync(path);
  const graph = splitWeights(memorySource(whole), 'weights');
  expect(graph?.length).toBeLessThan(whole.length / 20);

  const beside = await mkdtemp(join(tmpdir(), 'sill-split-'));
  await writeFile(join(beside, 'graph.onnx'), graph ?? '');
  await writeFile(join(beside, 'weights'), whole);
  const ids = [101n, 7592n, 2088n, 102n];
  const tensor = (values: readonly bigint[]) => new Tensor('int64', BigInt64Array.from(values), [1, values.length]);
  const feeds = { input_ids: tensor(ids), attention_mask: tensor(ids.map(() => 1n)), token_type_ids: tensor(ids.map(() => 0n)) };
  const answers = await Promise.all(
    [path, join(beside, 'graph.onnx')].map(async (file) => {
      const session = await InferenceSession.create(file);
      const [output] = Object.values(await session.run(feeds));
      await session.release();
      return output?.data;
    }),
  );
  await rm(beside, { recursive: true });
  expect(answers[1]).toEqual(answers[0]);
});
