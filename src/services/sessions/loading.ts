import type { DeviceAbilities } from '../../core/device.ts';
import type { DeviceEvent } from '../../core/deviceEvent.ts';
import { SillError } from '../../core/errors.ts';
import { planRun, type RunForm, smallerVariants } from '../../core/forms.ts';
import type { ModelId } from '../../core/ids.ts';
import { chunksOf, type Manifest, type Variant, variantOf } from '../../core/manifest.ts';
import type { InstalledRevision } from '../../core/slots.ts';
import type { Locks, RuntimeAssets } from '../../ports/browser.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Runtime } from '../../ports/runtime.ts';
import type { Store } from '../../ports/store.ts';
import type { DeviceService } from '../device/device.ts';
import { readPlacement } from '../device/placement.ts';
import type { Forms } from '../forms/forms.ts';
import type { Hub } from '../hub.ts';
import type { KeptBeginnings } from '../inference/keptBeginnings.ts';
import { notInstalled } from '../notInstalled.ts';
import type { Repairs } from '../upkeep/repair.ts';
import { type LoadSpecDeps, loadSpecOf } from './loadSpec.ts';
import type { Memory } from './memory.ts';
import type { Session } from './session.ts';
import { createTroubles, isLoss, type Troubles } from './troubles.ts';

/** Starts models, in the form that fits what is known of the device and what happened to the model of late. */
export interface Loading extends Pick<Troubles, 'forgive' | 'noteAnswer'> {
  /**
   * @throws SillError `model_not_installed` | `installation_damaged` | `crash_loop` | `aborted` | what the runtime throws
   */
  load(id: ModelId, signal: AbortSignal): Promise<Session>;
  /** What it will take in memory, in bytes. @throws SillError `model_not_installed` */
  expectedBytes(id: ModelId): Promise<number>;
  /** The model is gone or not to be trusted, so that the request may be tried once more with another start of it. */
  isNoted(reason: unknown): reason is SillError;
  /** It runs lighter, or without its GPU, for something that may be over by now. */
  isDue(id: ModelId, session: Session): Promise<boolean>;
  /** What counts against a model, once for each reason. */
  noteLoss(id: ModelId, session: Pick<Session, 'installed' | 'form'>, reason: SillError): Promise<void>;
}

export interface LoadingDeps extends Pick<LoadSpecDeps, 'sourceOf'> {
  readonly store: Store;
  readonly runtime: Runtime;
  /** For a form that needs another build than the variant was installed with. */
  readonly assets: RuntimeAssets;
  readonly device: DeviceService;
  readonly locks: Locks;
  readonly clock: Clock;
  readonly hub: Hub;
  /** For a load that fails because of what the device has lost. */
  readonly repairs: Pick<Repairs, 'damageBehind' | 'mendUnasked'>;
  readonly memory: Memory;
  /** Absent where all that is delivered runs as it comes. */
  readonly forms?: Pick<Forms, 'runnable'>;
  /** Absent where nothing of prompts is kept. */
  readonly beginnings?: Pick<KeptBeginnings, 'ahead'>;
  /** What all models hold together, in bytes. */
  readonly heldBytes: () => number;
}

interface Installed {
  readonly installed: InstalledRevision;
  readonly manifest: Manifest;
  readonly variant: Variant;
}

type DeviceEventData = DeviceEvent extends infer Event ? (Event extends unknown ? Omit<Event, 'atMs'> : never) : never;

