import { SillError } from '../../core/errors.ts';
import type { Incoming, JsonObject } from './request.ts';

/**
 * The fields of a form with files. A name that ends in `[]` is a list, as in OpenAI's API, and loses that end.
 * @throws SillError `invalid_request`
 */
export async function formBody({ headers, body }: Incoming): Promise<JsonObject> {
  const type = headers['content-type'] ?? '';
  if (!type.startsWith('multipart/form-data')) {
    throw new SillError('invalid_request', 'Send the recording as a form: multipart/form-data with "file" and "model".');
  }
  let form: FormData;
  try {
    form = await new Response(body, { headers: { 'content-type': type } }).formData();
  } catch (cause) {
    throw new SillError('invalid_request', 'The form could not be read: its parts do not fit its content-type.', { cause });
  }
  const fields: Record<string, unknown> = {};
  for (const name of new Set(form.keys())) {
    if (name.endsWith('[]')) fields[name.slice(0, -2)] = form.getAll(name);
    else fields[name] = form.get(name);
  }
  return fields;
}
