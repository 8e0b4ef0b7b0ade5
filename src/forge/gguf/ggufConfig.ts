import type { Architecture } from '../architectures/architecture.ts';
import { headDim, type LlamaConfig, type SlidingWindow } from '../llama.ts';
import { refused } from './ggufError.ts';
import type { GgufMetadata } from './ggufMetadata.ts';
import type { Gguf } from './readGguf.ts';
import { ropeScaling } from './ropeScaling.ts';

/** Rotary tables are written for every position. Longer texts than this need more memory for their key-values than a page has. */
const MAX_CONTEXT = 32_768;
const MAX_LAYERS = 1024;
/** The widest of any family. Rotary tables take 128 KiB for each number of a head: they are made of what a file says, and not of what it brings. */
const MAX_HEAD = 512;
/** What attention of the runtime takes, of rotated heads. It says so when a token is read, minutes after a person chose the file. */
const HEAD_UNIT = 16;

/**
 * The shape that a file's metadata describe.
 * @throws SillError `invalid_request` when they do not go together, or name what the graph builder cannot do
 */
export function ggufConfig(gguf: Gguf, architecture: Architecture, vocab: number): LlamaConfig {
  const { metadata } = gguf;
  const { name } = architecture;
  const size = (key: string): number => {
    const value = metadata.count(`${name}.${key}`);
    if (value === undefined || value < 1) throw refused('malformed', `"${name}.${key}" is missing`);
    return value;
  };
  const dim = size('embedding_length');
  const heads = size('attention.head_count');
  const ownHeadDim = metadata.count(`${name}.attention.key_length`);
  const shape = {
    dim,
    heads,
    hidden: size('feed_forward_length'),
    layers: size('block_count'),
    kvHeads: metadata.count(`${name}.attention.head_count_kv`) ?? heads,
    vocab,
    context: Math.min(size('context_length'), MAX_CONTEXT),
    ropeTheta: metadata.number(`${name}.rope.freq_base`) ?? 10_000,
    normEps: metadata.number(`${name}.attention.layer_norm_rms_epsilon`) ?? 1e-5,
    ...(ownHeadDim === undefined || ownHeadDim * heads === dim ? {} : { headDim: ownHeadDim }),
  };
  const width = headDim(shape);
  const sound = [width / 2, heads / shape.kvHeads].every((each) => Number.isInteger(each) && each > 0);
  if (!sound || width > MAX_HEAD || shape.layers > MAX_LAYERS || !(shape.ropeTheta > 0) || !(shape.normEps > 0)) {
    throw refused('malformed', `its sizes do not go together (${heads} heads, ${shape.kvHeads} of keys, width ${dim})`);
  }
  refuseUnbuilt(metadata, name, width);
  const rotated = metadata.count(`${name}.rope.dimension_count`) ?? width;
  if (rotated % 2 !== 0 || rotated < 2 || rotated > width) {
    throw refused('malformed', `${rotated} of ${width} numbers of a head are rotated`);
  }
  const { divisors, magnitude, context } = ropeScaling(gguf, name, rotated, shape.ropeTheta, shape.context);
  const window = slidingWindow(metadata, architecture, shape.layers);
  const attentionCap = metadata.number(`${name}.attn_logit_softcapping`) ?? architecture.softcaps?.attention;
  const logitCap = metadata.number(`${name}.final_logit_softcapping`) ?? architecture.softcaps?.logits;
  const ownScale = shape.layers === architecture.scaledByWidthAt ? 1 / Math.sqrt(dim / heads) : undefined;
  const attentionScale = metadata.number(`${name}.attention.scale`) || ownScale;
  return {
    ...shape,
    context,
    ...(rotated === width ? {} : { rotaryDim: rotated }),
    ...(divisors ? { ropeDivisors: divisors } : {}),
    ...(magnitude === undefined ? {} : { ropeMagnitude: magnitude }),
    // Up to the width of its window a model with one is a model without, but for how it turns.
    ...(window && (window.size < context || window.ropeTheta !== undefined) ? { window } : {}),
    ...(architecture.activation ? { activation: architecture.activation } : {}),
    ...(architecture.scaledEmbedding ? { embeddingScale: Math.sqrt(dim) } : {}),
    ...(attentionScale === undefined ? {} : { attentionScale }),
    ...(attentionCap ? { attentionSoftcap: attentionCap } : {}),
    ...(logitCap ? { logitSoftcap: logitCap } : {}),
  };
}

/** What the format can say and no graph of ours does. */
function refuseUnbuilt(metadata: GgufMetadata, name: string, width: number): void {
  const missing = (what: string) => refused('unsupported', `it needs ${what}, which is not built yet`);
  if ((metadata.count(`${name}.expert_count`) ?? 0) > 0) throw missing('a mixture of experts');
  if (width % HEAD_UNIT !== 0) throw missing(`heads of ${width} numbers, no multiple of ${HEAD_UNIT}`);
  if ((metadata.count(`${name}.attention.value_length`) ?? width) !== width) throw missing('values of another width than keys');
}

function slidingWindow(metadata: GgufMetadata, { name, window }: Architecture, layers: number): SlidingWindow | undefined {
  const size = metadata.count(`${name}.attention.sliding_window`) || window?.size;
  if (!size) return undefined;
  const pattern = `${name}.attention.sliding_window_pattern`;
  const listed = metadata.isList(pattern) ? metadata.flags(pattern) : undefined;
  if (listed && listed.length !== layers) throw refused('malformed', `${listed.length} layers are limited or not, and there are ${layers}`);
  const wholeEvery = (listed ? undefined : metadata.count(pattern)) ?? window?.wholeEvery ?? 0;
  const limited = listed ?? Array.from({ length: layers }, (_, index) => wholeEvery === 0 || (index + 1) % wholeEvery !== 0);
  const ropeTheta = metadata.number(`${name}.rope.freq_base_swa`) ?? window?.ropeTheta;
  if (ropeTheta !== undefined && !(ropeTheta > 0)) throw refused('malformed', `"${name}.rope.freq_base_swa" is ${ropeTheta}`);
  return { size, limited, ...(ropeTheta === undefined ? {} : { ropeTheta }) };
}
