import { SillError } from '../../core/errors.ts';
import type { ImportSource } from '../../core/importing.ts';
import type { ImportFiles } from '../../protocol/importReports.ts';

/** What can be remembered of where a file comes from. @throws SillError as `addressOf` */
export const sourceOf = (from: ImportFiles, appUrl: string): ImportSource =>
  'files' in from
    ? { kind: 'files', files: from.files.map(({ name, size }) => ({ name, sizeBytes: size })) }
    : { kind: 'url', url: addressOf(from.url, appUrl) };

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
    { details: { url: url.href } },
  );
}
