import { openAsBlob } from 'node:fs';
import { join } from 'node:path';
import type { Manifest, Variant } from '../../../src/core/manifest.ts';

import type { CausalModel } from '../../../src/runtime/causalModel.ts';
import { ModelFiles } from '../../../src/runtime/modelFiles.ts';
import { generateText, type TextModel } from '../../../src/runtime/textGeneration.ts';
import { scoreText } from '../../../src/runtime/textScore.ts';
import { loadTokenizer } from '../../../src/runtime/tokenizer.ts';
import type { TestedModel } from '../../../src/services/evaluate.ts';
import { EMPTY, lastOf, OrtLlama, type Past } from './ortLlama.ts';

/** A packed text model as the gate sees it: the app's own tokenizer, generation and scoring over ONNX Runtime for Node. */
export async function loadNodeModel(
  folder: string,
  manifest: Manifest,
  variant: Variant,
  shape: { readonly heads: number; readonly headDim: number; readonly vocabulary: number },
): Promise<TestedModel> {
  const files = await Promise.all(variant.files.map(async (path) => ({ path, blob: await openAsBlob(join(folder, path)) })));
  const graph = variant.files.find((path) => path.endsWith('.onnx'));
  if (graph === undefined) throw new Error(`${variant.id} has no graph`);
  const text: TextModel = {
    model: causal(await OrtLlama.load(join(folder, graph), shape), shape.vocabulary),
    tokenizer: await loadTokenizer(new ModelFiles(manifest.id, files), manifest.chatTemplate),
    breathe: async () => undefined,
    contextLength: manifest.contextLength ?? 512,
    eosTokenIds: new Set(manifest.generation?.eosTokenIds),
    sinkTokens: new Set(variant.dtype === 'int8' ? manifest.sinkTokens : []),
  };
  const signal = new AbortController().signal;
  return {
    generate: (request) => generateText(text, request, { signal, onPiece: async () => undefined }),
    score: (words) => scoreText(text, words, signal),
  };
}

function causal(llama: OrtLlama, vocabularySize: number): CausalModel {
  let past: Past = EMPTY;
  return {
    vocabularySize,
    get length() {
      return past.length;
    },
    async forward(ids) {
      const step = await llama.run(ids, past);
      past = step.past;
      return lastOf(step.logits);
    },
    reset() {
      past = EMPTY;
    },
  };
}
