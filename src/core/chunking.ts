const MIB = 1024 * 1024;
/** Of the design of record: an average of a 256th of the file, between 1 and 16 MiB. */
const CHUNKS_PER_FILE = 256;
const MIN_CHUNK_BYTES = MIB;
const MAX_CHUNK_BYTES = 16 * MIB;

/** Where a file is cut: `[offset, length]` in file order, without gaps; the last one may be shorter. */
export function planChunks(sizeBytes: number): Array<readonly [offsetBytes: number, lengthBytes: number]> {
  const ideal = Math.ceil(sizeBytes / CHUNKS_PER_FILE / MIB) * MIB;
  const step = Math.min(MAX_CHUNK_BYTES, Math.max(MIN_CHUNK_BYTES, ideal));
  const plan: Array<readonly [number, number]> = [];
  for (let offset = 0; offset < sizeBytes; offset += step) plan.push([offset, Math.min(step, sizeBytes - offset)]);
  return plan;
}
