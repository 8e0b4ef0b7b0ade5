import { headDim, kvDim, type LlamaConfig, type LlamaLayer, type LlamaWeights, queryDim } from './llama.ts';
import { lazyMatrix, type Matrix, readRows, stretchesOf } from './matrix.ts';

/** The largest magnitude that each channel of the inputs of a layer's products reaches, as measured over a text. */
export interface LayerLoudness {
  /** `[dim]`. */
  readonly qkv: Float32Array;
  /** `[queryDim]`. */
  readonly attentionOutput: Float32Array;
  /** `[dim]`. */
  readonly gateUp: Float32Array;
  /** `[hidden]`. */
  readonly down: Float32Array;
}

/** By what the channels of the inputs of a layer's products are divided. */
export interface LayerFactors {
  /** `[dim]`. */
  readonly qkv: Float32Array;
  /** `[kvDim]`: those of the attention's output are means of them. */
  readonly value: Float32Array;
  /** `[dim]`. */
  readonly gateUp: Float32Array;
  /** `[hidden]`. */
  readonly down: Float32Array;
}

/**
 * The same model, with channels of the products' inputs as loud as each other as far as their weights bear it: what 8 bits with one scale for
 * all channels and tokens of a call want.
 *
 * After SmoothQuant (Xiao et al. 2022, arXiv 2211.10438), with half of what is to be levelled left to the weights (docs/decisions/0083).
 * @param loudnessOf of a layer by its index
 */
export function withEvenedChannels(config: LlamaConfig, weights: LlamaWeights, loudnessOf: (index: number) => LayerLoudness): LlamaWeights {
  return withDividedChannels(config, weights, (index) => channelFactors(config, weights.layer(index), loudnessOf(index)));
}

/** By what channels are to be divided for that. Reads all weights of the layer. */
export function channelFactors(config: LlamaConfig, layer: LlamaLayer, loudness: LayerLoudness): LayerFactors {
  // Heads that share a value share its channels: the loudest of them decides.
  const shares = shareOfColumns([layer.attentionOutput]);
  const place = valueChannel(config);
  const [valueLoudness, valueShares] = [new Float32Array(kvDim(config)), new Float32Array(kvDim(config))];
  for (const [channel, share] of shares.entries()) {
    const value = place(channel);
    valueLoudness[value] = Math.max(valueLoudness[value] ?? 0, loudness.attentionOutput[channel] ?? 0);
    valueShares[value] = Math.max(valueShares[value] ?? 0, share);
  }
  return {
    qkv: factors(loudness.qkv, [layer.query, layer.key, layer.value]),
    value: balanced(valueLoudness, valueShares),
    gateUp: factors(loudness.gateUp, [layer.gate, layer.up]),
    down: factors(loudness.down, [layer.down]),
  };
}

/**
 * The same model with its channels divided. What divides a channel is folded into what makes it, and its inverse into what takes it: rows of `up`
 * and columns of `down`, rows of `value` and columns of `o_proj`, the scales of a normalisation and columns of what it feeds. Nothing is added
 * to the graph, and unquantised the numbers stay what they were but for their rounding.
 * @param factorsOf of a layer by its index
 */
export function withDividedChannels(config: LlamaConfig, weights: LlamaWeights, factorsOf: (index: number) => LayerFactors): LlamaWeights {
  return { ...weights, layer: (index) => divided(config, weights.layer(index), factorsOf(index)) };
}

function divided(config: LlamaConfig, layer: LlamaLayer, { qkv, value, gateUp, down }: LayerFactors): LlamaLayer {
  const place = valueChannel(config);
  const outputs = Float32Array.from({ length: queryDim(config) }, (_, channel) => value[place(channel)] ?? 1);
  return {
    ...layer,
    attentionNorm: layer.attentionNorm.map((scale, i) => scale / (qkv[i] ?? 1)),
    query: scaled(layer.query, { columns: qkv }),
    key: scaled(layer.key, { columns: qkv }),
    value: scaled(layer.value, { columns: qkv, rows: value }),
    attentionOutput: scaled(layer.attentionOutput, { columns: outputs }),
    feedForwardNorm: layer.feedForwardNorm.map((scale, i) => scale / (gateUp[i] ?? 1)),
    gate: scaled(layer.gate, { columns: gateUp }),
    up: scaled(scaled(layer.up, { columns: gateUp }), { rows: down }),
    down: scaled(layer.down, { columns: down }),
    ...(layer.qkvBias ? { qkvBias: evenedBias(layer.qkvBias, value) } : {}),
  };
}

/** The values' bias is the last part. */
function evenedBias(bias: Float32Array, value: Float32Array): Float32Array {
  const first = bias.length - value.length;
  return bias.map((each, i) => (i < first ? each : each / (value[i - first] ?? 1)));
}

/** Of which channel of the values a channel of the attention's output is a mean. */
function valueChannel(config: LlamaConfig): (channel: number) => number {
  const [width, group] = [headDim(config), config.heads / config.kvHeads];
  return (channel) => Math.floor(channel / width / group) * width + (channel % width);
}

const factors = (loudness: Float32Array, matrices: readonly Matrix[]): Float32Array => balanced(loudness, shareOfColumns(matrices));

/** A channel that the text left quiet may be loud in another: so far below the median it is not trusted. */
const QUIETEST_SHARE = 1 / 8;

/**
 * By what channels are divided so that each is as loud as it is strong in the weights: the root of loudness over share. Roots are the
 * same in every engine. Powers of two would leave the unquantised numbers as they are to the bit, and give away much of what is won.
 */
function balanced(loudness: Float32Array, shares: Float32Array): Float32Array {
  const [least, weakest] = [median(loudness) * QUIETEST_SHARE, median(shares) * QUIETEST_SHARE];
  return loudness.map((loud, i) => {
    const ratio = Math.max(loud, least) / Math.max(shares[i] ?? 0, weakest);
    return Number.isFinite(ratio) && ratio > 0 ? Math.sqrt(ratio) : 1;
  });
}

function median(values: Float32Array): number {
  return values.slice().sort()[values.length >> 1] ?? 0;
}

/** How large each column's weights are beside the largest of their rows, which is what 8 bits take as the scale of a row: the largest of all rows. */
function shareOfColumns(matrices: readonly Matrix[]): Float32Array {
  const columns = matrices[0]?.columns ?? 0;
  const shares = new Float32Array(columns);
  for (const matrix of matrices) {
    for (const { values } of stretchesOf(matrix)) {
      for (let start = 0; start < values.length; start += columns) {
        let largest = 0;
        for (let i = start; i < start + columns; i++) largest = Math.max(largest, Math.abs(values[i] as number));
        if (largest === 0) continue;
        for (let column = 0; column < columns; column++) {
          const share = Math.abs(values[start + column] as number) / largest;
          if (share > (shares[column] as number)) shares[column] = share;
        }
      }
    }
  }
  return shares;
}

/** Each number of a matrix times that of its column, over that of its row. */
function scaled(matrix: Matrix, by: { readonly columns?: Float32Array; readonly rows?: Float32Array }): Matrix {
  const { rows, columns } = matrix;
  return lazyMatrix(rows, columns, (from, count, into) => {
    readRows(matrix, from, count, into);
    for (let row = 0, i = 0; row < count; row++) {
      const divisor = by.rows?.[from + row] ?? 1;
      const own = by.columns;
      if (own) for (let column = 0; column < columns; column++, i++) into[i] = (into[i] as number) * ((own[column] as number) / divisor);
      else for (const end = i + columns; i < end; i++) into[i] = (into[i] as number) * (1 / divisor);
    }
  });
}
