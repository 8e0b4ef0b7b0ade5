import type { GgufMetadata } from './ggufMetadata.ts';

const WORDS = /[\s_-]+/;
/** What a converter is called with by chance: a folder, or the revision that a download cache keeps it under. */
const HASH = /^[0-9a-f]{12,}$/i;

/**
 * Under which name a file may be shown: `general.name` if it can be a model's, else what `general.basename` and its companions come to. llama.cpp's
 * converter takes the name of the folder for a model that has none ("Storage", "model", a commit); names of models have a number in them, or more
 * words than one. Undefined where the name of the file says as much.
 */
export function ggufName(metadata: GgufMetadata): string | undefined {
  const said = (key: string) => metadata.text(`general.${key}`)?.trim() || undefined;
  // "owner/name", or a path.
  const name = said('name')?.split(/[/\\]/).at(-1);
  if (name !== undefined && isTelling(name)) return name;
  const base = said('basename');
  const parts = [base, said('size_label'), said('finetune'), said('version')].flatMap((part) => part ?? []);
  return base !== undefined && isTelling(parts.join(' ')) ? parts.join(' ') : undefined;
}

function isTelling(name: string): boolean {
  const words = name.split(WORDS).filter((word) => /[\p{L}\p{N}]/u.test(word));
  return /\p{L}/u.test(name) && !HASH.test(name) && (words.length > 1 || /\p{N}/u.test(name));
}
