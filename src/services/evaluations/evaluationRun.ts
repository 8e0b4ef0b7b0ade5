import { SillError } from '../../core/errors.ts';
import type { ModelId } from '../../core/ids.ts';
import { type Manifest, type Variant, variantOf } from '../../core/manifest.ts';
import { heldRevisions, type InstalledRevision } from '../../core/slots.ts';
import type { RuntimeAssets } from '../../ports/browser.ts';
import type { Runtime } from '../../ports/runtime.ts';
import type { Store } from '../../ports/store.ts';
import type { DeviceService } from '../device/device.ts';
import type { Forms } from '../forms/forms.ts';
import { notInstalled } from '../notInstalled.ts';
import { orAbort } from '../orAbort.ts';
import { type LoadSpecDeps, loadSpecOf } from '../sessions/loadSpec.ts';
import type { RanOn } from '../sessions/place.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { Lender, TestedModel } from './evaluate.ts';

/** What is asked: a revision that lies on this device. */
export interface Examinee {
  readonly id: ModelId;
  readonly installed: InstalledRevision;
  readonly manifest: Manifest;
  readonly variant: Variant;
  /** It is the one that answers people; another one is loaded beside it. */
  readonly isActive: boolean;
}

export interface ExamineeDeps extends Pick<LoadSpecDeps, 'sourceOf'> {
  readonly store: Store;
  readonly runtime: Runtime;
  readonly assets: RuntimeAssets;
  readonly device: DeviceService;
  readonly sessions: Pick<Sessions, 'use' | 'makeRoom'>;
  readonly forms?: Pick<Forms, 'runnable'>;
}

/** @throws SillError `model_not_installed` | `unsupported_task` | `invalid_request` where there is no such revision here */
export async function examineeOf(store: Store, id: ModelId, revision?: string): Promise<Examinee> {
  const slots = await store.models.slots(id);
  if (!slots?.active) throw notInstalled(id);
  const installed = revision === undefined ? slots.active : heldRevisions(slots).find((held) => held.revision === revision);
  const manifest = installed && (await store.models.manifest(installed.revision));
  if (!installed || !manifest) {
    throw new SillError('invalid_request', `${id} is not on this device in that revision. Versions tells which ones are.`, {
      details: { id, revision: revision ?? '' },
    });
  }
  if (manifest.task !== 'text-generation') {
    throw new SillError('unsupported_task', `A suite asks for text, and ${id} writes none. Choose a model that does.`, {
      details: { id, task: manifest.task },
    });
  }
  return { id, installed, manifest, variant: variantOf(manifest, installed.variant), isActive: installed === slots.active };
}

interface LendCall {
  readonly client: string;
  readonly signal: AbortSignal;
  readonly onPhase: (phase: 'waiting' | 'loading' | 'running') => void;
  readonly onSession: (session: RanOn) => void;
}

/**
 * Lends the examinee for one case at a time: the running revision between two requests that somebody waits for, another one from a worker of its own.
 * @throws SillError from each loan: `model_not_installed` when it was removed meanwhile | `busy` when it was updated, or started in another form
 */
export function lendExaminee(deps: ExamineeDeps, it: Examinee, call: LendCall): { readonly lend: Lender; readonly close: () => void } {
  const { signal, client, onPhase, onSession } = call;
  let before: RanOn | undefined;
  const note = (session: RanOn): void => {
    const [was, is] = [before?.report, session.report];
    if (was && (was.device !== is.device || was.build !== is.build || was.threads !== is.threads))
      throw changed(it.id, 'was started in another form');
    before = session;
    onSession(session);
  };
  if (it.isActive) {
    return {
      async lend(work) {
        await assertThere(deps.store, it);
        onPhase('waiting');
        return afterwards(deps.store, it, signal, () =>
          deps.sessions.use(
            it.id,
            signal,
            async ({ model, installed, fallback }) => {
              if (!isSame(installed, it.installed)) throw changed(it.id, 'was updated');
              note({ report: model.report, ...(fallback ? { fallback } : {}) });
              onPhase('running');
              return work(model);
            },
            { alone: true, priority: 'background', client },
          ),
        );
      },
      close: () => undefined,
    };
  }
  let loading: ReturnType<Runtime['load']> | undefined;
  let leave = (): void => undefined;
  const load = async (): Promise<TestedModel> => {
    onPhase('loading');
    const delivered = { id: it.id, revision: it.installed.revision, manifest: it.manifest, variant: it.variant };
    const { manifest, variant } = (await deps.forms?.runnable(delivered, signal)) ?? delivered;
    const spec = await loadSpecOf(deps, manifest, variant);
    await deps.assets.ensure(spec.build, signal);
    leave = await deps.sessions.makeRoom(variant.needs.memoryBytes, it.id);
    loading = deps.runtime.load(spec, { signal });
    const model = await orAbort(loading, signal);
    note({ report: model.report });
    return model;
  };
  let loaded: Promise<TestedModel> | undefined;
  return {
    async lend(work) {
      await assertThere(deps.store, it);
      return afterwards(deps.store, it, signal, async () => {
        loaded ??= load();
        const model = await loaded;
        onPhase('running');
        return orAbort(work(model), signal);
      });
    },
    // Also one whose loading was given up: it would hold its memory until the page is closed.
    close: () =>
      void loading
        ?.then(
          (model) => model.unload(),
          () => undefined,
        )
        .then(leave),
  };
}

/** Whoever removes a model unloads it first: why it was lost is that it is gone. */
async function afterwards<T>(store: Store, it: Examinee, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (reason) {
    if (!signal.aborted) await assertThere(store, it);
    throw reason;
  }
}

const isSame = (one: InstalledRevision, other: InstalledRevision): boolean =>
  one.revision === other.revision && one.variant === other.variant;

/** Before it would be loaded anew from what is gone, or asked on in memory although it is. */
async function assertThere(store: Store, { id, installed, isActive }: Examinee): Promise<void> {
  const slots = await store.models.slots(id);
  const held = slots ? heldRevisions(slots) : [];
  if (held.length === 0 || !held.some((each) => isSame(each, installed))) {
    throw new SillError(
      'model_not_installed',
      `${id} was removed while it was evaluated. The cases that were judged until then are kept; install it again to go on.`,
      { details: { id, evaluation: 'removed' } },
    );
  }
  if (isActive && !(slots?.active && isSame(slots.active, installed))) throw changed(id, 'was updated');
}

const changed = (id: ModelId, how: string): SillError =>
  new SillError('busy', `${id} ${how} while it was evaluated. The cases that were judged until then are kept; run the suite again.`, {
    details: { id, evaluation: 'changed' },
  });
