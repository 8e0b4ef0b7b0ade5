import { type Stretch, stretchesOf } from '../../core/chunking.ts';
import { SillError } from '../../core/errors.ts';
import { joined } from '../../core/joinedBytes.ts';
import { type MakingFile, type MatrixError, withMadeChunks } from '../../core/making.ts';
import type { ManifestChunk } from '../../core/manifest.ts';
import { release } from '../../core/releasedBuffer.ts';
import { bytesOf, errorOf, type PlannedWeights } from '../../forge/externalData.ts';
import type { TranscodePlan } from '../../forge/transcode/planTranscode.ts';
import type { Digests } from '../../ports/delivery.ts';
import type { TranscodeJob, TranscodeProgress } from '../../ports/forge.ts';
import type { Store } from '../../ports/store.ts';
import type { MadeParts } from '../../protocol/forge.ts';
import { FileWriter } from './fileWriter.ts';

/** Computes one piece of a step of a plan, elsewhere. */
export type Maker = (step: number, piece: number, signal: AbortSignal) => Promise<MadeParts>;

export interface TranscodingDeps {
  readonly store: Pick<Store, 'chunks' | 'models'>;
  readonly digests: Digests;
  /** As many as compute at once. */
  readonly makers: readonly Maker[];
}

interface Call {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: TranscodeProgress) => void;
}

/** Pieces of each maker that are under way or wait for their turn to be written: it has the next one before it is done with the last. */
const AHEAD = 2;

/**
 * Makes the files of a plan that the journal's entry names, and stores them chunk by chunk: cut as a publisher's would be, so that the same
 * weights are the same chunks. Goes on behind the last tensor that is whole on the device.
 * @returns errors of the matrices, those of earlier tries included
 * @throws SillError `aborted` when the entry is gone | what makers and store throw
 */
export async function transcode(
  { store, digests, makers }: TranscodingDeps,
  plan: TranscodePlan,
  { entry: name }: Pick<TranscodeJob, 'entry'>,
  { signal, onProgress }: Call,
): Promise<MatrixError[]> {
  const begun = (await store.models.journal()).find((each) => each.revision === name)?.making;
  if (!begun) throw ended();
  const here = begun.files.filter(({ path }) => path === plan.weights.path || plan.files.some((file) => file.path === path));
  const totalBytes = here.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const made = new Map<string, number>();
  const tell = (path: string, bytes: number): void => {
    made.set(path, bytes);
    if (!signal.aborted) onProgress({ madeBytes: [...made.values()].reduce((sum, each) => sum + each, 0), totalBytes });
  };

  const fileWriter = async (file: MakingFile, stretches: readonly Stretch[]): Promise<{ fromBytes: number; writer: FileWriter }> => {
    const { fromBytes, chunks } = await keptOf(store, file, stretches);
    tell(file.path, fromBytes);
    const writer = new FileWriter(file.sizeBytes, stretches, fromBytes, {
      digest: (bytes) => digests.sha256(bytes),
      async note(fresh) {
        signal.throwIfAborted();
        await note(file.path, chunks.length, fresh);
        chunks.push(...fresh);
      },
      async store(pieces) {
        signal.throwIfAborted();
        const puts = pieces.map(({ digest, bytes }) => store.chunks.put(digest, bytes));
        // All of them have ended when the first failure is told: what lands later would be left behind.
        for (const put of await Promise.allSettled(puts)) if (put.status === 'rejected') throw put.reason;
        tell(file.path, (made.get(file.path) ?? 0) + pieces.reduce((sum, { bytes }) => sum + bytes.length, 0));
      },
    });
    return { fromBytes, writer };
  };

  const errors: MatrixError[] = [];
  /** Noted before they are stored: what nobody knows of would be taken for garbage. */
  const note = async (path: string, from: number, chunks: readonly ManifestChunk[]): Promise<void> => {
    const noted = await store.models.updateJournal(name, (entry) => {
      const making = entry.making && withMadeChunks(entry.making, { path, from, chunks, errors });
      return making ? { ...entry, making } : entry;
    });
    if (!noted?.making) throw ended();
  };

  for (const file of here) {
    const small = plan.files.find(({ path }) => path === file.path);
    if (!small) continue;
    const { fromBytes, writer } = await fileWriter(file, stretchesOf(file.sizeBytes, []));
    await writer.write(small.bytes.subarray(fromBytes));
    await writer.end();
  }
  const weights = here.find(({ path }) => path === plan.weights.path);
  if (!weights) return [];
  const { steps } = plan.weights;
  const stretches = stretchesOf(
    weights.sizeBytes,
    steps.flatMap(({ ranges }) => ranges),
  );
  const { fromBytes, writer } = await fileWriter(weights, stretches);
  await writeWeights(steps, makers, { fromBytes, writer, errors, signal });
  return [...((await store.models.journal()).find((each) => each.revision === name)?.making?.errors ?? [])];
}

