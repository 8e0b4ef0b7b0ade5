import type { Architecture } from './architecture.ts';

/** Ministral 3. Files of Mistral's earlier models say that they are a `llama`. */
export const mistral3: Architecture = {
  name: 'mistral3',
  modelType: 'ministral3',
  className: 'Ministral3ForCausalLM',
  rotaryPairs: 'neighbours',
  qkvBias: false,
  headNorms: false,
  preTokenizer: 'tekken',
};
