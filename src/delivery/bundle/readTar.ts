import { createTarDecoder } from 'modern-tar';
import { invalidBundle } from '../../core/bundle/faults.ts';
import { isAbort } from '../../core/errors.ts';

/** A file of an archive. Its content is read before the next one is asked for, or passed over. */
export interface TarFile {
  readonly name: string;
  readonly sizeBytes: number;
  /** All of it, in memory: whoever asks has looked at the size. */
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
}

/**
 * The files of a tar archive as they pass. Anything but plain files with plain relative names is refused.
 * @throws SillError `invalid_bundle` with fault `not_a_bundle` | `damaged` | `truncated` | `escaping_path` | `not_a_file` | `unreadable`;
 *   the signal's reason
 */
export async function* readTar(archive: Blob, signal: AbortSignal): AsyncGenerator<TarFile> {
  signal.throwIfAborted();
  const entries = archive
    .stream()
    .pipeThrough(createTarDecoder({ strict: true }), { signal })
    .getReader();
  let isTar = false;
  try {
    for (let { value } = await entries.read(); value; { value } = await entries.read()) {
      isTar = true;
      const { header, body } = value;
      const { name, size } = header;
      if (!isPlain(name)) throw invalidBundle('escaping_path', { name: name.slice(0, 200) });
      if (header.type !== 'file') throw invalidBundle('not_a_file', { name: name.slice(0, 200), kind: header.type ?? '' });
      let wasRead = false;
      const bytes = (): Promise<Uint8Array<ArrayBuffer>> => {
        wasRead = true;
        return bytesOf(body, size).catch((reason: unknown) => Promise.reject(faultOf(reason, true, signal)));
      };
      yield { name, sizeBytes: size, bytes };
      if (!wasRead) await body.cancel();
    }
  } catch (reason) {
    throw faultOf(reason, isTar, signal);
  } finally {
    // Whoever stops early leaves the rest unread; a stream that failed has nothing left to cancel.
    await entries.cancel().catch(() => undefined);
  }
}

/** Names of plain letters, digits, `.`, `-` and `_` in folders of such; a folder's own name may end in a slash. */
const isPlain = (name: string): boolean =>
  name.length <= 255 &&
  name
    .replace(/\/$/, '')
    .split('/')
    .every((part) => /^[\w.-]+$/.test(part) && !/^\.+$/.test(part));

async function bytesOf(body: ReadableStream<Uint8Array>, sizeBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(sizeBytes);
  const reader = body.getReader();
  let filledBytes = 0;
  for (let { value } = await reader.read(); value; { value } = await reader.read()) {
    bytes.set(value, filledBytes);
    filledBytes += value.length;
  }
  if (filledBytes < sizeBytes) throw invalidBundle('truncated');
  return bytes;
}

/** The library tells faults of an archive by plain errors; a file that is gone or forbidden fails with one of the browser's own. */
function faultOf(reason: unknown, isTar: boolean, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (!(reason instanceof Error) || reason.name === 'SillError' || isAbort(reason)) return reason;
  if (!['Error', 'TypeError', 'RangeError'].includes(reason.name)) return invalidBundle('unreadable', { reason: reason.name }, reason);
  if (!isTar) return invalidBundle('not_a_bundle', {}, reason);
  return invalidBundle(/truncated/.test(reason.message) ? 'truncated' : 'damaged', { reason: reason.message }, reason);
}