export function createLoading(deps: LoadingDeps): Loading {
  const { store, runtime, device, locks, clock, hub, repairs, memory } = deps;
  const troubles = createTroubles({ settings: store.settings, locks, clock });
  /** Losses that count against their model. */
  const noted = new WeakSet<SillError>();

  /** What went wrong is told to whoever looks; a log that cannot be written must not cost the answer. */
  const log = async (event: DeviceEventData): Promise<void> => {
    await store.events.add({ ...event, atMs: clock.now() }).catch(() => undefined);
    hub.tell({ type: 'events' });
  };

  const installedOf = async (id: ModelId): Promise<Installed> => {
    const installed = (await store.models.slots(id))?.active;
    const manifest = installed && (await store.models.manifest(installed.revision));
    if (installed && manifest) return { installed, manifest, variant: variantOf(manifest, installed.variant) };
    throw notInstalled(id);
  };

  /** Variants that take less memory and are all here, as one that was installed before, on the processor. */
  const smallerHere = async (
    { manifest, variant }: Installed,
    report: DeviceAbilities,
  ): Promise<Array<Pick<Session, 'variant' | 'form'>>> => {
    const smaller = await Promise.all(
      smallerVariants(manifest, variant).map(async (other) => {
        const missing = await store.chunks.missing(chunksOf(manifest, other).map(({ digest }) => digest));
        return missing.length === 0 ? planRun(other, report, 'wasm').forms.map((form) => ({ variant: other, form })) : [];
      }),
    );
    return smaller.flat();
  };

  /** The form of the next start, by what is known of the device and what happened to the model of late. */
  const planOf = async (id: ModelId, found: Installed): Promise<Pick<Session, 'variant' | 'form' | 'fallback' | 'isLighter'>> => {
    const { installed, variant } = found;
    const trouble = await troubles.admit(id, installed);
    const [report, { models }] = await Promise.all([device.abilities(variant), readPlacement(store.settings)]);
    const plan = planRun(variant, report, models[id]);
    const steps = plan.forms.map((form) => ({ variant, form }));
    const lighter = trouble?.lighter ?? 0;
    // What ran out of memory in its lightest form needs less of it.
    if (lighter >= steps.length && trouble?.last.code === 'out_of_memory') steps.push(...(await smallerHere(found, report)));
    const [first, step] = [steps[0], steps[Math.min(lighter, steps.length - 1)]];
    if (!first || !step) throw new SillError('internal', 'A model has to run in some form.');
    if (step === first || !trouble) return { ...first, ...(plan.fallback ? { fallback: plan.fallback } : {}) };
    const inPlace = step.variant === variant ? {} : { variant: step.variant.id };
    const fallback = { from: first.form, reason: trouble.last.code, message: trouble.last.message, ...inPlace };
    return { ...step, fallback, isLighter: true };
  };

  /**
   * By what is known by now: a GPU may be there a moment after a model started without it, and a test that came to no result be due again. Nothing is tested
   * for this, which the start does.
   */
  const mayHaveGpu = async (id: ModelId, variant: Variant): Promise<boolean> => {
    const [report, { models }] = await Promise.all([device.abilities(), readPlacement(store.settings)]);
    return planRun(variant, report, models[id]).forms[0]?.device === 'webgpu';
  };

  const noteLoss = async (id: ModelId, { installed, form }: { installed: InstalledRevision; form: RunForm }, reason: SillError) => {
    // Requests that were under way together are lost together, and that is one loss.
    if (noted.has(reason)) return;
    noted.add(reason);
    if (reason.code === 'out_of_memory') await memory.noteOutOfMemory(deps.heldBytes());
    await troubles.noteLoss(id, installed, reason);
    await log({ type: 'loss', model: id, form, error: reason.toData() });
  };

  const loadOnce = async (id: ModelId, signal: AbortSignal): Promise<Session> => {
    const found = await installedOf(id);
    const { installed, manifest } = found;
    const plan = await planOf(id, found);
    const giveBeginnings = manifest.task === 'text-generation' ? deps.beginnings?.ahead(installed.revision) : undefined;
    // It starts while what it is to load is looked up.
    if (manifest.task === 'text-generation' && plan.form.device === 'wasm') runtime.prepare(plan.form.threads);
    try {
      const delivered = { id, revision: installed.revision, manifest, variant: plan.variant };
      const loadable = (await deps.forms?.runnable(delivered, signal)) ?? delivered;
      const spec = await loadSpecOf(deps, loadable.manifest, loadable.variant, plan.form);
      const model = await troubles.starting(id, () => runtime.load(spec, { signal }));
      // What somebody chose is no event.
      if (plan.fallback && plan.fallback.reason !== 'wished')
        await log({ type: 'fallback', model: id, form: plan.form, fallback: plan.fallback });
      const session = { model, manifest, installed, ...plan };
      giveBeginnings?.(session);
      return session;
    } catch (reason) {
      if (isLoss(reason, plan.form.device)) await noteLoss(id, { installed, form: plan.form }, reason);
      throw reason;
    }
  };

  return {
    async load(id, signal) {
      try {
        return await loadOnce(id, signal);
      } catch (reason) {
        const damage = await repairs.damageBehind(id, reason);
        if (damage && (await repairs.mendUnasked(id))) return loadOnce(id, signal);
        throw damage ?? reason;
      }
    },
    async expectedBytes(id) {
      const { installed, variant } = await installedOf(id);
      return memory.expected(id, installed, variant);
    },
    isNoted: (reason): reason is SillError => reason instanceof SillError && noted.has(reason),
    async isDue(id, { installed, variant, fallback, isLighter }) {
      if (isLighter) return !(await troubles.isTroubled(id, installed));
      return fallback !== undefined && fallback.reason !== 'wished' && (await mayHaveGpu(id, variant));
    },
    noteLoss,
    noteAnswer: troubles.noteAnswer,
    forgive: troubles.forgive,
  };
}
