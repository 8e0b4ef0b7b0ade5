import { SillError } from '../../core/errors.ts';
import { type FormWay, makeFaithful } from '../../core/faithfulForm.ts';
import type { ModelId, RevisionId } from '../../core/ids.ts';
import { type FormScores, isFaithful, MOST_LOST } from '../../core/importGate.ts';
import { beginAnew, type FormRecipe, type Making, NOT_EVENED, type TranscodedDtype } from '../../core/making.ts';
import type { Manifest } from '../../core/manifest.ts';
import { Pace } from '../../core/pace.ts';
import type { SinkQuestion } from '../../core/sinkSearch.ts';
import type { FormTry } from '../../core/widening.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Forge, ModelFiles, Transcoded } from '../../ports/forge.ts';
import type { FileImportProgress } from '../../protocol/importReports.ts';
import { type FormScore, type FormScoresDeps, scoreForm } from './formScores.ts';

export interface MakingFormsDeps extends FormScoresDeps {
  readonly forge: Forge;
  readonly clock: Clock;
}

export interface MakingCall {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: FileImportProgress) => void;
}

export interface FormToMake {
  /** The journal's entry that says what is made. */
  readonly name: RevisionId;
  readonly id: ModelId;
  readonly files: ModelFiles;
  readonly variant: string;
  readonly dtype: TranscodedDtype;
  /** Paths of the form's own files; what else the entry names is the reference's. */
  readonly paths: readonly string[];
  /** Matrices that were kept in a higher form when it was made before: it is made in the same way again. */
  readonly wider?: readonly string[];
  /** By what its channels were divided then; empty where they were left as they are. */
  readonly evened?: Uint8Array<ArrayBuffer>;
  /** What is to be measured of it besides. */
  readonly sinkQuestion?: SinkQuestion | undefined;
  /** As its publisher states it; absent where the 8-bit form of the same weights has to tell. */
  readonly reference?: number;
  /** What a runtime loads, of what was made so far. */
  readonly manifestOf: (variant: string, making: Making) => Manifest;
}

export interface FormMade extends Transcoded {
  readonly making: Making;
  readonly scores: FormScores;
  /** Around which a prompt is to be cut, where that was measured. */
  readonly sinkTokens?: number[];
}

/** The form that all others are held against. */
export const REFERENCE = 'q8-wasm';

/**
 * Makes a form, and scores it against what its publisher states, or 8-bit blocks of the same weights. That reference goes before the form itself
 * is made: room is needed for one of them at a time. It tells how loud channels are, by which those of an 8-bit form are evened; where it is not made, the form
 * itself does, and is made again. Where too much is lost, the worst matrices are kept in a higher form, step by step; those
 * that are much worse than others of their kind are so in any case.
 * @throws SillError `revision_refused` where too much was lost | `aborted`, also when the entry is gone | what forge, store and runtime throw
 */
