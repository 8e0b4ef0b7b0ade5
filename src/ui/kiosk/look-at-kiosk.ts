import { type ErrorCode, SillError, toSillError } from '../../core/errors.ts';
import { type KioskView, NOTHING_SEEN } from '../../core/kiosk/recovery.ts';
import type { KioskScreen, KioskTask } from '../../core/kiosk/rules.ts';
import type { ModelSummary } from '../../protocol/modelReports.ts';
import type { Sill } from '../../protocol/sill.ts';
import { viewOf } from '../routes.ts';
import type { AppShell } from '../shell.ts';

/** Whether a model is made for the task. */
export const canDo = ({ task }: Pick<ModelSummary, 'task'>, kiosk: KioskTask): boolean =>
  viewOf(task) === (kiosk === 'chat' ? 'write' : kiosk);

interface Known {
  readonly sill: Sill | undefined;
  readonly shell: AppShell;
  readonly screen: KioskScreen;
}

/** Whatever is asked of the engine without a model is answered in milliseconds, and on the slowest device within seconds. */
const MOST_MS = 60_000;

/**
 * Whether the device can do its task now. Its model is loaded on the way: the first person does not wait for it, and what cannot be loaded is found
 * out before anybody asks.
 * @throws SillError where the engine cannot be asked
 */
export async function lookAtKiosk({ sill, shell, screen }: Known): Promise<KioskView> {
  const nothing: KioskView = { ...NOTHING_SEEN, erased: shell.storage === 'erased' };
  // A page that cannot keep itself for offline use does its task all the same: the engine's own word counts.
  if (!sill && shell.failure) return { ...nothing, error: shell.failure.code };
  // Until it begins there is nothing to say.
  if (!sill || nothing.erased) return { ...nothing, installed: !nothing.erased };
  const [{ models }, operator, storage] = await answered(
    Promise.all([sill.models.overview({ recent: true }), sill.operator(), sill.storage()]),
  );
  const wanted = models.filter((model) => (screen.model === undefined ? canDo(model, screen.task) : model.id === screen.model));
  const model = wanted.find(({ state }) => state === 'installed');
  const refused = operator.failed?.find(({ id }) => id === screen.model || wanted.some((each) => each.id === id));
  const view: KioskView = {
    ...nothing,
    ...(refused ? { installError: refused.error.code } : {}),
    installed: model !== undefined,
    damaged: model?.lost !== undefined,
    fetching: wanted.some(({ state, progress }) => state === 'installing' && progress?.waiting !== 'network'),
    lost: storage.lost.length > 0,
    policyError: operator.lastError !== undefined,
  };
  if (!model || view.damaged) return view;
  const answerError = model.loaded ? undefined : await loadError(sill, model);
  if (answerError !== undefined) return { ...view, answerError };
  return screen.task === 'search' ? { ...view, empty: (await sill.documents.list({ model: model.id })).length === 0 } : view;
}

/** Loaded by hand it is tried at once, whatever happened to it: what is in memory is left to run in the form that its last failure left it, for its time. */
const loadError = (sill: Sill, { derived, id }: ModelSummary): Promise<ErrorCode | undefined> =>
  sill.models.load(derived?.base ?? id, { keep_alive: -1 }).then(
    () => undefined,
    (reason: unknown) => toSillError(reason).code,
  );

/** An engine that says nothing at all is none. @throws SillError `worker_lost` */
async function answered<T>(asked: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new SillError('worker_lost', 'The engine does not answer.')), MOST_MS);
  });
  try {
    return await Promise.race([asked, silence]);
  } finally {
    clearTimeout(timer);
  }
}
