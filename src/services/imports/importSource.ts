import { SillError } from '../../core/errors.ts';
import { type ModelId, parseModelId } from '../../core/ids.ts';
import { fileNameAt, type ImportSource, importId } from '../../core/importing.ts';
import type { ImportFiles } from '../../protocol/importReports.ts';

/** What can be remembered of where a file comes from. @throws SillError as `addressOf` */
export const sourceOf = (from: ImportFiles, appUrl: string): ImportSource =>
  'files' in from
    ? { kind: 'files', files: from.files.map(({ name, size }) => ({ name, sizeBytes: size })) }
    : { kind: 'url', url: addressOf(from.url, appUrl) };

/** What it is imported as is known before any of it is. @param name where a person gives one */
export const idOf = (source: ImportSource, name: string | undefined): ModelId =>
  parseModelId(importId(name ?? (source.kind === 'url' ? fileNameAt(source.url) : (source.files[0]?.name ?? ''))));

/** As many as may be chosen as files. */
const MAX_PARTS = 1000;

/** The addresses of all parts of a split file, whose names count them, by that of one; of any other file its own. */
export function partsOf(url: string): readonly string[] {
  const named = /^([^?#]*-)(\d{5})(-of-)(\d{5})(\.gguf(?:[?#].*)?)$/i.exec(url);
  const [, before = '', , of = '', count = '', after = ''] = named ?? [];
  const parts = Number(count);
  if (!named || parts < 1 || parts > MAX_PARTS) return [url];
  return Array.from({ length: parts }, (_, index) => before + String(index + 1).padStart(5, '0') + of + count + after);
}

/** @throws SillError `source_not_allowed` for an address of another origin | `invalid_request` for none */
export function addressOf(text: string, appUrl: string): string {
  let url: URL;
  try {
    url = new URL(text, appUrl);
  } catch (cause) {
    throw new SillError('invalid_request', `"${text.slice(0, 100)}" is no address.`, { cause });
  }
  if (url.origin === new URL(appUrl).origin) return url.href;
  throw new SillError(
    'source_not_allowed',
    `${url.origin} is another site than this one. Download the file with the browser and choose it here, or have it put on ${new URL(appUrl).host}.`,
    { details: { url: url.href, reason: 'other_site' } },
  );
}
