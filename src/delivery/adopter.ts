import { sha256 as createSha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { chunkBytes, withChunks } from '../core/adoption.ts';
import { contentLimits } from '../core/chunking.ts';
import { ContentCutter } from '../core/contentCuts.ts';
import { SillError } from '../core/errors.ts';
import { joined } from '../core/joinedBytes.ts';
import { isAdoption } from '../core/journal.ts';
import type { ManifestChunk } from '../core/manifest.ts';
import { release } from '../core/releasedBuffer.ts';
import type { AdoptJob, AdoptProgress, Digests, Fetcher } from '../ports/delivery.ts';
import type { Store } from '../ports/store.ts';
import { pause } from './downloader.ts';
import { openIncoming } from './incoming.ts';
import { createPacedReport } from './pacedReport.ts';
import { createThrottle, type Throttle } from './throttle.ts';
import { isHtml, statusFailure, TransferFailure } from './transferFailure.ts';

export interface AdopterOptions {
  readonly fetcher: Fetcher;
  readonly store: Pick<Store, 'chunks' | 'models'>;
  readonly digests: Digests;
  /** Shared with whatever else this device receives at the same time. */
  readonly throttle?: Throttle;
  readonly stallMs?: number;
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly random?: () => number;
  /** Milliseconds of a clock that never jumps. */
  readonly now?: () => number;
}

interface AdoptCall {
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: AdoptProgress) => void;
}

/** Where what a request brings goes. */
interface Sink {
  received(bytes: number): void;
  /** Stores whole chunks, in file order. */
  keep(pieces: ReadonlyArray<Uint8Array<ArrayBuffer>>): Promise<void>;
}

const STALL_MS = 20_000;
/** Chunks are stored together, at once: one by one they cost a transaction each, about 10 ms in a busy browser. */
const BATCH_BYTES = 1024 * 1024;
const PROGRESS_EVERY_MS = 100;

/**
 * Fetches a file of which no chunk is known beforehand: it is cut by content while it arrives, so that a file which this device has in
 * another revision is stored once. A broken request goes on at the chunk that it broke.
 * @throws SillError as `Adopter.adopt`
 */
