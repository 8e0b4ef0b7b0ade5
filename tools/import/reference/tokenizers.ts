import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getLlama } from 'node-llama-cpp';
import { ORIGIN, withReferenceFolder } from './record.ts';
import { VOCABULARIES } from './vocabularies.ts';

/** What llama.cpp makes of hard texts under the rules of each family. */
await withReferenceFolder('llamaCppTokenIds.json', async (folder) => {
  const llama = await getLlama({ gpu: false, build: 'never' });
  const vocabularies = [];
  for (const { title, file, texts } of VOCABULARIES) {
    const modelPath = join(folder, 'vocabulary.gguf');
    await writeFile(modelPath, file());
    const model = await llama.loadModel({ modelPath, useMmap: false, vocabOnly: true, ignoreMemorySafetyChecks: true });
    const beginning = model.tokens.shouldPrependBosToken;
    vocabularies.push({ title, beginning, cases: texts.map((text) => ({ text, ids: model.tokenize(text, true).join(' ') })) });
    await model.dispose();
  }
  return { origin: ORIGIN, vocabularies };
});
