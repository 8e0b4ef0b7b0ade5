import type { InferenceSession, Tensor } from 'onnxruntime-web';
import type { CausalModel, KeptBlock, Sequence } from './causalModel.ts';
import { decoderGraph, eachScores, lastScores } from './decoderGraph.ts';
import { createGpuRooms, type Mark, type Room } from './gpuRooms.ts';
import type { Ort } from './ort.ts';

interface GpuModelSetup {
  readonly vocabularySize: number;
  readonly contextLength: number;
  /** The graph works out the scores of all tokens of a call where it is asked for none. */
  readonly canScoreEach?: boolean;
}

/**
 * A decoder whose key-value cache stays where it is on the GPU: the same buffers are past and present, and `GroupQueryAttention` adds the new
 * positions to them. Positions that are written never change, so that sequences and what is kept of them share a buffer; who goes on from
 * where another already went on takes a copy first.
 * @throws SillError `runtime_failed` for a graph of another layout
 */
export function createGpuModel(
  ort: Ort,
  session: InferenceSession,
  device: GPUDevice,
  { vocabularySize, contextLength, canScoreEach }: GpuModelSetup,
): CausalModel {
  const { caches, tokenBytes, cacheType, feeds } = decoderGraph(ort, session);
  const rooms = createGpuRooms(ort, device, caches, contextLength);
  /** What was kept, by the handle that was given for it. */
  const kept = new WeakMap<KeptBlock, Mark>();

  const begin = (): Sequence => {
    let room: Room | undefined;
    let length = 0;

    const moveTo = (next: Room | undefined, positions: number) => {
      next?.enter();
      room?.leave();
      room = next;
      length = positions;
    };

    const roomFor = (count: number): Room => {
      const wanted = length + count;
      if (!room || room.capacity < wanted || !room.isEnd(length)) {
        const next = rooms.create(wanted);
        if (room && length > 0) next.copyFrom(room, length);
        moveTo(next, length);
        return next;
      }
      return room;
    };

    const evaluate = async (ids: readonly number[], wanted: 'last' | 'each'): Promise<Tensor | undefined> => {
      const at = roomFor(ids.length);
      const past: Record<string, Tensor> = {};
      const present: Record<string, Tensor | null> = { logits: null };
      for (const [i, cache] of caches.entries()) {
        const tensor = at.tensors[i];
        if (!tensor) continue;
        past[cache.past] = tensor;
        present[cache.present] = tensor;
      }
      const from = length;
      at.claim(from + ids.length);
      const { logits } = await session.run({ ...feeds(ids, from, wanted), ...past }, present);
      length = from + ids.length;
      return logits;
    };

    const forwardEach: Sequence['forwardEach'] = async (ids, read) =>
      read(await eachScores(await evaluate(ids, 'each'), ids.length, vocabularySize), 0);

    const sequence: Sequence = {
      get length() {
        return length;
      },
      ...(canScoreEach ? { forwardEach } : {}),
      async forward(ids, isScored = true) {
        const logits = await evaluate(ids, 'last');
        if (isScored) return lastScores(logits, vocabularySize);
        // Nobody waits for the GPU where nobody reads what it worked out.
        logits?.dispose();
        return new Float32Array(0);
      },
      fork() {
        const other = begin();
        if (length === 0) return other;
        const own = sequence.keep(0);
        other.restore([own]);
        own.drop();
        return other;
      },
      keep() {
        const mark = room?.remember(length);
        const handle: KeptBlock = {
          // The first block that is kept of a room keeps all that lies before it there.
          sizeBytes: (mark?.added ?? 0) * tokenBytes,
          drop() {
            if (kept.delete(handle)) mark?.room.forget(mark);
          },
        };
        if (mark) kept.set(handle, mark);
        return handle;
      },
      restore(blocks) {
        const last = blocks.at(-1);
        const found = last && kept.get(last);
        if (found) moveTo(found.room, found.length);
      },
      release: () => moveTo(undefined, 0),
    };
    return sequence;
  };

  return { vocabularySize, tokenBytes, cacheType, keepsBlocksApart: true, start: begin };
}
