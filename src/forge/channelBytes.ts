import { SillError } from '../core/errors.ts';
import { channelFactors, type LayerFactors, withDividedChannels } from './evenedChannels.ts';
import { loudnessByLayer } from './listening.ts';
import { kvDim, type LlamaConfig, type LlamaWeights } from './llama.ts';

interface Model {
  readonly config: LlamaConfig;
  readonly weights: LlamaWeights;
}

/** A byte a channel: its factor in steps of an eighth of an octave, and 1 in the middle. Finer ones win nothing, and whoever makes a form again needs them. */
const STEPS_AN_OCTAVE = 8;
const MIDDLE = 128;
const MOST = 255;

/** Of every byte. Made of roots and products, which are the same in every engine; powers are not. */
const FACTORS = Float32Array.from({ length: MOST + 1 }, (_, byte) => {
  const steps = byte - MIDDLE;
  const octaves = Math.floor(steps / STEPS_AN_OCTAVE);
  let factor = octaves < 0 ? 1 / 2 ** -octaves : 2 ** octaves;
  for (let bit = STEPS_AN_OCTAVE / 2, root = Math.SQRT2; bit >= 1; bit /= 2, root = Math.sqrt(root)) {
    if ((steps - octaves * STEPS_AN_OCTAVE) & bit) factor *= root;
  }
  return factor;
});

const byteOf = (factor: number): number => Math.min(MOST, Math.max(0, Math.round(Math.log2(factor) * STEPS_AN_OCTAVE) + MIDDLE));

const widthsOf = (config: LlamaConfig) => [config.dim, kvDim(config), config.dim, config.hidden] as const;

/**
 * By what channels are to be divided, layer after layer: a byte for each of `qkv`, of the values, of `gateUp` and of `down`.
 * @param loudness as a graph that listens gave it
 * @throws SillError `internal` where it is of another model
 */
export function* evenedBytes({ config, weights }: Model, loudness: Float32Array): Generator<Uint8Array<ArrayBuffer>> {
  const layers = asInternal(() => loudnessByLayer(config, loudness));
  for (const [index, layer] of layers.entries()) {
    const { qkv, value, gateUp, down } = channelFactors(config, weights.layer(index), layer);
    yield Uint8Array.from([qkv, value, gateUp, down].flatMap((factors) => Array.from(factors, byteOf)));
  }
}

/** The same model with its channels divided by what `evenedBytes` wrote. @throws SillError `internal` where they are of another model */
export function withChannelsOf({ config, weights }: Model, bytes: Uint8Array): LlamaWeights {
  const widths = widthsOf(config);
  const all = widths.reduce((sum, width) => sum + width, 0);
  if (bytes.length !== config.layers * all)
    throw new SillError('internal', `There are factors of ${bytes.length} channels, and ${config.layers * all} channels.`);
  return withDividedChannels(config, weights, (index): LayerFactors => {
    let at = index * all;
    const [qkv, value, gateUp, down] = widths.map((width) => {
      at += width;
      return Float32Array.from(bytes.subarray(at - width, at), (byte) => FACTORS[byte] ?? 1);
    }) as [Float32Array, Float32Array, Float32Array, Float32Array];
    return { qkv, value, gateUp, down };
  });
}

function asInternal<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new SillError('internal', 'How loud channels are was measured of another model.', { cause });
  }
}
