import type { Digest } from './ids.ts';
import type { ManifestChunk, ManifestData } from './manifest.ts';
import type { SinkQuestion } from './sinkSearch.ts';
import type { FormTry } from './widening.ts';

/**
 * What a model of another format can be made into. `fp16` is for quality: on a GPU alone, and three times as large as `q4`. `q8` is for comparison: next to
 * nothing is lost in it, and it is slow everywhere.
 */
export const TRANSCODED_DTYPES = ['int8', 'q4', 'fp16', 'q8'] as const;
export type TranscodedDtype = (typeof TRANSCODED_DTYPES)[number];

/** On which device each is the fast one. */
export const TRANSCODED_DEVICES = { int8: 'wasm', q4: 'webgpu', fp16: 'webgpu', q8: 'wasm' } as const satisfies Readonly<
  Record<TranscodedDtype, string>
>;

/** Names what makes them: with another version another file may come of the same bytes. */
export const RECIPE = 'gguf-6';

/** What a graph that listens calls how loud its channels became in a call: float32, in the order of `forge/listening`. */
export const LOUDNESS_OUTPUT = 'channel_loudness';

/** What is made: by the same recipe the same bytes come of the same file. */
export interface FormRecipe {
  readonly dtype: TranscodedDtype;
  /** Names of the matrices that are kept in a higher form than the others, in the order of the graph. */
  readonly wider?: readonly string[];
  /** By what channels are divided, as `forge/channelBytes` has it; none where that is absent or empty. */
  readonly evened?: Uint8Array<ArrayBuffer>;
  /** Whether its graph tells how loud its channels become: to measure that, and not to run. */
  readonly listening?: boolean;
}

/** Nothing is divided. */
export const NOT_EVENED = new Uint8Array();

type VariantData = ManifestData['variants'][number];

export interface FormSize {
  readonly path: string;
  readonly sizeBytes: number;
}

/** One thing that a file can become. */
export interface FoundForm {
  readonly dtype: TranscodedDtype;
  readonly files: readonly FormSize[];
  readonly variant: VariantData;
}

/** What a model file holds, by its headers; none of its weights were looked at. */
export interface FoundInFile {
  /** As the file says, where that can be a model's name. */
  readonly name?: string;
  /** SPDX id, as the file says. */
  readonly licence?: string;
  /** What it is called, where it is none of those with an id: the id is "other" then. */
  readonly licenceName?: string;
  readonly licenceLink?: string;
  readonly architecture: string;
  readonly parameters: number;
  readonly contextLength: number;
  readonly sizeBytes: number;
  /** How many tensors are quantised in which form, as `Q4_K`. */
  readonly types: Readonly<Record<string, number>>;
  readonly tokenizer: { readonly kind: string; readonly tokens: number };
  readonly chatTemplate?: string;
  readonly generation: { readonly bosTokenId?: number; readonly eosTokenIds: number[] };
  /** Before any was measured. */
  readonly sinkTokens: number[];
  /** What is to be measured of the 8-bit form; absent where no token harms another. */
  readonly sinkQuestion?: SinkQuestion;
  readonly forms: readonly FoundForm[];
}

/** How far one matrix is from the numbers in the file: the root of the squared differences over that of the squares. */
export interface MatrixError {
  /** As `model.layers.0.mlp.down_proj`. */
  readonly name: string;
  readonly error: number;
  /** Of what was made of it. Older records do not say. */
  readonly sizeBytes?: number | undefined;
}

/** A file of a form as far as it is on the device: chunks from its beginning. */
export interface MakingFile extends FormSize {
  readonly chunks: readonly ManifestChunk[];
}

/** What is being made on this device out of another file, as the journal keeps it. */
export interface Making {
  readonly recipe: string;
  readonly files: readonly MakingFile[];
  /** Of the matrices that are on the device, in the order of the graph. */
  readonly errors?: readonly MatrixError[];
  /** How the form scored that it is held against, once that is known: mean negative log-likelihood of a token, in nats. */
  readonly reference?: number;
  /** Names of the matrices that are kept in a higher form. */
  readonly wider?: readonly string[];
  /** By what its channels are divided, once that is known; empty where they are left as they are. */
  readonly evened?: Uint8Array<ArrayBuffer>;
  /** What is made now is there to measure that. */
  readonly listening?: boolean;
  /** Tries that lost too much, in turn. */
  readonly tries?: readonly FormTry[];
  /** What it takes to run it, where that is not what was planned at first. */
  readonly needs?: VariantData['needs'];
}

export const beginMaking = (files: readonly FormSize[]): Making => ({
  recipe: RECIPE,
  files: files.map(({ path, sizeBytes }) => ({ path, sizeBytes, chunks: [] })),
});

/** The same form made in another way, anew, with what is known of it. */
export const beginAnew = (
  { reference, evened }: Making,
  { files, variant }: FoundForm,
  { wider, tries, ...how }: Pick<Making, 'wider' | 'tries' | 'evened' | 'listening'>,
): Making => ({
  ...beginMaking(files),
  ...(reference === undefined ? {} : { reference }),
  ...(evened ? { evened } : {}),
  ...how,
  ...(wider ? { wider, needs: variant.needs } : {}),
  ...(tries ? { tries } : {}),
});

export const madeDigests = ({ files }: Making): Digest[] => files.flatMap(({ chunks }) => chunks.map(({ digest }) => digest));

export const madeBytes = ({ files }: Making): number =>
  files.reduce((sum, { chunks }) => chunks.reduce((all, { sizeBytes }) => all + sizeBytes, sum), 0);

interface MadeChunks {
  readonly path: string;
  readonly from: number;
  readonly chunks: readonly ManifestChunk[];
  /** Of the matrices that ended with them. */
  readonly errors?: readonly MatrixError[];
}

/**
 * Notes chunks of a file behind its first `from`. Those that were noted there before, and got lost or were of another recipe, are gone.
 * @returns undefined where the file is not one of those that are made
 */
export function withMadeChunks(making: Making, { path, from, chunks, errors = [] }: MadeChunks): Making | undefined {
  const file = making.files.find((each) => each.path === path);
  if (!file || from > file.chunks.length) return undefined;
  const next = { ...file, chunks: [...file.chunks.slice(0, from), ...chunks] };
  const known = new Map([...(making.errors ?? []), ...errors].map((each) => [each.name, each]));
  return { ...making, files: making.files.map((each) => (each === file ? next : each)), errors: [...known.values()] };
}
