import { FileCutter, stretchesOf } from '../../src/core/chunking.ts';
import { type ChunkLimits, ContentCutter } from '../../src/core/contentCuts.ts';
import type { DataRange } from '../../src/forge/externalData.ts';

export interface Way {
  readonly name: string;
  /** @returns lengths of the chunks, which add up to the file */
  readonly cut: (bytes: Uint8Array, tensors: readonly DataRange[]) => number[];
}

const KIB = 1024;
const MIB = 1024 * KIB;
/** What the design of record began with: an average of a 256th of the file, between 1 and 16 MiB. */
const step = (sizeBytes: number): number => Math.min(16 * MIB, Math.max(MIB, Math.ceil(sizeBytes / 256 / MIB) * MIB));

const fixed = (sizeBytes: number, pieceBytes: number): number[] =>
  Array.from({ length: Math.ceil(sizeBytes / pieceBytes) }, (_, index) => Math.min(pieceBytes, sizeBytes - index * pieceBytes));

function content(bytes: Uint8Array, limits: ChunkLimits): number[] {
  const cutter = new ContentCutter(limits);
  const lengths = cutter.push(bytes);
  const last = cutter.finish();
  return last === undefined ? lengths : [...lengths, last];
}

const around = (averageBytes: number): ChunkLimits => ({ minBytes: averageBytes / 4, averageBytes, maxBytes: averageBytes * 4 });

/** At the beginning of each tensor, once a chunk has the smallest size, and after the largest at the latest. */
function tensorStarts(sizeBytes: number, tensors: readonly DataRange[]): number[] {
  const lengths: number[] = [];
  let from = 0;
  const starts = [...new Set(tensors.map(({ offsetBytes }) => offsetBytes)), sizeBytes].sort((a, b) => a - b);
  for (const start of starts) {
    if (start - from < 64 * KIB && start !== sizeBytes) continue;
    lengths.push(...fixed(start - from, step(sizeBytes)));
    from = start;
  }
  return lengths;
}

export const WAYS: readonly Way[] = [
  { name: 'fixed, 1 MiB', cut: (bytes) => fixed(bytes.length, step(bytes.length)) },
  { name: 'fixed, 64 KiB', cut: (bytes) => fixed(bytes.length, 64 * KIB) },
  { name: 'content, 1 MiB', cut: (bytes) => content(bytes, around(step(bytes.length))) },
  { name: 'content, 64 KiB', cut: (bytes) => content(bytes, around(64 * KIB)) },
  { name: 'content, 16 KiB', cut: (bytes) => content(bytes, around(16 * KIB)) },
  { name: 'tensors', cut: (bytes, tensors) => tensorStarts(bytes.length, tensors) },
  { name: 'tensors and content', cut: (bytes, tensors) => new FileCutter(stretchesOf(bytes.length, tensors)).push(bytes) },
];
