import type { Architecture } from './architecture.ts';

/** Qwen2 and Qwen2.5. */
export const qwen2: Architecture = {
  name: 'qwen2',
  modelType: 'qwen2',
  className: 'Qwen2ForCausalLM',
  rotaryPairs: 'halves',
  qkvBias: true,
  headNorms: false,
  preTokenizer: 'qwen2',
};
