import { SillError } from '../../core/errors.ts';
import { makeFaithful } from '../../core/faithfulForm.ts';
import type { ModelId, RevisionId } from '../../core/ids.ts';
import { type FormScores, isFaithful, MOST_LOST } from '../../core/importGate.ts';
import { beginWider, type FormRecipe, type Making, type TranscodedDtype } from '../../core/making.ts';
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
 * is made: room is needed for one of them at a time. Where too much is lost, the worst matrices are kept in a higher form, step by step; those
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
  const score = async (which: string): Promise<FormScore> => {
    call.onProgress({ phase: 'scoring', doneBytes: 0, totalBytes: 0 });
    return scoreForm(deps, form.manifestOf(which, await makingNow()), which, {
      signal: call.signal,
      question: form.sinkQuestion,
    });
  };
  const scoredReference = async (): Promise<number> => {
    await make({ dtype: 'q8' }, 'reference');
    const { nll: reference } = await score(REFERENCE);
    // Noted, and its room freed: a try that is cut off later does not make it again.
    await store.models.updateJournal(name, (entry) => {
      const { making } = entry;
      if (!making) return entry;
      return { ...entry, making: { recipe: making.recipe, files: making.files.filter(({ path }) => paths.includes(path)), reference } };
    });
    await store.models.collectGarbage();
    return reference;
  };

  /** Another try, with these matrices in a higher form: noted first, so that it goes on after a reload. */
  const beginAgain = async (wider: readonly string[], tries: readonly FormTry[]): Promise<void> => {
    const plan = await forge.plan(files, { dtype, wider }, { signal: call.signal });
    await store.models.updateJournal(name, (entry) => ({
      ...entry,
      ...(entry.making ? { making: beginWider(entry.making, plan, wider, tries) } : {}),
    }));
    await store.models.collectGarbage();
  };

  const reference = form.reference ?? (await makingNow()).reference ?? (await scoredReference());
  const bound = MOST_LOST[dtype];
  if (form.wider?.length && !(await makingNow()).wider) await beginAgain(form.wider, []);
  const { wider: begunWider = [], tries: begunTries = [] } = await makingNow();
  const {
    made,
    score: came,
    scores,
    tries,
  } = await makeFaithful({
    ...{ dtype, reference, bound, begun: { wider: begunWider, tries: begunTries } },
    make: (wider) => make({ dtype, wider }, 'transcoding'),
    score: () => score(variant),
    onAgain: beginAgain,
  });
  if (!isFaithful(scores)) throw tooMuchLost(id, variant, scores, tries);
  return { ...made, making: await makingNow(), scores, ...(came.sinkTokens ? { sinkTokens: came.sinkTokens } : {}) };
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
      (tries.length > 1 ? `It did not help enough to keep its ${tries.at(-1)?.wider.length} worst matrices in a higher form. ` : '') +
      'Nothing was kept. Choose another form, or another quantisation of the model.',
    { details: { reason: TOO_MUCH_LOST, id, variant, reference, measured, bound } },
  );
