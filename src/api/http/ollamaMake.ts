import { line, lines } from './events.ts';
import { OLLAMA_COPY_FIELDS, OLLAMA_CREATE_FIELDS, usedFields } from './fields.ts';
import { OVER } from './marks.ts';
import { inOllamasWords, isStreamed, modelName, withoutTag } from './ollamaRequest.ts';
import { json } from './reply.ts';
import { jsonBody } from './request.ts';
import type { Route } from './route.ts';

/** `POST api/create`: a model made of another (docs/modelfile.md). */
export const create: Route = (incoming, { ask, reply, signal }) =>
  inOllamasWords(async () => {
    const used = usedFields(jsonBody(incoming), OLLAMA_CREATE_FIELDS, 'ignored');
    const { stream: _stream, model: _model, name: _name, ...parts } = used;
    const isStream = isStreamed(used);
    await ask('models.create', { ...parts, name: modelName(used) }, { signal });
    if (!isStream) return json({ status: 'success' });
    const out = lines(reply);
    await out.send(line({ status: 'writing manifest' }) + line({ status: 'success' }), OVER);
    return undefined;
  });

/** `POST api/copy`. */
export const copy: Route = async (incoming, { ask, signal }) => {
  const { source, destination } = usedFields(jsonBody(incoming), OLLAMA_COPY_FIELDS, 'ignored');
  await ask('models.copy', { source: typeof source === 'string' ? withoutTag(source) : source, destination }, { signal });
  return { headers: { 'cache-control': 'no-store' }, body: '' };
};
