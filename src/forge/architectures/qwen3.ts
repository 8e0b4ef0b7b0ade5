import type { Architecture } from './architecture.ts';

export const qwen3: Architecture = {
  name: 'qwen3',
  modelType: 'qwen3',
  className: 'Qwen3ForCausalLM',
  rotaryPairs: 'halves',
  qkvBias: false,
  headNorms: true,
  preTokenizer: 'qwen2',
};
