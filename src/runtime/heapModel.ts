import { LOUDNESS_OUTPUT } from '../core/making.ts';
import { type CausalModel, FIRST_POSITIONS, type KeptBlock, type Sequence } from './causalModel.ts';
import { commonType, isPast, presentOf, strangeGraph } from './decoderGraph.ts';
import { widened } from './floats.ts';
import { allocate, heapOf, type OrtModule } from './heapRuntime.ts';
import { type HeapSession, type Port, TENSOR, tensorBytes } from './heapSession.ts';

/** As `num_logits_to_keep`: a graph of Sill's own slices from minus that on, here from behind the end. */
const NO_LOGITS = -(2n ** 31n);
/** What operators are called that quantise activations while they run, by one scale for all tokens of a call. */
const QUANTISING = ['DynamicQuantize', 'MatMulInteger'];

/**
 * Whether a graph's attention takes a cache that is longer than what it holds and writes new positions into it. Other
 * attention would read the unused rest as tokens.
 * @param graph an `.onnx` file, which may hold all weights: it is searched as bytes, without a copy
 */
export const canCacheInPlace = (graph: Uint8Array): boolean => names(graph, 'GroupQueryAttention');

/** Whether what a graph makes of a token depends on the others of the same call beyond what it is to them. @param graph as above */
export const quantisesTogether = (graph: Uint8Array): boolean => QUANTISING.some((operator) => names(graph, operator));

function names(graph: Uint8Array, operator: string): boolean {
  const wanted = new TextEncoder().encode(operator);
  const [first = 0] = wanted;
  for (let at = graph.indexOf(first); at >= 0; at = graph.indexOf(first, at + 1)) {
    if (wanted.every((byte, i) => graph[at + i] === byte)) return true;
  }
  return false;
}

interface HeapModelSetup {
  readonly vocabularySize: number;
  readonly contextLength: number;
  /** The graph works out no scores at all where it is asked for fewer than none. */
  readonly canLeaveOutScores: boolean;
  /** The graph works out the scores of all tokens of a call where it is asked for none. */
  readonly canScoreEach: boolean;
  readonly quantisesTogether: boolean;
}

/** One of a layer's two caches, as the graph has it at its border. */
interface CachePort {
  readonly port: Port;
  readonly heads: number;
  readonly size: number;
}

interface Cache extends CachePort {
  address: number;
  tensor: number;
}

/**
 * A decoder in transformers.js's layout whose key-value cache stays where it is: the same memory is past and present, and
 * `GroupQueryAttention` adds a position to it. Over the public API each token copies the whole cache out of the heap
 * and in again (stories15M at 200 tokens: 2 x 2.8 MB a token).
 * @throws SillError `runtime_failed` for a graph of another layout
 */
