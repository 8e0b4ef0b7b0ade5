import type { EmbeddingResponse } from '../protocol/openai.ts';
import type { Inference, InferenceCall } from '../services/inference/inference.ts';
import { parseModelRef } from './modelRef.ts';

/** OpenAI's `POST /v1/embeddings`. Vectors are of unit length. */
export async function createEmbeddings(
  inference: Inference,
  params: { readonly model: string; readonly input: string | readonly string[] },
  call: InferenceCall,
): Promise<EmbeddingResponse> {
  const texts = typeof params.input === 'string' ? [params.input] : params.input;
  const {
    vectors,
    dimensions,
    promptTokens,
    truncated = false,
    embedMs,
    run,
  } = await inference.embed(parseModelRef(params.model), texts, call);
  return {
    object: 'list',
    model: params.model,
    data: texts.map((_, index) => ({
      object: 'embedding',
      index,
      embedding: Array.from(vectors.subarray(index * dimensions, (index + 1) * dimensions)),
    })),
    usage: { prompt_tokens: promptTokens, total_tokens: promptTokens },
    sill: { ...run, truncated, embed_ms: embedMs },
  };
}