export async function makeForm(deps: MakingFormsDeps, form: FormToMake, call: MakingCall): Promise<FormMade> {
  const { store, forge, clock } = deps;
  const { name, id, files, variant, dtype, paths } = form;
  if (dtype === 'q8') throw new SillError('internal', 'The form that others are held against is none to run.');

  const makingNow = async (): Promise<Making> => {
    const making = (await store.models.journal()).find((each) => each.revision === name)?.making;
    if (making) return making;
    throw new SillError('aborted', `The import of ${id} was cancelled.`);
  };
  const make = (recipe: FormRecipe, phase: 'reference' | 'transcoding'): Promise<Transcoded> => {
    const pace = new Pace();
    return forge.transcode(
      { files, ...recipe, entry: name },
      {
        signal: call.signal,
        onProgress({ madeBytes: doneBytes, totalBytes }) {
          pace.mark(clock.monotonicMs(), doneBytes);
          const [bytesPerSecond, secondsLeft] = [pace.bytesPerSecond(), pace.secondsLeft(totalBytes - doneBytes)];
          call.onProgress({
            ...{ phase, doneBytes, totalBytes },
            ...(bytesPerSecond === undefined ? {} : { bytesPerSecond }),
            ...(secondsLeft === undefined ? {} : { secondsLeft }),
          });
        },
      },
    );
  };
  const score = async (which: string, question: SinkQuestion | undefined): Promise<FormScore> => {
    call.onProgress({ phase: 'scoring', doneBytes: 0, totalBytes: 0 });
    return scoreForm(deps, form.manifestOf(which, await makingNow()), which, { signal: call.signal, question });
  };
  const evenedBy = async (loudness: Float32Array<ArrayBuffer> | undefined): Promise<Uint8Array<ArrayBuffer>> =>
    loudness ? forge.even(files, loudness, { signal: call.signal }) : NOT_EVENED;
  const scoredReference = async (): Promise<number> => {
    await make({ dtype: 'q8' }, 'reference');
    const { nll: reference, loudness } = await score(REFERENCE, undefined);
    const evened = dtype === 'int8' && !form.evened ? { evened: await evenedBy(loudness) } : {};
    // Noted, and its room freed: a try that is cut off later does not make it again.
    await store.models.updateJournal(name, (entry) => {
      const { making } = entry;
      if (!making) return entry;
      const own = making.files.filter(({ path }) => paths.includes(path));
      return { ...entry, making: { recipe: making.recipe, files: own, reference, ...evened } };
    });
    await store.models.collectGarbage();
    return reference;
  };

  /** The form in another way: noted first, so that it goes on after a reload. */
  const begin = async (recipe: FormRecipe, how: Parameters<typeof beginAnew>[2]): Promise<void> => {
    const plan = await forge.plan(files, recipe, { signal: call.signal });
    await store.models.updateJournal(name, (entry) => ({
      ...entry,
      ...(entry.making ? { making: beginAnew(entry.making, plan, how) } : {}),
    }));
    await store.models.collectGarbage();
  };
  const beginAgain = (way: FormWay, tries: readonly FormTry[]): Promise<void> => begin({ dtype, ...way }, { ...way, tries });

  /** Nobody made what others are held against, and so the form itself is listened to: as large, and soon read. */
  const heardOfItself = async (): Promise<Uint8Array<ArrayBuffer>> => {
    const recipe = { dtype, listening: true } as const;
    if (!(await makingNow()).listening) await begin(recipe, { listening: true });
    await make(recipe, 'reference');
    // Its sinks are measured of what it becomes.
    const { loudness } = await score(variant, undefined);
    const evened = await evenedBy(loudness);
    await begin({ dtype, evened }, { evened });
    return evened;
  };

  const reference = form.reference ?? (await makingNow()).reference ?? (await scoredReference());
  const bound = MOST_LOST[dtype];
  const { wider: knownWider, evened: knownEvened = form.evened } = await makingNow();
  const evened = dtype === 'int8' ? (knownEvened ?? (await heardOfItself())) : NOT_EVENED;
  if (form.wider?.length && !knownWider) await beginAgain({ wider: form.wider, evened }, []);
  const { wider = [], tries: begunTries = [] } = await makingNow();
  const {
    made,
    score: came,
    scores,
    tries,
    evened: madeEvened,
  } = await makeFaithful({
    ...{ dtype, reference, bound, begun: { wider, evened, tries: begunTries } },
    make: (way) => make({ dtype, ...way }, 'transcoding'),
    score: () => score(variant, form.sinkQuestion),
    onAgain: beginAgain,
  });
  if (!isFaithful(scores)) throw tooMuchLost(id, variant, scores, tries);
  return {
    ...made,
    making: { ...(await makingNow()), evened: madeEvened },
    scores,
    ...(came.sinkTokens ? { sinkTokens: came.sinkTokens } : {}),
  };
}

/** What is no number is the worst of all. */
export const natsWords = (nats: number): string => (Number.isFinite(nats) ? nats.toFixed(3) : 'infinitely many');

/** `details.reason` of a form that was refused because of what it lost. */
export const TOO_MUCH_LOST = 'too_much_lost';

const tooMuchLost = (id: ModelId, variant: string, { reference, measured, bound }: FormScores, tries: readonly FormTry[]): SillError =>
  new SillError(
    'revision_refused',
    `${id} was not taken: as ${variant} it foretells a text with ${natsWords(measured)} nats a token, where the weights that it came in need ` +
      `${reference.toFixed(3)}, and ${bound} more are allowed. ` +
      (tries.at(-1)?.wider.length
        ? `It did not help enough to keep its ${tries.at(-1)?.wider.length} worst matrices in a higher form. `
        : '') +
      'Nothing was kept. Choose another form, or another quantisation of the model.',
    { details: { reason: TOO_MUCH_LOST, id, variant, reference, measured, bound } },
  );
