import type { Architecture } from './architecture.ts';

/** Phi-3, Phi-3.5 and Phi-4, the small ones included. */
export const phi3: Architecture = {
  name: 'phi3',
  modelType: 'phi3',
  className: 'Phi3ForCausalLM',
  rotaryPairs: 'halves',
  qkvBias: false,
  headNorms: false,
  fused: true,
  addedTakeSpaces: true,
};
