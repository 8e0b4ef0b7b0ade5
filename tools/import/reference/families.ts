import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getLlama } from 'node-llama-cpp';
import { FAMILIES, familyGguf } from '../../../src/forge/gguf/testing/familyGguf.ts';
import { FAMILY_IDS, SCORED_IDS } from '../../../src/forge/gguf/testing/familyIds.ts';
import { ORIGIN, withReferenceFolder } from './record.ts';

/** What llama.cpp says of the tiny models of each family. */
await withReferenceFolder('llamaCppFamilies.json', async (folder) => {
  const llama = await getLlama({ gpu: false, build: 'never' });
  const families = [];
  for (const family of FAMILIES) {
    const modelPath = join(folder, 'family.gguf');
    await writeFile(modelPath, familyGguf(family));
    const model = await llama.loadModel({ modelPath, useMmap: false, ignoreMemorySafetyChecks: true });
    // Halves would be less exact than what is compared.
    const exact = { experimentalKvCacheKeyType: 'F32', experimentalKvCacheValueType: 'F32', flashAttention: false };
    const context = await model.createContext({ contextSize: 256, threads: 1, ignoreMemorySafetyChecks: true, ...exact });
    const generateNext = { probabilities: true, options: { temperature: 1, topK: 0, topP: 1, minP: 0 } } as const;
    const evaluated = await context.getSequence().controlledEvaluate(FAMILY_IDS.map((id) => [id, { generateNext }] as const));
    const logProbabilities = evaluated.map((each) => {
      const probabilities = each?.next?.probabilities;
      return SCORED_IDS.map((id) => Number(Math.log(probabilities?.get(id) ?? Number.NaN).toFixed(5)));
    });
    families.push({ title: family.title, logProbabilities });
    await context.dispose();
    await model.dispose();
  }
  return { origin: ORIGIN, families };
});
