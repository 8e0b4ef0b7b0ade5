import { invalidBundle, untrustedBundle } from '../../core/bundle/faults.ts';
import {
  type Blobref,
  blobFile,
  CHUNK_CAP_BYTES,
  DOCUMENT_CAP_BYTES,
  EMPTY,
  INDEX_FILE,
  type ModelDocument,
  parseCatalogDocument,
  parseIndex,
  parseModelDocument,
} from '../../core/bundle/layout.ts';
import { entryBytes, TAR_END_BYTES } from '../../core/bundle/volumes.ts';
import type { Digest } from '../../core/ids.ts';
import { release } from '../../core/releasedBuffer.ts';
import type { SignedFiles } from '../../core/trust.ts';
import type { Digests } from '../../ports/delivery.ts';
import { Keeping } from '../keeping.ts';
import { orderedVolumes, passHead, textOf, type Volume } from './head.ts';
import { readTar, type TarFile } from './readTar.ts';

/** A model of a bundle. What its document says is not signed: only the manifest counts. */
export interface OpenedModel extends ModelDocument {
  readonly manifestBytes: Uint8Array<ArrayBuffer>;
}

export interface ReadOptions {
  readonly signal: AbortSignal;
  /** A verified chunk, whose bytes are given back when it is settled. Some of the next ones may come before it is settled, all are before `read` is. */
  readonly onChunk: (digest: Digest, bytes: Uint8Array<ArrayBuffer>) => Promise<void>;
  /** Bytes of chunks that were settled. */
  readonly onRead?: (readBytes: number) => void;
}

export interface OpenedBundle {
  readonly bundle: Digest;
  /** Of all files together. */
  readonly sizeBytes: number;
  /** What `read` hands on. */
  readonly chunkBytes: number;
  readonly volumes: number;
  readonly files: SignedFiles;
  readonly models: readonly OpenedModel[];
  /**
   * Reads everything from the first byte to the last, and verifies each piece before it is handed on.
   * @throws SillError `invalid_bundle` | what `onChunk` throws | the signal's reason
   */
  read(options: ReadOptions): Promise<void>;
}

/**
 * Reads the lists at the beginning of a bundle: what is inside, before any of it is taken. Believes nothing of it yet.
 * @param archives all files of one bundle, in any order
 * @throws SillError `invalid_bundle` | `untrusted_bundle` with fault `unsigned` | the signal's reason
 */
export async function openBundle(archives: readonly Blob[], digests: Digests, signal: AbortSignal): Promise<OpenedBundle> {
  const volumes = await orderedVolumes(archives, signal);
  const [first] = volumes;
  if (!first) throw invalidBundle('not_a_bundle');
  const { catalog: catalogRef, models: modelRefs } = parseIndex(first.indexText);
  if (!catalogRef) throw untrustedBundle('unsigned');
  if (modelRefs.length === 0) throw invalidBundle('inconsistent', { file: INDEX_FILE, models: 0 });

  const documents = new Map<Digest, Blobref>();
  const chunks = new Map<Digest, Blobref>();
  const files: Record<string, string> = {};
  const models: OpenedModel[] = [];
  const reader = readTar(first.archive, signal);
  try {
    await passHead(reader);
    const read = new Map<Digest, Uint8Array<ArrayBuffer>>();
    /** Two lists that are the same byte by byte lie in a bundle once. */
    const document = async (blob: Blobref): Promise<Uint8Array<ArrayBuffer>> => {
      const known = read.get(blob.digest);
      if (known) return known;
      if (blob.sizeBytes > DOCUMENT_CAP_BYTES) throw invalidBundle('too_large', { digest: blob.digest, sizeBytes: blob.sizeBytes });
      const { done, value } = await reader.next();
      if (done) throw invalidBundle('missing_blob', { digest: blob.digest });
      if (value.name !== blobFile(blob.digest)) throw await misplaced(value, blob, reader);
      const bytes = await verified(value, blob, digests);
      documents.set(blob.digest, blob);
      read.set(blob.digest, bytes);
      return bytes;
    };
    const catalog = parseCatalogDocument(textOf(await document(catalogRef)), 'catalog');
    await document(EMPTY);
    for (const { name, ...blob } of catalog.files) files[name] = textOf(await document(blob));
    for (const ref of modelRefs) {
      const model = parseModelDocument(textOf(await document(ref)), 'model');
      models.push({ ...model, manifestBytes: await document(model.manifest) });
      for (const chunk of model.chunks) {
        if (chunk.sizeBytes > CHUNK_CAP_BYTES) throw invalidBundle('too_large', { digest: chunk.digest, sizeBytes: chunk.sizeBytes });
        chunks.set(chunk.digest, chunk);
      }
    }
  } finally {
    await reader.return(undefined);
  }
  const sequence = [...documents.values(), ...chunks.values()];
  await assertWhole(volumes, sequence);
  return {
    bundle: first.mark.bundle,
    sizeBytes: volumes.reduce((sum, { archive }) => sum + archive.size, 0),
    chunkBytes: [...chunks.values()].reduce((sum, chunk) => sum + chunk.sizeBytes, 0),
    volumes: volumes.length,
    files,
    models,
    read: (options) => readAll({ volumes, sequence, chunks }, digests, options),
  };
}

