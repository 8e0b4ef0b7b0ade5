import { SillError } from '../core/errors.ts';
import { isModelId, type ModelId } from '../core/ids.ts';

/** The `model` of a request. @throws SillError `unknown_model` for text that can name none. */
export function parseModelRef(text: string): ModelId {
  // As Ollama's clients write it: whichever version runs.
  const id = text.replace(/:latest$/, '');
  if (isModelId(id)) return id;
  throw new SillError(
    'unknown_model',
    `"${text.slice(0, 80)}" is not the name of a model. Use one such as "stories15m"; sill.models.list() shows them.`,
  );
}
