import type { Architecture } from './architecture.ts';

/** The first Gemma. Files hold its norms with the one that its code adds already in them, as those of all Gemmas. */
export const gemma: Architecture = {
  name: 'gemma',
  modelType: 'gemma',
  className: 'GemmaForCausalLM',
  rotaryPairs: 'halves',
  qkvBias: false,
  headNorms: false,
  activation: 'gelu',
  scaledEmbedding: true,
};
