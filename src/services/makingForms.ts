import { SillError } from '../core/errors.ts';
import type { ModelId, RevisionId } from '../core/ids.ts';
import { type FormScores, isFaithful, MOST_LOST } from '../core/importGate.ts';
import type { Making, TranscodedDtype } from '../core/making.ts';
import type { Manifest } from '../core/manifest.ts';
import { Pace } from '../core/pace.ts';
import type { Clock } from '../ports/clock.ts';
import type { Forge, ModelFiles, Transcoded } from '../ports/forge.ts';
import type { FileImportProgress } from '../protocol/importReports.ts';
import { type FormScoresDeps, scoreForm } from './formScores.ts';

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
  /** As its publisher states it; absent where the 8-bit form of the same weights has to tell. */
  readonly reference?: number;
  /** What a runtime loads, of what was made so far. */
  readonly manifestOf: (variant: string, making: Making) => Manifest;
}

export interface FormMade extends Transcoded {
  readonly making: Making;
  readonly scores: FormScores;
}

/** The form that all others are held against. */
export const REFERENCE = 'q8-wasm';

/**
 * Makes a form, and scores it against what its publisher states, or 8-bit blocks of the same weights. That reference goes before the form itself
 * is made: room is needed for one of them at a time.
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
  const make = (which: TranscodedDtype, phase: 'reference' | 'transcoding'): Promise<Transcoded> => {
    const pace = new Pace();
    return forge.transcode(
      { files, dtype: which, entry: name },
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
  const score = async (which: string): Promise<number> => {
    call.onProgress({ phase: 'scoring', doneBytes: 0, totalBytes: 0 });
    return scoreForm(deps, form.manifestOf(which, await makingNow()), which, call.signal);
  };
  const scoredReference = async (): Promise<number> => {
    await make('q8', 'reference');
    const reference = await score(REFERENCE);
    // Noted, and its room freed: a try that is cut off later does not make it again.
    await store.models.updateJournal(name, (entry) => {
      const { making } = entry;
      if (!making) return entry;
      return { ...entry, making: { recipe: making.recipe, files: making.files.filter(({ path }) => paths.includes(path)), reference } };
    });
    await store.models.collectGarbage();
    return reference;
  };

  const reference = form.reference ?? (await makingNow()).reference ?? (await scoredReference());
  const transcoded = await make(dtype, 'transcoding');
  const scores: FormScores = { reference, measured: await score(variant), bound: MOST_LOST[dtype] };
  if (!isFaithful(scores)) throw tooMuchLost(id, variant, scores);
  return { ...transcoded, making: await makingNow(), scores };
}

const tooMuchLost = (id: ModelId, variant: string, { reference, measured, bound }: FormScores): SillError =>
  new SillError(
    'revision_refused',
    `${id} was not taken: as ${variant} it foretells a text with ${measured.toFixed(3)} nats a token, where the weights that it came in need ` +
      `${reference.toFixed(3)}, and ${bound} more are allowed. Nothing was kept. Choose another form, or another quantisation of the model.`,
    { details: { id, variant, reference, measured, bound } },
  );