interface WeightsCall {
  readonly fromBytes: number;
  readonly writer: FileWriter;
  /** Gets those of the matrices that are made. */
  readonly errors: MatrixError[];
  readonly signal: AbortSignal;
}

/** Makes what lies behind `fromBytes`, a few pieces ahead of what is written. */
async function writeWeights(
  steps: readonly PlannedWeights[],
  makers: readonly Maker[],
  { fromBytes, writer, errors, signal }: WeightsCall,
): Promise<void> {
  const wanted = [...steps.entries()]
    .filter(([, { ranges }]) => ranges.some(({ offsetBytes, sizeBytes }) => offsetBytes + sizeBytes > fromBytes))
    .flatMap(([index, step]) => Array.from({ length: step.pieces }, (_, piece) => ({ index, step, piece })));
  // Each stands there for as many pieces as it may have: it goes on with the next one while this thread is busy with the last.
  const idle = Array.from({ length: AHEAD }, () => makers).flat();
  const waiting: Array<(maker: Maker) => void> = [];
  /** Small ones are in the plan as they are; the others go to whoever is free first. */
  const make = async ({ index, step, piece }: (typeof wanted)[number]): Promise<MadeParts> => {
    if (step.name === undefined) return { parts: step.make(piece).parts.map((part) => new Uint8Array(bytesOf(part))) };
    const maker = idle.shift() ?? (await new Promise<Maker>((resolve) => waiting.push(resolve)));
    try {
      return await maker(index, piece, signal);
    } finally {
      const next = waiting.shift();
      if (next) next(maker);
      else idle.push(maker);
    }
  };
  const ahead: Array<Promise<MadeParts>> = [];
  let begun = 0;
  let tensor = new TensorWriter(writer, []);
  try {
    for (const { step, piece } of wanted) {
      for (; ahead.length < AHEAD * makers.length && begun < wanted.length; begun++) {
        const making = make(wanted[begun] as (typeof wanted)[number]);
        // Thrown where its turn comes.
        making.catch(() => undefined);
        ahead.push(making);
      }
      const done = await (ahead.shift() as Promise<MadeParts>);
      signal.throwIfAborted();
      if (piece === 0) tensor = new TensorWriter(writer, step.ranges);
      const isLast = piece === step.pieces - 1;
      tensor.measure(done);
      // Known before the last bytes are stored, which are noted with it.
      const { error } = tensor;
      if (isLast && step.name !== undefined && error !== undefined) errors.push({ name: step.name, error, sizeBytes: tensor.sizeBytes });
      await tensor.add(done);
      if (isLast) await tensor.end();
    }
    await writer.end();
  } finally {
    await Promise.allSettled(ahead);
    await writer.settled();
  }
}

/** Takes the pieces of one computation: its first part is written as it comes, and the others behind it. */
class TensorWriter {
  #firstBytes = 0;
  readonly #rest: Uint8Array<ArrayBuffer>[][];
  readonly #sums: Array<MadeParts['error']> = [];

  constructor(
    private readonly writer: FileWriter,
    private readonly ranges: PlannedWeights['ranges'],
  ) {
    this.#rest = ranges.slice(1).map(() => []);
  }

  get error(): number | undefined {
    return errorOf(this.#sums);
  }

  get sizeBytes(): number {
    return this.ranges.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }

  measure({ error }: MadeParts): void {
    this.#sums.push(error);
  }

  async add({ parts: [first, ...others] }: MadeParts): Promise<void> {
    for (const [index, part] of others.entries()) this.#rest[index]?.push(part);
    const [range] = this.ranges;
    if (!first || !range) return;
    await this.writer.writeAt(range.offsetBytes + this.#firstBytes, first);
    this.#firstBytes += first.length;
    release(first);
  }

  async end(): Promise<void> {
    for (const [index, { offsetBytes }] of this.ranges.slice(1).entries()) {
      const parts = this.#rest[index] ?? [];
      const whole = joined(parts);
      for (const part of parts) release(part);
      await this.writer.writeAt(offsetBytes, whole);
      release(whole);
    }
  }
}

/** What of a file is on the device, back to the last place from which its cuts can be told. */
async function keptOf({ chunks }: Pick<Store, 'chunks'>, file: MakingFile, stretches: readonly Stretch[]) {
  const missing = new Set(await chunks.missing(file.chunks.map(({ digest }) => digest)));
  const borders = new Set<number>([0]);
  let border = 0;
  for (const { sizeBytes } of stretches) {
    border += sizeBytes;
    borders.add(border);
  }
  let [at, count, fromBytes, kept] = [0, 0, 0, 0];
  for (const { digest, sizeBytes } of file.chunks) {
    if (missing.has(digest)) break;
    at += sizeBytes;
    count += 1;
    if (borders.has(at)) [fromBytes, kept] = [at, count];
  }
  return { fromBytes, chunks: file.chunks.slice(0, kept) as ManifestChunk[] };
}

const ended = (): SillError => new SillError('aborted', 'The import was cancelled.');
