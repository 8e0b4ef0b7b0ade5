import { openAsBlob } from 'node:fs';
import { join } from 'node:path';
import type { Manifest, Variant } from '../../src/core/manifest.ts';

import { createCacheRoom } from '../../src/runtime/cacheRoom.ts';
import type { CausalModel, KeptBlock, Sequence } from '../../src/runtime/causalModel.ts';
import { ModelFiles } from '../../src/runtime/modelFiles.ts';
import { createPrefixes } from '../../src/runtime/prefixes.ts';
import { generateText } from '../../src/runtime/textGeneration.ts';
import type { TextModel } from '../../src/runtime/textModel.ts';
import { scoreText } from '../../src/runtime/textScore.ts';
import { loadTokenizer } from '../../src/runtime/tokenizer.ts';
import { createTurns } from '../../src/runtime/turns.ts';
import type { TestedModel } from '../../src/services/evaluations/evaluate.ts';
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
  const model = causal(await OrtLlama.load(join(folder, graph), shape), shape.vocabulary);
  const contextLength = manifest.contextLength ?? 512;
  const text: TextModel = {
    model,
    prefixes: createPrefixes(model, contextLength),
    grammars: { begin: () => refuse() },
    turns: createTurns(),
    cacheRoom: createCacheRoom(),
    tokenizer: await loadTokenizer(new ModelFiles(manifest.id, files), manifest.chatTemplate),
    breathe: async () => undefined,
    contextLength,
    eosTokenIds: new Set(manifest.generation?.eosTokenIds),
    cuts: { sinkTokens: new Set(variant.dtype === 'int8' ? manifest.sinkTokens : []), turnEnds: new Set(), lead: [] },
  };
  const signal = new AbortController().signal;
  return {
    generate: (request) => generateText(text, request, { signal, onPiece: async () => undefined }),
    score: (words) => scoreText(text, words, signal),
  };
}

function refuse(): never {
  throw new Error('Evaluation suites hold no answer to a form.');
}

/** Tensors are never written to again, so that sequences share them. */
function causal(llama: OrtLlama, vocabularySize: number): CausalModel {
  const kept = new WeakMap<KeptBlock, Past>();
  const begin = (first: Past): Sequence => {
    let past = first;
    return {
      get length() {
        return past.length;
      },
      async forward(ids) {
        const step = await llama.run(ids, past);
        past = step.past;
        return lastOf(step.logits);
      },
      fork: () => begin(past),
      keep() {
        const handle: KeptBlock = { sizeBytes: past.length, drop: () => kept.delete(handle) };
        kept.set(handle, past);
        return handle;
      },
      restore(blocks) {
        const last = blocks.at(-1);
        past = (last && kept.get(last)) ?? EMPTY;
      },
      release() {
        past = EMPTY;
      },
    };
  };
  return { vocabularySize, tokenBytes: 1, cacheType: llama.cacheType, start: () => begin(EMPTY) };
}
