import type { Tensor } from 'onnxruntime-web';
import { FIRST_POSITIONS } from './causalModel.ts';
import { type CacheShape, rowBytes } from './decoderGraph.ts';
import type { Ort } from './ort.ts';

/** Less of a room in use than this share is worth a copy into a smaller one. */
const WELL_USED = 0.75;

/** Positions of a room, from its first one on, that outlive the sequences there. */
export interface Mark {
  readonly length: number;
  /** Of them, those that no other mark kept when it was set. */
  readonly added: number;
  /** Where they lie now. */
  readonly room: Room;
}

/** Buffers on the GPU for the caches of all layers, written to from the front to the back and nowhere twice. */
export interface Room {
  readonly capacity: number;
  /** One for each cache: [1, heads, capacity, size]. */
  readonly tensors: readonly Tensor[];
  /** Whether nobody has written behind `length` positions. */
  isEnd(length: number): boolean;
  /** Says that positions up to `length` are written now. */
  claim(length: number): void;
  /**
   * Takes over what another room holds up to `length`. Its marks come along if none of them reaches further: a conversation that outgrows its
   * room leaves nothing behind.
   */
  copyFrom(other: Room, length: number): void;
  readonly buffers: readonly GPUBuffer[];
  /** A sequence that reads and writes here; the buffers go with the last one, but for what is remembered. */
  enter(): void;
  leave(): void;
  remember(length: number): Mark;
  forget(mark: Mark): void;
  /** All marks, which then belong to the caller; none if one of them reaches beyond `length`. */
  giveMarks(length: number): readonly MovableMark[];
}

interface MovableMark extends Mark {
  room: Room;
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
      let held = hold(Math.min(limit, Math.max(FIRST_POSITIONS, 2 ** Math.ceil(Math.log2(positions)))));
      let end = 0;
      let sequences = 0;
      const marks = new Set<MovableMark>();

      const longest = () => Math.max(0, ...[...marks].map(({ length }) => length));

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

      const room: Room = {
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
          for (const mark of other.giveMarks(length)) {
            mark.room = room;
            marks.add(mark);
          }
        },
        enter() {
          sequences += 1;
        },
        leave() {
          sequences -= 1;
          trim();
        },
        remember(length) {
          const mark = { length, added: Math.max(0, length - longest()), room };
          marks.add(mark);
          return mark;
        },
        forget(mark) {
          marks.delete(mark);
          trim();
        },
        giveMarks(length) {
          if (longest() > length) return [];
          const given = [...marks];
          marks.clear();
          return given;
        },
      };
      return room;
    },
  };
}

interface Held {
  readonly capacity: number;
  readonly buffers: readonly GPUBuffer[];
  readonly tensors: readonly Tensor[];
}

const NOTHING: Held = { capacity: 0, buffers: [], tensors: [] };
