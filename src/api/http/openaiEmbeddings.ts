import { EMBEDDING_FIELDS, usedFields } from './fields.ts';
import { json } from './reply.ts';
import { jsonBody } from './request.ts';
import type { Route } from './route.ts';

/** `POST v1/embeddings`. The `openai` client asks for `base64` by itself and decodes it. */
export const embeddings: Route = async (incoming, { ask, signal }) => {
  const { encoding_format: encoding, ...request } = usedFields(jsonBody(incoming), EMBEDDING_FIELDS, 'refused');
  const isBase64 = encoding === 'base64';
  const answer = await ask('embeddings.create', { ...request, ...(isBase64 ? {} : { encoding_format: encoding }) }, { signal });
  if (!isBase64) return json(answer);
  return json({ ...answer, data: answer.data.map((each) => ({ ...each, embedding: base64Of(each.embedding) })) });
};

/** Little-endian 32-bit floats. */
function base64Of(vector: readonly number[]): string {
  const view = new DataView(new ArrayBuffer(vector.length * 4));
  for (const [index, value] of vector.entries()) view.setFloat32(index * 4, value, true);
  let text = '';
  for (const byte of new Uint8Array(view.buffer)) text += String.fromCharCode(byte);
  return btoa(text);
}
