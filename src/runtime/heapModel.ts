import { SillError } from '../core/errors.ts';
import type { CausalModel } from './causalModel.ts';
import { allocate, heapOf, type OrtModule } from './heapRuntime.ts';
import { type HeapSession, type Port, TENSOR, tensorBytes } from './heapSession.ts';

const PAST = /^past_key_values\.(\d+)\.(key|value)$/;
/** The cache starts with this many positions and doubles: a short chat in a long context costs little memory. */
const FIRST_CAPACITY = 256;
const OPERATOR = new TextEncoder().encode('GroupQueryAttention');

/**
 * Whether a graph's attention takes a cache that is longer than what it holds and writes new positions into it. Other
 * attention would read the unused rest as tokens.
 * @param graph an `.onnx` file, which may hold all weights: it is searched as bytes, without a copy
 */
export function canCacheInPlace(graph: Uint8Array): boolean {
  const [first = 0] = OPERATOR;
  for (let at = graph.indexOf(first); at >= 0; at = graph.indexOf(first, at + 1)) {
    if (OPERATOR.every((byte, i) => graph[at + i] === byte)) return true;
  }
  return false;
}

interface Cache {
  readonly port: Port;
  readonly heads: number;
  readonly size: number;
  address: number;
  tensor: number;
}

/**
 * A decoder in transformers.js's layout whose key-value cache stays where it is: the same memory is past and present, and
 * `GroupQueryAttention` adds a position to it. Over the public API each token copies the whole cache out of the heap
 * and in again (stories15M at 200 tokens: 2 x 2.8 MB a token).
 * @throws SillError `runtime_failed` for a graph of another layout
 */
export function createHeapModel(module: OrtModule, session: HeapSession, vocabularySize: number, contextLength: number): CausalModel {
  const caches = session.inputs.flatMap((port): Cache[] => {
    const [, heads, , size] = port.shape;
    if (!PAST.test(port.name)) return [];
    const isFloat = port.type === TENSOR.float32 || port.type === TENSOR.float16;
    if (!isFloat || typeof heads !== 'number' || typeof size !== 'number') throw strange(port.name);
    return [{ port, heads, size, address: 0, tensor: 0 }];
  });
  const known = new Set(['input_ids', 'attention_mask', 'position_ids', 'num_logits_to_keep']);
  const plain = session.inputs.filter((port) => !caches.some((cache) => cache.port === port));
  const other = plain.find((port) => !known.has(port.name) || port.type !== TENSOR.int64);
  if (other) throw strange(other.name);
  if (session.outputs.find((port) => port.name === 'logits')?.type !== TENSOR.float32) throw strange('logits');

  const run = session.runner(
    [...plain, ...caches.map((cache) => cache.port)].map((port) => port.name),
    ['logits', ...caches.map((cache) => cache.port.name.replace('past_key_values', 'present'))],
  );
  const keepsLast = plain.some((port) => port.name === 'num_logits_to_keep');
  const logitsBytes = tensorBytes(TENSOR.float32, [vocabularySize]);
  const logitsAt = allocate(module, logitsBytes);
  const lastLogits = session.tensor(TENSOR.float32, logitsAt, [1, 1, vocabularySize]);
  const int64At = (values: number) => allocate(module, values * 8);
  const idsAt = int64At(contextLength);
  const positionsAt = int64At(contextLength);
  const onesAt = int64At(contextLength);
  new BigInt64Array(heapOf(module), onesAt, contextLength).fill(1n);
  new BigInt64Array(heapOf(module), positionsAt, contextLength).forEach((_, i, all) => {
    all[i] = BigInt(i);
  });

  let capacity = 0;
  let length = 0;

  const rowsOf = (cache: Cache, positions: number) => tensorBytes(cache.port.type, [positions, cache.size]);

  /** Head by head, since a longer cache lays the heads further apart. */
  const grow = (wanted: number) => {
    const next = Math.min(contextLength, Math.max(FIRST_CAPACITY, capacity * 2, wanted));
    for (const cache of caches) {
      const address = allocate(module, cache.heads * rowsOf(cache, next));
      const heap = new Uint8Array(heapOf(module));
      for (let head = 0; head < cache.heads; head++) {
        const from = cache.address + head * rowsOf(cache, capacity);
        heap.copyWithin(address + head * rowsOf(cache, next), from, from + rowsOf(cache, length));
      }
      if (cache.tensor !== 0) session.release(cache.tensor);
      if (cache.address !== 0) module._free(cache.address);
      cache.address = address;
      cache.tensor = session.tensor(cache.port.type, address, [1, cache.heads, next, cache.size]);
    }
    capacity = next;
  };

  const feed = (name: string, count: number): number => {
    if (name === 'input_ids') return session.tensor(TENSOR.int64, idsAt, [1, count]);
    if (name === 'position_ids') return session.tensor(TENSOR.int64, positionsAt + 8 * length, [1, count]);
    if (name === 'attention_mask') return session.tensor(TENSOR.int64, onesAt, [1, length + count]);
    return session.tensor(TENSOR.int64, onesAt, []);
  };

  return {
    vocabularySize,
    get length() {
      return length;
    },
    async forward(ids) {
      if (length + ids.length > capacity) grow(length + ids.length);
      const into = new BigInt64Array(heapOf(module), idsAt, ids.length);
      for (let i = 0; i < ids.length; i++) into[i] = BigInt(ids[i] ?? 0);
      const feeds = plain.map((port) => feed(port.name, ids.length));
      const present = caches.map((cache) => cache.tensor);
      const ownLogits = keepsLast || ids.length === 1;
      const [logits = 0] = await run([...feeds, ...present], [ownLogits ? lastLogits : 0, ...present]);
      for (const tensor of feeds) session.release(tensor);
      length += ids.length;
      if (!ownLogits) {
        const from = session.dataOf(logits) + (ids.length - 1) * logitsBytes;
        new Uint8Array(heapOf(module)).copyWithin(logitsAt, from, from + logitsBytes);
        session.release(logits);
      }
      return new Float32Array(heapOf(module), logitsAt, vocabularySize);
    },
    reset() {
      length = 0;
    },
  };
}

const strange = (what: string) =>
  new SillError(
    'runtime_failed',
    `The model's graph is not a text decoder that Sill can run (${what}). Its publisher has to export it again.`,
    { details: { what } },
  );
