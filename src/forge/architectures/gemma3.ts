import type { Architecture } from './architecture.ts';

/** The text part of Gemma 3. */
export const gemma3: Architecture = {
  name: 'gemma3',
  modelType: 'gemma3_text',
  className: 'Gemma3ForCausalLM',
  rotaryPairs: 'halves',
  qkvBias: false,
  headNorms: true,
  postNorms: true,
  activation: 'gelu',
  scaledEmbedding: true,
  window: { wholeEvery: 6, ropeTheta: 10_000 },
  // 27B.
  scaledByWidthAt: 62,
};
