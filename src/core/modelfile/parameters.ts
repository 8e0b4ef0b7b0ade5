/** What a Modelfile may say of generation, by the names of this app. What it leaves open comes from its base. */
export interface DerivedParameters {
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly minP?: number;
  readonly repetitionPenalty?: number;
  readonly presencePenalty?: number;
  readonly frequencyPenalty?: number;
  readonly seed?: number;
  readonly maxTokens?: number;
  readonly keepTokens?: number;
  /** Tokens of prompt and answer together, at most. */
  readonly contextLength?: number;
  readonly stop?: readonly string[];
}

export type ReadParameter =
  | { readonly kind: 'set'; readonly parameters: DerivedParameters }
  /** In order, and without effect here: `device` decides by itself; of `sampling` this app has its own. */
  | { readonly kind: 'note'; readonly about: 'device' | 'sampling' }
  | { readonly kind: 'unknown' | 'unsupported' }
  | { readonly kind: 'wrong'; readonly expected: string };

type Reader = (text: string) => ReadParameter;

const INTEGER = /^[+-]?\d{1,15}$/;
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
/** Go's strconv.ParseBool. */
const BOOLEAN = /^(?:1|0|t|f|true|false|TRUE|FALSE|True|False|T|F)$/;

const set = (parameters: DerivedParameters): ReadParameter => ({ kind: 'set', parameters });

const number =
  (low: number, high: number, take: (value: number) => DerivedParameters): Reader =>
  (text) => {
    const value = NUMBER.test(text) ? Number(text) : Number.NaN;
    return value >= low && value <= high ? set(take(value)) : { kind: 'wrong', expected: `a number from ${low} to ${high}` };
  };

/** @param open what means "not said", in Ollama a number below the smallest */
const integer =
  (low: number, take: (value: number) => DerivedParameters, open?: { readonly from: number; readonly words: string }): Reader =>
  (text) => {
    const value = INTEGER.test(text) ? Number(text) : Number.NaN;
    if (value >= low) return set(take(value));
    if (open && value >= open.from) return set({});
    return { kind: 'wrong', expected: `a whole number of at least ${low}${open ? `, or ${open.words}` : ''}` };
  };

const noted =
  (about: 'device' | 'sampling', form: RegExp): Reader =>
  (text) =>
    form.test(text) ? { kind: 'note', about } : { kind: 'wrong', expected: form === BOOLEAN ? 'true or false' : 'a number' };

/** A method of sampling that is off at this value; any other cannot be had. */
const offAt =
  (neutral: number): Reader =>
  (text) => {
    if (!NUMBER.test(text)) return { kind: 'wrong', expected: 'a number' };
    return Number(text) === neutral ? set({}) : { kind: 'unsupported' };
  };

/** Every name that Ollama has, or had. */
const READERS: Readonly<Record<string, Reader>> = {
  temperature: number(0, 2, (temperature) => ({ temperature })),
  top_p: number(0, 1, (topP) => ({ topP })),
  top_k: integer(0, (topK) => ({ topK }), { from: -1, words: '-1 for all' }),
  min_p: number(0, 1, (minP) => ({ minP })),
  repeat_penalty: number(0.1, 10, (repetitionPenalty) => ({ repetitionPenalty })),
  presence_penalty: number(-2, 2, (presencePenalty) => ({ presencePenalty })),
  frequency_penalty: number(-2, 2, (frequencyPenalty) => ({ frequencyPenalty })),
  seed: integer(0, (seed) => ({ seed }), { from: -1, words: '-1 for a new one each time' }),
  num_predict: integer(1, (maxTokens) => ({ maxTokens }), { from: -2, words: '-1 for no limit' }),
  num_keep: integer(-1, (keepTokens) => ({ keepTokens })),
  num_ctx: integer(16, (contextLength) => ({ contextLength })),
  stop: (text) => (text === '' ? { kind: 'wrong', expected: 'a text' } : set({ stop: [text] })),
  // Penalties look at the whole prompt and the whole answer here.
  repeat_last_n: noted('sampling', INTEGER),
  penalize_newline: noted('sampling', BOOLEAN),
  typical_p: offAt(1),
  tfs_z: offAt(1),
  mirostat: offAt(0),
  // Without `mirostat` they say nothing.
  mirostat_tau: noted('sampling', NUMBER),
  mirostat_eta: noted('sampling', NUMBER),
  draft_num_predict: noted('device', INTEGER),
  num_batch: noted('device', INTEGER),
  num_gpu: noted('device', INTEGER),
  main_gpu: noted('device', INTEGER),
  num_thread: noted('device', INTEGER),
  num_gqa: noted('device', INTEGER),
  use_mmap: noted('device', BOOLEAN),
  use_mlock: noted('device', BOOLEAN),
  low_vram: noted('device', BOOLEAN),
  f16_kv: noted('device', BOOLEAN),
  numa: noted('device', BOOLEAN),
  logits_all: noted('device', BOOLEAN),
  vocab_only: noted('device', BOOLEAN),
};

export const PARAMETER_NAMES: readonly string[] = Object.keys(READERS);

/** Reads one PARAMETER of a Modelfile. Names are as Ollama's: in lower case. */
export function readParameter(name: string, text: string): ReadParameter {
  const reader = Object.hasOwn(READERS, name) ? READERS[name] : undefined;
  return reader ? reader(text) : { kind: 'unknown' };
}
