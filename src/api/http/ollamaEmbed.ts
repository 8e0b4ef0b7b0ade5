import { SillError } from '../../core/errors.ts';
import { OLLAMA_EMBED_FIELDS, OLLAMA_EMBEDDINGS_FIELDS, usedFields } from './fields.ts';
import { modelName, nanoseconds, wrong } from './ollamaRequest.ts';
import { json } from './reply.ts';
import { jsonBody } from './request.ts';
import type { Route } from './route.ts';

/** `POST api/embed`. */
export const embed: Route = async (incoming, { ask, signal }) => {
  const startMs = performance.now();
  const request = usedFields(jsonBody(incoming), OLLAMA_EMBED_FIELDS, 'ignored');
  const { input, keep_alive, truncate = true } = request;
  const model = modelName(request);
  if (typeof truncate !== 'boolean') throw wrong('truncate', 'must be true or false');
  if (isNothing(input)) {
    await ask('models.load', { id: model, keep_alive }, { signal });
    return json({ model, embeddings: [] });
  }
  const answer = await ask('embeddings.create', { model, input, keep_alive }, { signal });
  if (!truncate && answer.sill.truncated) {
    throw new SillError('context_length_exceeded', `"input" is longer than ${model} reads. Shorten it, or leave "truncate" out.`);
  }
  return json({
    model,
    embeddings: answer.data.map(({ embedding }) => embedding),
    total_duration: nanoseconds(performance.now() - startMs),
    load_duration: nanoseconds(answer.sill.loadMs ?? 0),
    prompt_eval_count: answer.usage.prompt_tokens,
  });
};

/** `POST api/embeddings`, which came before it. */
export const embeddingOf: Route = async (incoming, { ask, signal }) => {
  const request = usedFields(jsonBody(incoming), OLLAMA_EMBEDDINGS_FIELDS, 'ignored');
  const { prompt, keep_alive } = request;
  const model = modelName(request);
  if (isNothing(prompt)) {
    await ask('models.load', { id: model, keep_alive }, { signal });
    return json({ embedding: [] });
  }
  const answer = await ask('embeddings.create', { model, input: prompt, keep_alive }, { signal });
  return json({ embedding: answer.data[0]?.embedding ?? [] });
};

/** As Ollama: whoever has nothing to embed has the model loaded. */
const isNothing = (input: unknown): boolean => input === '' || (Array.isArray(input) && input.length === 0);
