import { sha256 as createSha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { contentLimits } from '../core/chunking.ts';
import { ContentCutter } from '../core/contentCuts.ts';
import { SillError } from '../core/errors.ts';
import type { ManifestChunk } from '../core/manifest.ts';
import type { AdoptJob, Digests, Fetcher } from '../ports/delivery.ts';
import type { Store } from '../ports/store.ts';
import { pause } from './downloader.ts';
import { openIncoming } from './incoming.ts';
import { isHtml, statusFailure, TransferFailure } from './transferFailure.ts';

export interface AdopterOptions {
  readonly fetcher: Fetcher;
  readonly store: Pick<Store, 'chunks' | 'models'>;
  readonly digests: Digests;
  readonly stallMs?: number;
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly random?: () => number;
}

interface AdoptCall {
  readonly signal: AbortSignal;
  readonly onChunk: (chunk: ManifestChunk) => void | Promise<void>;
}

/** Stores whole chunks, in file order. */
type Keep = (pieces: ReadonlyArray<Uint8Array<ArrayBuffer>>) => Promise<void>;

const STALL_MS = 20_000;
/** Chunks are stored together, at once: one by one they cost a transaction each, about 10 ms in a busy browser. */
const BATCH_BYTES = 1024 * 1024;

/**
 * Fetches a file of which no chunk is known beforehand: it is cut by content while it arrives, so that a file which this device has in
 * another revision is stored once. A broken request goes on at the chunk that it broke.
 * @throws SillError as `Adopter.adopt`
 */
export function createAdopter(options: AdopterOptions): (job: AdoptJob, call: AdoptCall) => Promise<void> {
  const { fetcher, store, digests, stallMs = STALL_MS, sleep = pause, random = Math.random } = options;

  /** One request, from a cut on. */
  const attempt = async ({ url, sizeBytes }: AdoptJob, fromBytes: number, signal: AbortSignal, keep: Keep): Promise<void> => {
    const headers: HeadersInit = fromBytes === 0 ? {} : { range: `bytes=${fromBytes}-` };
    const incoming = await openIncoming(fetcher, url, { cache: 'no-store', headers }, { stallMs, signal });
    let pending: Uint8Array<ArrayBuffer>[] = [];
    let batch: Uint8Array<ArrayBuffer>[] = [];
    let batchBytes = 0;
    let keeping = Promise.resolve();
    const complete = async () => {
      const bytes = await join(pending);
      pending = [];
      batch.push(bytes);
      batchBytes += bytes.length;
    };
    /** One batch is stored while the next one arrives, and no more: a slow disk holds the network back. */
    const flush = async () => {
      await keeping;
      if (batch.length > 0) keeping = keep(batch);
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
      for (let bytes = await incoming.read(); bytes; bytes = await incoming.read()) {
        const fresh = bytes.subarray(skip);
        skip -= bytes.length - fresh.length;
        atBytes += fresh.length;
        if (atBytes > sizeBytes) throw changed(url, `it sends more than the ${sizeBytes} bytes that it states`);
        let from = 0;
        for (const length of cutter.push(fresh)) {
          const end = from + length - pending.reduce((sum, part) => sum + part.length, 0);
          pending.push(fresh.subarray(from, end));
          await complete();
          from = end;
        }
        if (from < fresh.length) pending.push(fresh.subarray(from));
        if (batchBytes >= BATCH_BYTES) await flush();
      }
      if (atBytes < sizeBytes) throw new TransferFailure({ kind: 'short' }, url);
      if (pending.length > 0) await complete();
    } finally {
      incoming.close();
      // Also of a request that broke: what is whole is where the next one goes on.
      await flush();
      await keeping;
    }
  };

  return async (job, { signal, onChunk }) => {
    // A hash that can be fed; the browser's own takes a whole file at once.
    const whole = job.sha256 === undefined ? undefined : createSha256.create();
    const chunks = [...job.held];
    if (whole) for (const blob of await store.chunks.getMany(chunks.map((chunk) => chunk.digest))) whole.update(await bytesOf(blob));
    const stored = () => chunks.reduce((sum, chunk) => sum + chunk.sizeBytes, 0);

    const keep: Keep = async (pieces) => {
      const fresh = await Promise.all(
        pieces.map(async (bytes) => ({ bytes, chunk: { digest: await digests.sha256(bytes), sizeBytes: bytes.length } })),
      );
      chunks.push(...fresh.map(({ chunk }) => chunk));
      await store.models.lease(job.lease, [...job.leased, ...chunks.map(({ digest }) => digest)]);
      await Promise.all(fresh.map(({ bytes, chunk }) => store.chunks.put(chunk.digest, new Blob([bytes]))));
      for (const { bytes, chunk } of fresh) {
        whole?.update(bytes);
        await onChunk(chunk);
      }
    };

    let failures = 0;
    for (let before = stored(); before < job.sizeBytes; before = stored()) {
      try {
        await attempt(job, before, signal, keep);
      } catch (reason) {
        signal.throwIfAborted();
        if (!(reason instanceof TransferFailure)) throw reason;
        if (stored() > before) failures = 0;
        failures += 1;
        if (failures > reason.retries) throw reason.toSillError();
        await sleep(reason.waitMs(failures, random()), signal);
      }
    }
    if (whole && bytesToHex(whole.digest()) !== job.sha256) throw changed(job.url, 'its bytes do not have the SHA-256 that it states');
  };
}

const join = async (parts: readonly Uint8Array<ArrayBuffer>[]): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await new Blob([...parts]).arrayBuffer());

const bytesOf = async (blob: Blob | undefined): Promise<Uint8Array> => new Uint8Array(blob ? await blob.arrayBuffer() : new ArrayBuffer());

const changed = (url: string, why: string): SillError =>
  new SillError(
    'source_changed',
    `${new URL(url).pathname} was not accepted from ${new URL(url).host}: ${why}. It was damaged on the way or is not what it says. Nothing was ` +
      'installed; try again later, or take the model from another source.',
    { details: { url } },
  );
