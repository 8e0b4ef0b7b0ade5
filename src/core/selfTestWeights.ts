import { createRandom } from './random.ts';

/** Small enough to run on an emulated GPU in a moment; 96 divides into no tile of 64, so that the ends of a matrix are tested too. */
export const SELF_TEST = { vocabulary: 64, hidden: 128, inner: 96, classes: 40, block: 32, epsilon: 1e-5 } as const;

/**
 * Two heads of the query share a key, as in most models. The positions are as many as a table has rows.
 */
export const SELF_TEST_HEADS = { heads: 4, kvHeads: 2, size: 32, theta: 1e4, positions: 128 } as const;

/** Query, key and value of one token behind each other. */
export const SELF_TEST_PACKED = (SELF_TEST_HEADS.heads + 2 * SELF_TEST_HEADS.kvHeads) * SELF_TEST_HEADS.size;

/** What was found out by another method says nothing of what this one tests. */
export const SELF_TEST_METHOD = 2;

export interface SelfTestInput {
  readonly ids: readonly number[];
  /** Positions that lie behind, in the caches of keys and values. */
  readonly past: number;
}

const LONGEST_PAST = 70;

/**
 * One token alone as in decoding, and many at once as in a prefill, at the beginning of a text and behind a part that was read before: runtimes have another
 * program for each. 71 positions are more than a tile of 64.
 * @param longestCall how many tokens a call may have there, as a model is called: what is never asked of a GPU need not be right
 */
export function selfTestInputs(longestCall: number): readonly SelfTestInput[] {
  const many = Array.from({ length: Math.min(33, longestCall) }, (_, i) => (i * 11 + 3) % SELF_TEST.vocabulary);
  return [
    { ids: [7], past: LONGEST_PAST },
    { ids: many, past: 0 },
    { ids: many, past: 40 },
  ];
}

/** In the order in which one follows from the other: the first that is off names the operator that is broken. */
export const SELF_TEST_OUTPUTS = [
  ...(['gather', 'rms_norm', 'skip_norm', 'matmul_4bit', 'matmul_8bit', 'gated', 'layer_norm', 'matmul', 'gemm', 'softmax'] as const),
  ...(['gather_4bit', 'rotary', 'attention_keys', 'attention_values', 'attention'] as const),
] as const;
export type SelfTestOutput = (typeof SELF_TEST_OUTPUTS)[number];

/** Levels as they are stored, the middle (8 or 128) added, with a scale for each block of a row. */
export interface Quantized {
  readonly levels: Uint8Array;
  readonly scales: Float32Array;
}

export interface SelfTestWeights {
  /** `[vocabulary, hidden]`. */
  readonly table: Float32Array;
  readonly gamma: Float32Array;
  /** `[inner, hidden]`, both. */
  readonly fourBit: Quantized;
  readonly eightBit: Quantized;
  /** Of the layer norm, `inner` each. */
  readonly scale: Float32Array;
  readonly bias: Float32Array;
  /** `[inner, classes]`, as MatMul wants it. */
  readonly projection: Float32Array;
  /** `[vocabulary, SELF_TEST_PACKED]` in 4 bits. */
  readonly packed: Quantized;
  /** `[kvHeads, LONGEST_PAST, size]`, of which a shorter past is the beginning of each head. */
  readonly pastKeys: Float32Array;
  readonly pastValues: Float32Array;
}

/** The same on every device. */
export function selfTestWeights(): SelfTestWeights {
  const { vocabulary, hidden, inner, classes, block } = SELF_TEST;
  const random = createRandom(2718);
  const around = (length: number, middle: number, spread: number) =>
    Float32Array.from({ length }, () => middle + spread * (2 * random() - 1));
  const quantized = (bits: 4 | 8, length = inner * hidden, size = 1): Quantized => ({
    levels: Uint8Array.from({ length }, () => Math.floor(random() * 2 ** bits)),
    scales: around(length / block, (0.5 * size) / 2 ** bits, (0.3 * size) / 2 ** bits),
  });
  const cached = SELF_TEST_HEADS.kvHeads * LONGEST_PAST * SELF_TEST_HEADS.size;
  return {
    table: around(vocabulary * hidden, 0, 1),
    gamma: around(hidden, 1, 0.5),
    fourBit: quantized(4),
    eightBit: quantized(8),
    scale: around(inner, 1, 0.5),
    bias: around(inner, 0, 0.5),
    projection: around(inner * classes, 0, 0.3),
    // So large that a position that is confused with another shows: of small scores every position gets the same share.
    packed: quantized(4, vocabulary * SELF_TEST_PACKED, 10),
    pastKeys: around(cached, 0, 2.4),
    pastValues: around(cached, 0, 2.4),
  };
}

/** The beginning of a cache: `[kvHeads, past, size]`. */
export function pastOf(cache: Float32Array, past: number): Float32Array<ArrayBuffer> {
  const { kvHeads, size } = SELF_TEST_HEADS;
  const part = new Float32Array(kvHeads * past * size);
  for (let head = 0; head < kvHeads; head++) {
    const from = head * LONGEST_PAST * size;
    part.set(cache.subarray(from, from + past * size), head * past * size);
  }
  return part;
}
