import type { GateReason } from '../../core/gateReason.ts';
import { dot } from '../../core/similarity.ts';
import { wordErrorRate } from '../../core/wordErrors.ts';
import type { LoadedModel, SpeechSample } from '../../ports/runtime.ts';

/** What a model of any task gives for inputs that are known here, so that one without a suite is measured too. */
export interface Probed {
  /** 0 to 1; absent where the inputs are in a language that the model does not claim. */
  readonly score?: number;
  /** Of the fastest of the answers. */
  readonly latencyMs: number;
  /** What is wrong whatever the running revision does. */
  readonly fault?: GateReason;
}

type Lend = <T>(work: (model: Pick<LoadedModel, 'embed' | 'transcribe'>) => Promise<T>) => Promise<T>;

/** The second of each says what the first says, in other words; the third does not. */
const TRIPLES: ReadonlyArray<readonly [string, string, string]> = [
  ['The train to the coast was late.', 'We waited long at the station for the railway.', 'The soup needs more salt.'],
  ['A doctor looked at the broken arm.', 'The physician examined the fracture.', 'The stock market closed higher.'],
  ['How do I reset my password?', 'I forgot my login and cannot get in.', 'What time does the museum open?'],
  ['The cat sleeps on the sofa.', 'A kitten is napping on the couch.', 'The engine burns diesel.'],
  ['Heavy rain flooded the streets.', 'The storm left the roads under water.', 'She plays the violin in an orchestra.'],
  ['He bakes bread every morning.', 'Each day he makes fresh loaves.', 'The satellite circles the Earth.'],
  ['The company hired fifty people.', 'Fifty new employees joined the firm.', 'Tigers hunt at night.'],
  ['Prices rose by three percent.', 'Inflation reached three percent.', 'The garden is full of roses.'],
];
/** Two texts that mean different things do not have one vector, up to the rounding of 8-bit weights. */
const SAME_VECTOR = 0.9999;
const RUNS = 3;

const speaks = (languages: readonly string[], language: string): boolean =>
  languages.length === 0 || languages.some((tag) => tag.split('-', 1)[0] === language);

/** Of `TRIPLES`, the share in which what means the same lies closer than what does not. */
export async function probeEmbedding(lend: Lend, languages: readonly string[], signal: AbortSignal): Promise<Probed> {
  const texts = TRIPLES.flat();
  let latencyMs = Number.POSITIVE_INFINITY;
  let result = { vectors: new Float32Array(), dimensions: 0 };
  for (let run = 0; run < RUNS; run++) {
    const { vectors, dimensions, embedMs } = await lend((model) => model.embed(texts, { signal }));
    latencyMs = Math.min(latencyMs, embedMs);
    result = { vectors: new Float32Array(vectors), dimensions };
  }
  const { vectors, dimensions } = result;
  if (dimensions === 0 || vectors.length !== dimensions * texts.length || !vectors.every(Number.isFinite)) {
    return { latencyMs, fault: { code: 'vectors-no-numbers' } };
  }
  const vector = (index: number) => vectors.subarray(index * dimensions, (index + 1) * dimensions);
  const near = TRIPLES.map((_, i) => dot(vector(3 * i), vector(3 * i + 1)));
  const far = TRIPLES.map((_, i) => dot(vector(3 * i), vector(3 * i + 2)));
  if ([...near, ...far].every((similarity) => !(similarity < SAME_VECTOR))) {
    return { latencyMs, fault: { code: 'same-vector' } };
  }
  const score = near.filter((similarity, i) => similarity > (far[i] ?? 1)).length / TRIPLES.length;
  return speaks(languages, 'en') ? { latencyMs, score } : { latencyMs };
}

/** One minus the word error rate over a clear recording. */
export async function probeSpeech(lend: Lend, languages: readonly string[], sample: SpeechSample, signal: AbortSignal): Promise<Probed> {
  let latencyMs = Number.POSITIVE_INFINITY;
  let heard = '';
  // The first run of a session is slower than those after it.
  for (let run = 0; run < 2; run++) {
    const { text, transcribeMs } = await lend((model) => model.transcribe({ audio: sample.audio.slice() }, { signal }));
    latencyMs = Math.min(latencyMs, transcribeMs);
    heard = text;
  }
  if (!speaks(languages, sample.language)) return { latencyMs };
  if (heard.trim() === '') return { latencyMs, score: 0, fault: { code: 'hears-nothing' } };
  return { latencyMs, score: Math.max(0, 1 - wordErrorRate(sample.text, heard)) };
}
