import { isModelId, type ModelId } from '../ids.ts';
import { isFirstUse } from '../sources.ts';

/** What a derived model is made from. */
export interface BaseReference {
  readonly id: ModelId;
  /** The first digits of the one revision that it is made for; absent means whichever runs. */
  readonly version?: string;
}

/** As many digits as people are shown. */
const MIN_DIGITS = 12;
const VERSION = /^(?:sha256:)?([0-9a-f]{12,64})$/;
/** Tags that mean the version that runs. Which channel that comes from is a setting of the device. */
const RUNNING = new Set(['latest', 'stable']);
const FILE = /^[./~\\]|^[A-Za-z]:[\\/]|\.(?:gguf|bin|safetensors|onnx)$/i;

/**
 * The model that FROM names: `name`, `owner/name` or `hf:owner/name`, with `:latest` or `@` or `:` and the digits of a version.
 * @returns what is wrong with it where it names none
 */
export function parseBaseReference(text: string): BaseReference | { readonly code: 'from-file' | 'from-name' } {
  if (FILE.test(text)) return { code: 'from-file' };
  const [, head = text, tag] = /^(.*?)@(.+)$/.exec(text) ?? /^(.+):([^:/]+)$/.exec(text) ?? [];
  // A source's prefix looks like a name with a tag.
  const isWhole = tag === undefined || (isFirstUse(text) && !isFirstUse(head));
  const id = isWhole ? text : head;
  if (!isModelId(id) || (id.includes(':') && !isFirstUse(id))) return { code: 'from-name' };
  if (isWhole || RUNNING.has(tag)) return { id };
  const [, version] = VERSION.exec(tag) ?? [];
  return version !== undefined && version.length >= MIN_DIGITS ? { id, version } : { code: 'from-name' };
}
