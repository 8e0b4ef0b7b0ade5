import type { Tensor } from 'onnxruntime-web';
import { type CacheShape, rowBytes } from './decoderGraph.ts';
import type { Ort } from './ort.ts';

/** A cache starts with this many positions and doubles: a short chat in a long context costs little memory. */
const FIRST_CAPACITY = 256;
/** Less of a room in use than this share is worth a copy into a smaller one. */
const WELL_USED = 0.75;

/** Buffers on the GPU for the caches of all layers, written to from the front to the back and nowhere twice. */
export interface Room {
  readonly capacity: number;
  /** One for each cache: [1, heads, capacity, size]. */
  readonly tensors: readonly Tensor[];
  /** Whether nobody has written behind `length` positions. */
  isEnd(length: number): boolean;
  /** Says that positions up to `length` are written now. */
  claim(length: number): void;
  copyFrom(other: Room, length: number): void;
  readonly buffers: readonly GPUBuffer[];
  /** A sequence that reads and writes here; the buffers go with the last one, but for what is remembered. */
  enter(): void;
  leave(): void;
  /** Positions up to `length` outlive the sequences. @returns how many of them did not before */
  remember(length: number): number;
  forget(length: number): void;
}

export interface GpuRooms {
  create(positions: number): Room;
}

/** @param limit no room is larger than this many positions */
export function createGpuRooms(ort: Ort, device: GPUDevice, caches: readonly CacheShape[], limit: number): GpuRooms {
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;

  const allocate = (positions: number): readonly GPUBuffer[] =>
    caches.map((cache) => device.createBuffer({ size: cache.heads * positions * rowBytes(cache), usage }));

  const tensorsOver = (buffers: readonly GPUBuffer[], positions: number): readonly Tensor[] =>
    caches.flatMap(({ type, heads, size }, i) => {
      const buffer = buffers[i];
      return buffer ? [ort.Tensor.fromGpuBuffer(buffer, { dataType: type, dims: [1, heads, positions, size] })] : [];
    });

  /** Head by head, since a longer room lays them further apart. */
  const copy = (from: Held, to: Held, length: number) => {
    const encoder = device.createCommandEncoder();
    for (const [i, cache] of caches.entries()) {
      const [source, target] = [from.buffers[i], to.buffers[i]];
      if (!source || !target) continue;
      const row = rowBytes(cache);
      for (let head = 0; head < cache.heads; head++) {
        encoder.copyBufferToBuffer(source, head * from.capacity * row, target, head * to.capacity * row, length * row);
      }
    }
    device.queue.submit([encoder.finish()]);
  };

  const hold = (capacity: number): Held => {
    const buffers = allocate(capacity);
    return { capacity, buffers, tensors: tensorsOver(buffers, capacity) };
  };
  // The GPU finishes what was submitted before it lets go of a buffer.
  const free = ({ buffers }: Held) => {
    for (const buffer of buffers) buffer.destroy();
  };

  return {
    create(positions) {
      let held = hold(Math.min(limit, Math.max(FIRST_CAPACITY, 2 ** Math.ceil(Math.log2(positions)))));
      let end = 0;
      let sequences = 0;
      const remembered: number[] = [];

      const longest = () => Math.max(0, ...remembered);

      /** Without a sequence that could go on here, only what is remembered keeps its place. */
      const trim = () => {
        if (sequences > 0) return;
        end = longest();
        if (end > held.capacity * WELL_USED) return;
        const before = held;
        held = end === 0 ? NOTHING : hold(end);
        if (end > 0) copy(before, held, end);
        free(before);
      };

      return {
        get capacity() {
          return held.capacity;
        },
        get tensors() {
          return held.tensors;
        },
        get buffers() {
          return held.buffers;
        },
        isEnd: (length) => length === end,
        claim(length) {
          end = length;
        },
        copyFrom(other, length) {
          copy(other, held, length);
          end = length;
        },
        enter() {
          sequences += 1;
        },
        leave() {
          sequences -= 1;
          trim();
        },
        remember(length) {
          const before = longest();
          remembered.push(length);
          return Math.max(0, length - before);
        },
        forget(length) {
          remembered.splice(remembered.indexOf(length), 1);
          trim();
        },
      };
    },
  };
}

interface Held {
  readonly capacity: number;
  readonly buffers: readonly GPUBuffer[];
  readonly tensors: readonly Tensor[];
}

const NOTHING: Held = { capacity: 0, buffers: [], tensors: [] };
