import type { Architecture } from './architecture.ts';

export const gemma2: Architecture = {
  name: 'gemma2',
  modelType: 'gemma2',
  className: 'Gemma2ForCausalLM',
  rotaryPairs: 'halves',
  qkvBias: false,
  headNorms: false,
  postNorms: true,
  activation: 'gelu',
  scaledEmbedding: true,
  softcaps: { attention: 50, logits: 30 },
  window: { size: 4096, wholeEvery: 2 },
  // 27B.
  scaledByWidthAt: 46,
};