/** The largest chunk of a file, or some of an average of 4 MiB: the disk then hardly waits for us. Over 4.5 GB the browser took 338 MiB, and 414 with twice as much. */
const KEEPING_BYTES = 16 * 1024 * 1024;

interface Contents {
  readonly volumes: readonly Volume[];
  /** Everything that a bundle of these lists holds, in order. */
  readonly sequence: readonly Blobref[];
  readonly chunks: ReadonlyMap<Digest, Blobref>;
}

async function readAll({ volumes, sequence, chunks }: Contents, digests: Digests, { signal, onChunk, onRead }: ReadOptions): Promise<void> {
  const listed = new Set(sequence.map(({ digest }) => blobFile(digest)));
  const keeping = new Keeping(KEEPING_BYTES);
  let next = 0;
  let keptBytes = 0;
  /** Its digest is worked out while the next one is read. */
  const keep = async (blob: Blobref, bytes: Uint8Array<ArrayBuffer>): Promise<void> => {
    await assertDigest(blob, bytes, digests);
    signal.throwIfAborted();
    await onChunk(blob.digest, bytes);
    keptBytes += bytes.length;
    release(bytes);
    onRead?.(keptBytes);
  };
  for (const { archive, indexText } of volumes) {
    const reader = readTar(archive, signal);
    try {
      // It was read before, to be shown: a file that was replaced meanwhile is another bundle.
      if ((await passHead(reader)) !== indexText) throw invalidBundle('damaged', { file: INDEX_FILE });
      for await (const entry of reader) {
        const blob = sequence[next];
        if (!blob || !listed.has(entry.name)) throw invalidBundle('unlisted_blob', { name: entry.name });
        if (entry.name !== blobFile(blob.digest)) throw await misplaced(entry, blob, reader);
        const bytes = await contentOf(entry, blob);
        signal.throwIfAborted();
        next += 1;
        if (!chunks.has(blob.digest)) {
          await assertDigest(blob, bytes, digests);
          continue;
        }
        await keeping.room(bytes.length);
        keeping.add(bytes.length, keep(blob, bytes));
      }
    } catch (reason) {
      // Whoever cleans up must not be overtaken by what is still being stored; why it ended is known already.
      await keeping.all().catch(() => undefined);
      throw reason;
    } finally {
      await reader.return(undefined);
    }
  }
  await keeping.all();
  const missing = sequence[next];
  if (missing) throw invalidBundle('missing_blob', { digest: missing.digest });
}

/** What to say of an entry that is not the next one: the archive is looked through to its end, unread. */
async function misplaced({ name }: TarFile, wanted: Blobref, rest: AsyncGenerator<TarFile>): Promise<unknown> {
  const details = { name, wanted: wanted.digest };
  for (let later = await rest.next(); !later.done; later = await rest.next()) {
    if (later.value.name === blobFile(wanted.digest)) return invalidBundle('out_of_order', details);
  }
  return invalidBundle('missing_blob', details);
}

async function verified(entry: TarFile, blob: Blobref, digests: Digests): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await contentOf(entry, blob);
  await assertDigest(blob, bytes, digests);
  return bytes;
}

async function contentOf(entry: TarFile, { digest, sizeBytes }: Blobref): Promise<Uint8Array<ArrayBuffer>> {
  // Before a byte is read: an entry without an end must not fill the memory.
  if (entry.sizeBytes !== sizeBytes) throw invalidBundle('wrong_size', { digest, wanted: sizeBytes, actual: entry.sizeBytes });
  return entry.bytes();
}

async function assertDigest({ digest }: Blobref, bytes: Uint8Array<ArrayBuffer>, digests: Digests): Promise<void> {
  if ((await digests.sha256(bytes)) !== digest) throw invalidBundle('wrong_digest', { digest });
}

/** A copy that was broken off is told before gigabytes are read. @throws SillError `invalid_bundle` with fault `truncated` */
async function assertWhole(volumes: readonly Volume[], sequence: readonly Blobref[]): Promise<void> {
  const wantedBytes = sequence.reduce((sum, { sizeBytes }) => sum + entryBytes(sizeBytes), 0);
  const sizeBytes = volumes.reduce((sum, { archive }) => sum + archive.size, 0);
  if (sizeBytes >= wantedBytes) return;
  for (const { archive } of volumes) {
    const end = new Uint8Array(await archive.slice(-TAR_END_BYTES).arrayBuffer());
    if (end.some((byte) => byte !== 0)) throw invalidBundle('truncated', { wantedBytes, sizeBytes });
  }
}
