import { createTarPacker } from 'modern-tar';
import { paddingBytes, TAR_END_BYTES } from '../../core/bundle/volumes.ts';
import type { Digest } from '../../core/ids.ts';
import type { PlannedVolume } from './layOut.ts';

/**
 * The parts of an archive in order, chunks as the Blobs in which they lie: a Blob that is put together from them copies nothing.
 * @param chunk content of a chunk, of the size that the plan says
 */
export async function* writeTar(
  { entries }: PlannedVolume,
  chunk: (digest: Digest) => Promise<Blob>,
): AsyncGenerator<Uint8Array<ArrayBuffer> | Blob> {
  for (const entry of entries) {
    yield await headerOf(entry.name, entry.sizeBytes);
    yield 'bytes' in entry ? entry.bytes : await chunk(entry.chunk);
    const padding = paddingBytes(entry.sizeBytes);
    if (padding > 0) yield new Uint8Array(padding);
  }
  yield new Uint8Array(TAR_END_BYTES);
}

/** The library's packer wants an entry's content to pass through it; here its header is all that is taken. */
async function headerOf(name: string, size: number): Promise<Uint8Array<ArrayBuffer>> {
  const { readable, controller } = createTarPacker();
  // Everything that could differ between two makings of the same bundle is fixed.
  controller.add({ name, size, type: 'file', mode: 0o644, mtime: new Date(0), uid: 0, gid: 0 });
  const reader = readable.getReader();
  const { value } = await reader.read();
  await reader.cancel();
  if (value?.length !== 512) throw new TypeError(`no single header block for ${name}`);
  return value;
}
