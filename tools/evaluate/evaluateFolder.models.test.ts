import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseSuite } from '../../src/core/evaluation.ts';
import { MODELS_FOLDER } from '../models/ensure.ts';
import { builtModel } from '../models/testing/builtModel.ts';
import { tempFolder } from '../models/testing/tempFolder.ts';
import { evaluateFolder, withReferences } from './evaluateFolder.ts';

const folder = tempFolder();

/** The suite of docs/evaluate.md, as it stands there. */
async function exampleSuite(): Promise<string> {
  const [, suite = ''] = /```jsonl\n([\s\S]*?)```/.exec(await readFile('docs/evaluate.md', 'utf8')) ?? [];
  const path = join(folder(), 'suite.jsonl');
  await writeFile(path, suite);
  return path;
}

test('the suite of the guide is passed by the starter model, and its record holds another variant against it', async () => {
  const [model, embedder] = [await builtModel(MODELS_FOLDER, 'stories15m'), await builtModel(MODELS_FOLDER, 'all-minilm-l6-v2')];
  const suite = await exampleSuite();
  await expect(evaluateFolder({ folder: model.folder, suite })).rejects.toThrow(
    /compares meanings \(similar\) in 1 case\. Name the folder/,
  );

  const told: string[] = [];
  const first = await evaluateFolder({
    folder: model.folder,
    suite,
    embedder: embedder.folder,
    onJudged: ({ asked }) => told.push(asked.id),
  });
  expect(first).toMatchObject({ pass: true, variant: 'int8-wasm' });
  expect(told).toEqual(first.cases.map(({ id }) => id));
  const means = first.cases.find(({ id }) => id === 'means');
  expect(means?.score).toBeGreaterThan(0.25);
  expect(means?.score).toBeLessThan(1);

  const recorded = withReferences(first);
  const reference = (text: string) =>
    parseSuite(text).flatMap(({ assert }) => assert.flatMap((it) => (it.type === 'token-agreement' ? [it.reference?.length] : [])));
  expect(reference(recorded)).toEqual([first.judged.at(-1)?.answer.texts?.values().next().value?.tokens]);
  const path = join(folder(), 'recorded.jsonl');
  await writeFile(path, recorded);
  const agreement = ({ cases }: typeof first) => cases.at(-1)?.asserts.find(({ type }) => type === 'token-agreement');
  const other = await evaluateFolder({ folder: model.folder, variant: 'q4-webgpu', suite: path, embedder: embedder.folder });
  expect(agreement(other)?.score).toBeGreaterThan(0.8);
  expect(agreement(other)?.score).toBeLessThan(1);
});
