import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import * as v from 'valibot';
import { SillError } from '../../src/core/errors.ts';
import { type FormWay, makeFaithful } from '../../src/core/faithfulForm.ts';
import { type FormScores, IMPORT_TEXT, isFaithful, MOST_LOST, SINK_TEXT } from '../../src/core/importGate.ts';
import { joined } from '../../src/core/joinedBytes.ts';
import { NOT_EVENED, type TranscodedDtype } from '../../src/core/making.ts';
import type { SinkQuestion } from '../../src/core/sinkSearch.ts';
import type { FormTry } from '../../src/core/widening.ts';
import { evenedBytes } from '../../src/forge/channelBytes.ts';
import type { GgufModel } from '../../src/forge/gguf/ggufModel.ts';
import type { OrtLlama } from '../evaluate/ortLlama.ts';
import { measureSinks } from './measureSinks.ts';
import { type GraphScore, loadGraph, scoreGraph } from './scoreGraph.ts';
import { type WrittenWeights, writeGraph } from './writeGraph.ts';

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
  /** Whether its channels are evened. */
  readonly isEvened: boolean;
  readonly quality?: FormQuality;
  /** Around which a prompt is to be cut, where that was measured. */
  readonly sinkTokens?: readonly number[];
}

/** Makes a form of a model in a folder that has its tokenizer. */
export type FormMaker = (dtype: GatedDtype, signal?: AbortSignal) => Promise<GatedForm>;

/** What is asked of the 8-bit form. */
export interface CutsOfForm {
  readonly question: SinkQuestion | undefined;
  /** Where nothing is to be measured. */
  readonly sinkTokens: readonly number[];
}

const file = v.record(v.string(), v.unknown());

/**
 * Makes forms as a device does that imports the file: each is held against 8-bit blocks of the same weights, and the worst matrices of one that
 * loses too much are kept in a higher form, step by step.
 * @param isChecked whether they are; else each is taken as it comes
 */
export async function formMaker(folder: string, model: GgufModel, cuts: CutsOfForm, isChecked: boolean): Promise<FormMaker> {
  const [rules, settings] = await Promise.all(
    ['tokenizer.json', 'tokenizer_config.json'].map(async (name) => v.parse(file, JSON.parse(await readFile(join(folder, name), 'utf8')))),
  );
  const { context } = model.config;
  const tokenizer = new Tokenizer(rules ?? {}, settings ?? {});
  const ids = tokenizer.encode(IMPORT_TEXT).ids.slice(0, context);
  const graphs = join(folder, 'onnx');
  /** Of a form that lies aside, and only for that. */
  const scoredAside = async (dtype: 'q8' | 'int8', signal?: AbortSignal): Promise<GraphScore> => {
    signal?.throwIfAborted();
    const aside = join(folder, 'reference');
    await mkdir(aside);
    try {
      await writeGraph(aside, dtype, model, { listening: true });
      return await scoreGraph(await loadGraph(aside, dtype, model), ids, dtype === 'int8' ? cuts.sinkTokens : []);
    } finally {
      await rm(aside, { recursive: true });
    }
  };
  let reference: GraphScore | undefined;
  let factors: Uint8Array<ArrayBuffer> | undefined;
  /** Told by what a form is held against, or by itself where that was not made. */
  const evenedFor = async (dtype: GatedDtype, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> => {
    if (dtype !== 'int8') return NOT_EVENED;
    factors ??= joined([...evenedBytes(model, (reference ?? (await scoredAside('int8', signal))).loudness)]);
    return factors;
  };
  /** Narrow models run in a moment; wide ones have no token that harms another. */
  const measured = async (llama: OrtLlama, signal?: AbortSignal): Promise<{ readonly sinkTokens?: readonly number[] }> => {
    const sinkTokens = cuts.question && (await measureSinks(llama, tokenizer.encode(SINK_TEXT).ids, cuts.question, context, signal));
    return sinkTokens ? { sinkTokens } : {};
  };
  const score = async (dtype: GatedDtype, signal?: AbortSignal): Promise<GraphScore & { readonly sinkTokens?: readonly number[] }> => {
    const llama = await loadGraph(graphs, dtype, model);
    if (dtype !== 'int8') return scoreGraph(llama, ids);
    const sinks = await measured(llama, signal);
    return { ...(await scoreGraph(llama, ids, sinks.sinkTokens ?? cuts.sinkTokens)), ...sinks };
  };
  return async (dtype, signal) => {
    const make = async (way: FormWay): Promise<WrittenWeights> => {
      signal?.throwIfAborted();
      return writeGraph(graphs, dtype, model, way);
    };
    if (!isChecked) {
      const evened = await evenedFor(dtype, signal);
      const written = await make({ wider: [], evened });
      return {
        written,
        isEvened: evened.length > 0,
        ...(dtype === 'int8' && cuts.question ? await measured(await loadGraph(graphs, dtype, model), signal) : {}),
      };
    }
    reference ??= await scoredAside('q8', signal);
    const came = await makeFaithful({
      ...{ dtype, reference: reference.nll, bound: MOST_LOST[dtype], begun: { evened: await evenedFor(dtype, signal) } },
      make,
      score: () => score(dtype, signal),
    });
    const { made: written, scores, wider, evened, tries } = came;
    if (!isFaithful(scores)) throw tooMuchLost(dtype, scores);
    const { sinkTokens } = came.score;
    return { written, isEvened: evened.length > 0, quality: { scores, wider, tries }, ...(sinkTokens ? { sinkTokens } : {}) };
  };
}

const tooMuchLost = (dtype: GatedDtype, { reference, measured, bound }: FormScores): SillError =>
  new SillError(
    'revision_refused',
    `As ${dtype} it foretells a text with ${measured.toFixed(3)} nats a token, where 8-bit blocks of the same weights need ` +
      `${reference.toFixed(3)}, and ${bound} more are allowed. Name the other form by --forms, or bring another quantisation of the model.`,
    { details: { dtype, reference, measured, bound } },
  );