export function createHeapModel(
  module: OrtModule,
  session: HeapSession,
  { vocabularySize, contextLength, canLeaveOutScores, canScoreEach, quantisesTogether }: HeapModelSetup,
): CausalModel {
  const ports = session.inputs.flatMap((port): CachePort[] => {
    const [, heads, , size] = port.shape;
    if (!isPast(port.name)) return [];
    const isFloat = port.type === TENSOR.float32 || port.type === TENSOR.float16;
    if (!isFloat || typeof heads !== 'number' || typeof size !== 'number') throw strangeGraph(port.name);
    return [{ port, heads, size }];
  });
  const known = new Set(['input_ids', 'attention_mask', 'position_ids', 'num_logits_to_keep']);
  const plain = session.inputs.filter((port) => !ports.some((cache) => cache.port === port));
  const other = plain.find((port) => !known.has(port.name) || port.type !== TENSOR.int64);
  if (other) throw strangeGraph(other.name);
  const scoreType = session.outputs.find((port) => port.name === 'logits')?.type;
  if (scoreType !== TENSOR.float32 && scoreType !== TENSOR.float16) throw strangeGraph('logits');
  /** A view where they are in 32 bits, a copy in 32 bits where not. */
  const scoresAt = (address: number, count: number): Float32Array =>
    scoreType === TENSOR.float16
      ? widened(new Uint16Array(heapOf(module), address, count))
      : new Float32Array(heapOf(module), address, count);

  const listening = session.outputs.find((port) => port.name === LOUDNESS_OUTPUT);
  const channels = listening?.shape[0];
  const isListening = listening?.type === TENSOR.float32 && typeof channels === 'number';
  const run = session.runner(
    [...plain, ...ports.map((cache) => cache.port)].map((port) => port.name),
    ['logits', ...ports.map((cache) => presentOf(cache.port.name)), ...(isListening ? [LOUDNESS_OUTPUT] : [])],
  );
  const keepsLast = plain.some((port) => port.name === 'num_logits_to_keep');
  const logitsBytes = tensorBytes(scoreType, [vocabularySize]);
  const logitsAt = allocate(module, logitsBytes);
  const lastLogits = session.tensor(scoreType, logitsAt, [1, 1, vocabularySize]);
  const int64At = (values: number) => allocate(module, values * 8);
  const idsAt = int64At(contextLength);
  const positionsAt = int64At(contextLength);
  const onesAt = int64At(contextLength);
  const noneAt = int64At(1);
  const allAt = int64At(1);
  new BigInt64Array(heapOf(module), noneAt, 1)[0] = NO_LOGITS;
  new BigInt64Array(heapOf(module), allAt, 1)[0] = 0n;
  new BigInt64Array(heapOf(module), onesAt, contextLength).fill(1n);
  new BigInt64Array(heapOf(module), positionsAt, contextLength).forEach((_, i, all) => {
    all[i] = BigInt(i);
  });

  const rowsOf = ({ port, size }: CachePort, positions: number) => tensorBytes(port.type, [positions, size]);
  const cacheType = commonType(ports.map(({ port }) => (port.type === TENSOR.float16 ? 'float16' : 'float32')));
  const tokenBytes = ports.reduce((sum, port) => sum + port.heads * rowsOf(port, 1), 0);
  /** What was kept, by the handle that was given for it: layer by layer and head by head, the rows of some positions. */
  const kept = new WeakMap<KeptBlock, { readonly bytes: Uint8Array; readonly positions: number }>();
  const adopt = (bytes: Uint8Array<ArrayBuffer>): KeptBlock => {
    const handle: KeptBlock = { sizeBytes: bytes.byteLength, bytes, drop: () => kept.delete(handle) };
    kept.set(handle, { bytes, positions: bytes.byteLength / tokenBytes });
    return handle;
  };

  const start = (): Sequence => {
    const caches = ports.map((port): Cache => ({ ...port, address: 0, tensor: 0 }));
    let capacity = 0;
    let length = 0;
    /** How loud its channels became in the last call. */
    let loudness: Float32Array<ArrayBuffer> | undefined;

    const free = () => {
      for (const cache of caches) {
        if (cache.tensor !== 0) session.release(cache.tensor);
        if (cache.address !== 0) module._free(cache.address);
        cache.tensor = 0;
        cache.address = 0;
      }
    };

    const grow = (wanted: number) => {
      if (wanted <= capacity) return;
      const next = Math.min(contextLength, Math.max(FIRST_POSITIONS, capacity * 2, wanted));
      const grown = caches.map((cache) => allocate(module, cache.heads * rowsOf(cache, next)));
      if (length > 0) copyHeads({ caches, capacity, length }, grown, next);
      free();
      for (const [i, cache] of caches.entries()) {
        cache.address = grown[i] ?? 0;
        cache.tensor = session.tensor(cache.port.type, cache.address, [1, cache.heads, next, cache.size]);
      }
      capacity = next;
    };

    const feed = (name: string, count: number, keptAt: number): number => {
      if (name === 'input_ids') return session.tensor(TENSOR.int64, idsAt, [1, count]);
      if (name === 'position_ids') return session.tensor(TENSOR.int64, positionsAt + 8 * length, [1, count]);
      if (name === 'attention_mask') return session.tensor(TENSOR.int64, onesAt, [1, length + count]);
      return session.tensor(TENSOR.int64, keptAt, []);
    };

    /** Calls back for each run of rows of positions `from` to `to` with its place in the heap and among what is kept. */
    const eachRun = (from: number, to: number, visit: (address: number, at: number, bytes: number) => void) => {
      let at = 0;
      for (const cache of caches) {
        const bytes = rowsOf(cache, to - from);
        for (let head = 0; head < cache.heads; head++) {
          visit(cache.address + head * rowsOf(cache, capacity) + rowsOf(cache, from), at, bytes);
          at += bytes;
        }
      }
    };

    /** @param keptAt where it says how many of the last tokens get scores @param into a tensor for them, or 0 for one that the caller releases */
    const evaluate = async (ids: readonly number[], keptAt: number, into: number): Promise<number> => {
      grow(length + ids.length);
      const given = new BigInt64Array(heapOf(module), idsAt, ids.length);
      for (let i = 0; i < ids.length; i++) given[i] = BigInt(ids[i] ?? 0);
      const feeds = plain.map((port) => feed(port.name, ids.length, keptAt));
      const present = caches.map((cache) => cache.tensor);
      const results = await run([...feeds, ...present], [into, ...present, ...(isListening ? [0] : [])]);
      const [logits = 0] = results;
      if (isListening) {
        const heard = results.at(-1) ?? 0;
        loudness = new Float32Array(heapOf(module), session.dataOf(heard), channels).slice();
        session.release(heard);
      }
      for (const tensor of feeds) session.release(tensor);
      length += ids.length;
      return logits;
    };

    const forwardEach: Sequence['forwardEach'] = async (ids, read) => {
      const logits = await evaluate(ids, allAt, 0);
      try {
        read(scoresAt(session.dataOf(logits), ids.length * vocabularySize), 0, loudness);
      } finally {
        session.release(logits);
      }
    };

    return {
      get length() {
        return length;
      },
      ...(canScoreEach ? { forwardEach } : {}),
      async forward(ids, isScored = true) {
        const skips = !isScored && keepsLast && canLeaveOutScores;
        const ownLogits = !skips && (keepsLast || ids.length === 1);
        const logits = await evaluate(ids, skips ? noneAt : onesAt, ownLogits ? lastLogits : 0);
        if (skips) session.release(logits);
        else if (!ownLogits) {
          const from = session.dataOf(logits) + (ids.length - 1) * logitsBytes;
          new Uint8Array(heapOf(module)).copyWithin(logitsAt, from, from + logitsBytes);
          session.release(logits);
        }
        return scoresAt(logitsAt, vocabularySize);
      },
      fork() {
        const other = start();
        if (length > 0) other.restore([this.keep(0)]);
        return other;
      },
      keep(from) {
        const bytes = new Uint8Array((length - from) * tokenBytes);
        const heap = new Uint8Array(heapOf(module));
        eachRun(from, length, (address, at, size) => bytes.set(heap.subarray(address, address + size), at));
        return adopt(bytes);
      },
      restore(blocks) {
        const found = blocks.map((block) => kept.get(block)).filter((block) => block !== undefined);
        grow(found.reduce((sum, { positions }) => sum + positions, 0));
        const heap = new Uint8Array(heapOf(module));
        for (const { bytes, positions } of found) {
          eachRun(length, length + positions, (address, at, size) => heap.set(bytes.subarray(at, at + size), address));
          length += positions;
        }
      },
      release() {
        free();
        capacity = 0;
        length = 0;
      },
    };
  };

  /** Head by head, since a longer cache lays the heads further apart. */
  const copyHeads = (
    from: { readonly caches: readonly Cache[]; readonly capacity: number; readonly length: number },
    addresses: readonly number[],
    capacity: number,
  ) => {
    const heap = new Uint8Array(heapOf(module));
    for (const [i, cache] of from.caches.entries()) {
      for (let head = 0; head < cache.heads; head++) {
        const source = cache.address + head * rowsOf(cache, from.capacity);
        heap.copyWithin((addresses[i] ?? 0) + head * rowsOf(cache, capacity), source, source + rowsOf(cache, from.length));
      }
    }
  };

  return { vocabularySize, tokenBytes, cacheType, keepsBlocksApart: true, quantisesTogether, start, adopt };
}
