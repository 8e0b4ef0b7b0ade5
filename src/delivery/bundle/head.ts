import { invalidBundle } from '../../core/bundle/faults.ts';
import { INDEX_CAP_BYTES, INDEX_FILE, LAYOUT_FILE, parseIndex, type VolumeMark } from '../../core/bundle/layout.ts';
import { readTar, type TarFile } from './readTar.ts';

const LAYOUT_CAP_BYTES = 1024;
const LAYOUT = /"imageLayoutVersion"\s*:\s*"(\d+)\.\d+\.\d+"/;

/** One file of a bundle. */
export interface Volume {
  readonly archive: Blob;
  readonly indexText: string;
  readonly mark: VolumeMark;
}

/** The two files that every volume begins with. Returns the text of the index. @throws SillError `invalid_bundle` */
export async function passHead(reader: AsyncGenerator<TarFile>): Promise<string> {
  const [, major] = LAYOUT.exec(await textFile(reader, LAYOUT_FILE, LAYOUT_CAP_BYTES)) ?? [];
  if (major === undefined) throw invalidBundle('not_a_bundle', { file: LAYOUT_FILE });
  if (major !== '1') throw invalidBundle('newer_format', { file: LAYOUT_FILE, major });
  return textFile(reader, INDEX_FILE, INDEX_CAP_BYTES);
}

/**
 * The volumes of one bundle in their order, whatever order they were given in. One that was given twice counts once.
 * @throws SillError `invalid_bundle` with fault `not_a_bundle` | `foreign_volume` | `missing_volume` | ...
 */
export async function orderedVolumes(archives: readonly Blob[], signal: AbortSignal): Promise<Volume[]> {
  const volumes = new Map<number, Volume>();
  let first: VolumeMark | undefined;
  for (const archive of archives) {
    const reader = readTar(archive, signal);
    try {
      const indexText = await passHead(reader);
      const mark = parseIndex(indexText).volume;
      first ??= mark;
      if (mark.bundle !== first.bundle || mark.count !== first.count) throw invalidBundle('foreign_volume');
      if (!volumes.has(mark.number)) volumes.set(mark.number, { archive, indexText, mark });
    } finally {
      await reader.return(undefined);
    }
  }
  const wanted = Array.from({ length: first?.count ?? 0 }, (_, i) => i + 1);
  const missing = wanted.filter((number) => !volumes.has(number));
  if (missing.length > 0) throw invalidBundle('missing_volume', { missing: missing.map(String), count: wanted.length });
  return wanted.flatMap((number) => volumes.get(number) ?? []);
}

export function textOf(bytes: Uint8Array<ArrayBuffer>): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw invalidBundle('inconsistent', { reason: 'not UTF-8' }, cause);
  }
}

async function textFile(reader: AsyncGenerator<TarFile>, name: string, capBytes: number): Promise<string> {
  const { done, value } = await reader.next();
  if (done || value.name !== name) throw invalidBundle('not_a_bundle', { wanted: name });
  if (value.sizeBytes > capBytes) throw invalidBundle('too_large', { file: name, sizeBytes: value.sizeBytes });
  return textOf(await value.bytes());
}
