import { join } from 'node:path';
import { sinkQuestion } from '../../src/forge/gguf/ggufFiles.ts';
import { ggufModel } from '../../src/forge/gguf/ggufModel.ts';
import { ggufVocabulary } from '../../src/forge/gguf/ggufVocabulary.ts';
import type { Gguf } from '../../src/forge/gguf/readGguf.ts';
import { withStaging } from '../models/staging.ts';
import { writeModel } from './importGguf.ts';

/**
 * Around which tokens the 8-bit form that devices make of a file is to be cut: found by making it here, and trying.
 * @param beside a folder on a disk with a byte for each weight; nothing stays there
 * @returns ids; undefined where nothing is to be measured, as products of that width even tokens out
 */
export async function deliveredSinks(gguf: Gguf, beside: string): Promise<readonly number[] | undefined> {
  const vocabulary = ggufVocabulary(gguf.metadata);
  const model = ggufModel(gguf, vocabulary.pieces.length, () => undefined);
  if (!sinkQuestion(vocabulary, model)) return undefined;
  return withStaging(beside, async (folder) => (await writeModel(gguf, join(folder, 'model'), { dtypes: ['int8'] })).sinkTokens);
}
