import type { GeneratedPiece, GenerateRequest } from '../../ports/generation.ts';
import { generateText } from '../textGeneration.ts';
import type { Toy } from './toyModel.ts';

export const GREEDY = { temperature: 0, topP: 1, topK: 0, repetitionPenalty: 1, seed: 1, stop: [] } as const;

/** What a toy writes behind a text, whole and as it came. */
export async function run(toy: Toy, text: string, change: Partial<GenerateRequest> = {}, signal = new AbortController().signal) {
  const pieces: GeneratedPiece[] = [];
  const onPiece = async (piece: GeneratedPiece) => {
    pieces.push(piece);
  };
  const result = await generateText(toy, { ...GREEDY, input: { kind: 'text', text }, ...change }, { signal, onPiece });
  return { result, pieces };
}
