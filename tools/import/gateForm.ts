import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import * as v from 'valibot';
import { SillError } from '../../src/core/errors.ts';
import { type FormScores, IMPORT_TEXT, isFaithful, MOST_LOST } from '../../src/core/importGate.ts';
import type { TranscodedDtype } from '../../src/core/making.ts';
import { type FormErrors, type FormTry, outliersOf, widerNext } from '../../src/core/widening.ts';
import type { GgufModel } from '../../src/forge/gguf/ggufModel.ts';
import { headDim } from '../../src/forge/llama.ts';
import { lastOf, logProbability, OrtLlama, type Step } from '../evaluate/ortLlama.ts';
import { GRAPH_NAMES, type GraphDtype, type WrittenWeights, writeGraph } from './writeGraph.ts';

type GatedDtype = Exclude<TranscodedDtype, 'q8'>;

/** How a form came out. */
export interface FormQuality {
  readonly scores: FormScores;
  /** Names of the matrices that are kept in a higher form, since they lost most. */
  readonly wider: readonly string[];
  /** How it scored before they were. */
  readonly tries: readonly FormTry[];
}

export interface GatedForm {
  readonly written: WrittenWeights;
  /** Absent where the model has no room for the text that it is scored on. */
  readonly quality?: FormQuality;
}

/** Makes a form of a model in a folder that has its tokenizer. */
export type FormMaker = (dtype: GatedDtype, signal?: AbortSignal) => Promise<GatedForm>;

const file = v.record(v.string(), v.unknown());

/**
 * Makes forms as a device does that imports the file: each is held against 8-bit blocks of the same weights, and the worst matrices of one that
 * loses too much are kept in a higher form, step by step.
 */
export async function formMaker(folder: string, model: GgufModel): Promise<FormMaker> {
  const [rules, settings] = await Promise.all(
    ['tokenizer.json', 'tokenizer_config.json'].map(async (name) => v.parse(file, JSON.parse(await readFile(join(folder, name), 'utf8')))),
  );
  const { ids } = new Tokenizer(rules ?? {}, settings ?? {}).encode(IMPORT_TEXT);
  const graphs = join(folder, 'onnx');
  let reference: number | undefined;
  const scoredReference = async (): Promise<number> => {
    const beside = join(folder, 'reference');
    await mkdir(beside);
    try {
      await writeGraph(beside, 'q8', model);
      return await scoreGraph(beside, 'q8', model, ids);
    } finally {
      await rm(beside, { recursive: true });
    }
  };
  return async (dtype, signal) => {
    if (ids.length > model.config.context) return { written: await writeGraph(graphs, dtype, model) };
    reference ??= await scoredReference();
    const bound = MOST_LOST[dtype];
    const tries: FormTry[] = [];
    for (let wider: readonly string[] = []; ; ) {
      signal?.throwIfAborted();
      const written = await writeGraph(graphs, dtype, model, wider);
      const made: FormErrors = { dtype, errors: written.errors, wider };
      const outliers = wider.length === 0 ? outliersOf(made) : [];
      if (outliers.length > 0) {
        wider = outliers;
        continue;
      }
      const scores = { reference, measured: await scoreGraph(graphs, dtype, model, ids), bound };
      if (isFaithful(scores)) return { written, quality: { scores, wider, tries } };
      tries.push({ wider, measured: scores.measured });
      const next = widerNext(made, scores, tries);
      if (!next) throw tooMuchLost(dtype, scores);
      wider = next;
    }
  };
}

/** Mean negative log-likelihood of a token but the first, in nats; read token by token, as decoding reads. */
async function scoreGraph(folder: string, dtype: GraphDtype, { config }: GgufModel, ids: readonly number[]): Promise<number> {
  const llama = await OrtLlama.load(join(folder, GRAPH_NAMES[dtype]), { heads: config.kvHeads, headDim: headDim(config) });
  let sum = 0;
  let step: Step | undefined;
  for (const [index, id] of ids.slice(0, -1).entries()) {
    step = await llama.run([id], step?.past);
    sum -= logProbability(lastOf(step.logits), ids[index + 1] ?? Number.NaN);
  }
  return sum / (ids.length - 1);
}

const tooMuchLost = (dtype: GatedDtype, { reference, measured, bound }: FormScores): SillError =>
  new SillError(
    'revision_refused',
    `As ${dtype} it foretells a text with ${measured.toFixed(3)} nats a token, where 8-bit blocks of the same weights need ` +
      `${reference.toFixed(3)}, and ${bound} more are allowed. Name the other form by --forms, or bring another quantisation of the model.`,
    { details: { dtype, reference, measured, bound } },
  );