export function createAdopter(options: AdopterOptions): (job: AdoptJob, call: AdoptCall) => Promise<void> {
  const { fetcher, store, digests, stallMs = STALL_MS, sleep = pause, random = Math.random, now = () => performance.now() } = options;
  const { throttle = createThrottle(now) } = options;

  /** One request, from a cut on. */
  const attempt = async ({ url, sizeBytes }: AdoptJob, fromBytes: number, signal: AbortSignal, sink: Sink): Promise<void> => {
    const headers: HeadersInit = fromBytes === 0 ? {} : { range: `bytes=${fromBytes}-` };
    const incoming = await openIncoming(fetcher, url, { cache: 'no-store', headers }, { stallMs, signal });
    /** Copies, so that what was received goes as soon as it was cut. */
    let pending: Uint8Array<ArrayBuffer>[] = [];
    let batch: Uint8Array<ArrayBuffer>[] = [];
    let batchBytes = 0;
    let keeping = Promise.resolve();
    const complete = (end: Uint8Array<ArrayBuffer>) => {
      const bytes = joined([...pending, end]);
      for (const copy of pending) release(copy);
      pending = [];
      batch.push(bytes);
      batchBytes += bytes.length;
    };
    /** One batch is stored while the next one arrives, and no more: a slow disk holds the network back. */
    const flush = async () => {
      await keeping;
      if (batch.length > 0) keeping = sink.keep(batch);
      // Wakes a read that waits for the network; the failure itself is thrown by whoever waits next.
      keeping.catch(() => incoming.close());
      batch = [];
      batchBytes = 0;
    };
    try {
      const { response } = incoming;
      if (response.status !== 200 && response.status !== 206) throw statusFailure(response, url);
      if (isHtml(response)) throw new TransferFailure({ kind: 'html' }, url);
      const cutter = new ContentCutter(contentLimits(sizeBytes));
      let skip = response.status === 200 ? fromBytes : 0;
      let atBytes = fromBytes;
      for (let read = await incoming.read(); read; read = await incoming.read()) {
        for await (const bytes of throttle.portions(read, signal)) {
          sink.received(bytes.length);
          const fresh = bytes.subarray(skip);
          skip -= bytes.length - fresh.length;
          atBytes += fresh.length;
          if (atBytes > sizeBytes) throw changed(url, `it sends more than the ${sizeBytes} bytes that it states`);
          let from = 0;
          for (const length of cutter.push(fresh)) {
            const end = from + length - pending.reduce((sum, part) => sum + part.length, 0);
            complete(fresh.subarray(from, end));
            from = end;
          }
          if (from < fresh.length) pending.push(fresh.slice(from));
          if (batchBytes >= BATCH_BYTES) await flush();
        }
        release(read);
      }
      if (atBytes < sizeBytes) throw new TransferFailure({ kind: 'short' }, url);
      if (pending.length > 0) complete(new Uint8Array());
    } finally {
      incoming.close();
      // Also of a request that broke: what is whole is where the next one goes on.
      await flush();
      await keeping;
    }
  };

  return async (job, { signal, onProgress = () => {} }) => {
    // A hash that can be fed; the browser's own takes a whole file at once.
    const whole = job.sha256 === undefined ? undefined : createSha256.create();
    const chunks = [...job.held];
    for (const { digest } of whole ? chunks : []) {
      const bytes = await bytesOf(await store.chunks.get(digest));
      whole?.update(bytes);
      release(bytes);
    }
    const stored = () => chunkBytes(chunks);
    let receivedBytes = 0;
    const progress = createPacedReport(
      () => {
        if (!signal.aborted) onProgress({ storedBytes: stored(), receivedBytes });
      },
      PROGRESS_EVERY_MS,
      now,
    );

    /** Noted before they are stored: what nobody knows of would be taken for garbage. */
    const note = async (fresh: readonly ManifestChunk[]): Promise<void> => {
      const { entry: name, path } = job;
      const noted = await store.models.updateJournal(name, (entry) =>
        isAdoption(entry)
          ? { ...entry, adoption: withChunks(entry.adoption, entry.modelId, { path, from: chunks.length, chunks: fresh }) }
          : entry,
      );
      if (!noted) throw new SillError('aborted', 'The download was cancelled.');
    };
    const sink: Sink = {
      received(bytes) {
        receivedBytes += bytes;
        progress.changed();
      },
      async keep(pieces) {
        const fresh = await Promise.all(
          pieces.map(async (bytes) => ({ bytes, chunk: { digest: await digests.sha256(bytes), sizeBytes: bytes.length } })),
        );
        await note(fresh.map(({ chunk }) => chunk));
        await Promise.all(fresh.map(({ bytes, chunk }) => store.chunks.put(chunk.digest, bytes)));
        for (const { bytes } of fresh) {
          whole?.update(bytes);
          release(bytes);
        }
        chunks.push(...fresh.map(({ chunk }) => chunk));
        progress.changed();
      },
    };
    progress.tell();

    let failures = 0;
    try {
      for (let before = stored(); before < job.sizeBytes; before = stored()) {
        try {
          await attempt(job, before, signal, sink);
        } catch (reason) {
          signal.throwIfAborted();
          if (!(reason instanceof TransferFailure)) throw reason;
          if (stored() > before) failures = 0;
          failures += 1;
          if (failures > reason.retries) throw reason.toSillError();
          await sleep(reason.waitMs(failures, random()), signal);
        }
      }
    } finally {
      progress.stop();
    }
    progress.tell();
    if (whole && bytesToHex(whole.digest()) !== job.sha256) throw changed(job.url, 'its bytes do not have the SHA-256 that it states');
  };
}

const bytesOf = async (blob: Blob | undefined): Promise<Uint8Array> => new Uint8Array(blob ? await blob.arrayBuffer() : new ArrayBuffer());

const changed = (url: string, why: string): SillError =>
  new SillError(
    'source_changed',
    `${new URL(url).pathname} was not accepted from ${new URL(url).host}: ${why}. It was damaged on the way or is not what it says. Nothing was ` +
      'installed; try again later, or take the model from another source.',
    { details: { url } },
  );
