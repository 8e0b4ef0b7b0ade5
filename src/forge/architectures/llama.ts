import type { Architecture } from './architecture.ts';

/** Llama 1 to 3, TinyLlama, SmolLM, and Mistral 7B and Nemo, whose files name this architecture too. */
export const llama: Architecture = {
  name: 'llama',
  modelType: 'llama',
  className: 'LlamaForCausalLM',
  rotaryPairs: 'neighbours',
  qkvBias: false,
  headNorms: false,
};
