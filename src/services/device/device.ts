import * as v from 'valibot';
import {
  type DeviceAbilities,
  type DeviceFindings,
  DeviceFindingsSchema,
  type DeviceReport,
  GPU_PRECISIONS,
  type GpuPrecision,
  NO_FINDINGS,
  type ProbedDevice,
  ProbedDeviceSchema,
  sameAdapter,
  type WebGpuReport,
} from '../../core/device.ts';
import type { Dtype, ExecutionDevice } from '../../core/manifest.ts';
import { precisionOf } from '../../core/selfTest.ts';
import type { DeviceProbe, StorageManagerPort } from '../../ports/browser.ts';
import type { SettingsStore } from '../../ports/store.ts';
import type { Checked } from './checkNote.ts';
import type { Experiments } from './experiments.ts';
import { prefersQuality, readPlacement } from './placement.ts';
import { counted, standing } from './retrial.ts';

/** What is asked of the device before a variant may run on it. */
export interface Wanted {
  readonly device: ExecutionDevice;
  readonly dtype: Dtype;
}

export interface DeviceService {
  /** Probed once and remembered; storage figures are read anew each time. `refresh` probes again. */
  report(refresh?: boolean): Promise<DeviceReport>;
  /**
   * The same, after the graphics processor was tested for what a variant asks of it, once for each adapter, browser and runtime.
   * @throws SillError `network_unavailable` | `quota_exceeded` where the runtime that tests cannot be had
   */
  proven(wanted: Wanted): Promise<DeviceReport>;
  /**
   * Either without the storage figures, for which the browser takes longer than for all else that the start of a model needs.
   * @param wanted what to test for, as `proven`
   * @throws SillError as `proven`
   */
  abilities(wanted?: Wanted): Promise<DeviceAbilities>;
  /**
   * The same, after the ways to multiply were timed, once for each adapter, browser and runtime. Not while a model answers: neither figure would
   * be right.
   * @throws SillError as `proven`
   */
  measured(): Promise<DeviceReport>;
  /** Tests and times everything anew. @throws SillError as `proven` */
  test(): Promise<DeviceReport>;
  /** Something was found out by a measurement, or by a test, which is told of. */
  listen(listener: (checked?: Checked) => void): void;
}

export interface DeviceMemory {
  /** Everything that can be told at once, versions included: what was found out under another key is asked again. */
  readonly key: string;
  /** Rejects where storage is refused: then nothing is remembered. */
  readonly settings: () => Promise<SettingsStore>;
  readonly experiments: Experiments;
  readonly now: () => number;
  /** A model answers now, in any tab. */
  readonly isBusy: () => Promise<boolean>;
}

interface Known {
  readonly probed: ProbedDevice;
  readonly findings: DeviceFindings;
}

/**
 * Chromium says that there is no adapter while its GPU process starts, and after a crash of it: seen with an NVIDIA H200 in the first second of a
 * browser, which had one from then on. So it is never believed for good, and asked again a little later.
 */
const couldComeLate = (webgpu: WebGpuReport): boolean =>
  !webgpu.available && (webgpu.reason === 'no-adapter' || webgpu.reason === 'failed');
const LOOK_AGAIN_MS = [1_000, 4_000] as const;

const RECORD_KEY = 'device-record';
const RecordSchema = v.object({ key: v.string(), probed: ProbedDeviceSchema, findings: DeviceFindingsSchema });

export function createDeviceService(probe: DeviceProbe, storage: StorageManagerPort, memory?: DeviceMemory): DeviceService {
  let known: Promise<Known> | undefined;
  /** The adapter was asked for since this engine started: what is remembered may be of another one. */
  let confirmed = false;
  let looksAgain = false;
  const testing = new Map<GpuPrecision, Promise<void>>();
  /** Tested since this engine started. */
  const triedHere = new Set<GpuPrecision>();
  const listeners: Array<(checked?: Checked) => void> = [];

  const recall = async (): Promise<Known | undefined> => {
    const stored = v.safeParse(RecordSchema, await memory?.settings().then((settings) => settings.get(RECORD_KEY)));
    return stored.success && stored.output.key === memory?.key ? stored.output : undefined;
  };

  const keep = async (next: Known): Promise<Known> => {
    known = Promise.resolve(next);
    if (memory) {
      // Where nothing can be stored it is found out again at the next start.
      await memory
        .settings()
        .then((settings) => settings.set(RECORD_KEY, { key: memory.key, ...next }))
        .catch(() => undefined);
    }
    return next;
  };

  const found = async (next: Known, checked?: Checked): Promise<void> => {
    await keep(next);
    for (const listener of listeners) listener(checked);
  };

  const ask = async (before: Known | undefined): Promise<Known> => {
    const probed = await probe();
    confirmed = true;
    if (couldComeLate(probed.webgpu) && !looksAgain) {
      looksAgain = true;
      void lookAgain().catch(() => undefined);
    }
    return keep({ probed, findings: findingsFor(before, probed) });
  };

  const lookAgain = async (): Promise<void> => {
    for (const delayMs of LOOK_AGAIN_MS) {
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      const before = await obtain(false);
      if (before.probed.webgpu.available) return;
      const probed = await probe();
      if (probed.webgpu.available) return found({ probed, findings: findingsFor(before, probed) });
    }
  };

  /** One probe at a time; what fails is tried again by the next to ask. */
  const obtain = (refresh: boolean): Promise<Known> => {
    if (known && !refresh) return known;
    const before: Promise<Known | undefined> = known ?? recall();
    const current = before
      .catch(() => undefined)
      .then((recalled) => (recalled && !refresh && !couldComeLate(recalled.probed.webgpu) ? recalled : ask(recalled)));
    known = current;
    current.catch(() => {
      if (known === current) known = undefined;
    });
    return current;
  };

  const held = (findings: DeviceFindings): DeviceFindings => (memory ? standing(findings, triedHere, memory.now()) : findings);

  const wishes = async (): Promise<Pick<DeviceAbilities, 'preferCpu' | 'preferQuality'>> => {
    // Where nothing can be stored nobody could wish for anything.
    const settings = await memory?.settings().catch(() => undefined);
    if (!settings) return { preferCpu: false, preferQuality: false };
    const [{ preferCpu }, preferQuality] = await Promise.all([readPlacement(settings), prefersQuality(settings)]);
    return { preferCpu, preferQuality };
  };

  const able = async (refresh = false): Promise<DeviceAbilities> => {
    const [{ probed, findings }, wished] = await Promise.all([obtain(refresh), wishes()]);
    return { ...probed, ...held(findings), ...wished };
  };

  const report = async (refresh = false): Promise<DeviceReport> => {
    const [known, estimate, persisted] = await Promise.all([
      able(refresh),
      storage.estimate().then(
        (figures) => ({ available: true, ...figures }),
        // Private windows of some browsers refuse: the report says so instead of failing.
        () => ({ available: false }),
      ),
      storage.persisted().catch(() => false),
    ]);
    return { ...known, storage: { ...estimate, persisted } };
  };

  const check = (precision: GpuPrecision): Promise<void> => {
    const running = testing.get(precision);
    if (running) return running;
    const run = (async () => {
      const { probed } = await obtain(false);
      if (!memory || !probed.webgpu.available || (precision === 'f16' && !probed.webgpu.f16)) return;
      const result = await memory.experiments.check(precision, probed);
      triedHere.add(precision);
      const { probed: now, findings } = await obtain(false);
      const check = counted(result, findings.checks[precision], memory.now());
      const checked = { precision, check, webgpu: probed.webgpu };
      await found({ probed: now, findings: { ...findings, checks: { ...findings.checks, [precision]: check } } }, checked);
    })().finally(() => testing.delete(precision));
    testing.set(precision, run);
    return run;
  };

  const prove = async ({ device, dtype }: Wanted): Promise<void> => {
    if (device !== 'webgpu') return;
    const precision = precisionOf(dtype);
    const { findings } = await obtain(!confirmed);
    if (!held(findings).checks[precision]) await check(precision);
  };

  let measuring: Promise<void> | undefined;
  const measure = (): Promise<void> => {
    measuring ??= (async () => {
      if (!memory || (await memory.isBusy())) return;
      const before = await obtain(false);
      const speeds = await memory.experiments.measure(before.probed, before.findings.checks);
      const { probed, findings } = await obtain(false);
      await found({ probed, findings: { ...findings, speeds } });
    })().finally(() => {
      measuring = undefined;
    });
    return measuring;
  };

  return {
    report,
    async measured() {
      const { findings } = await obtain(!confirmed);
      if (Object.keys(findings.speeds).length === 0) await measure();
      return report();
    },
    async proven(wanted) {
      await prove(wanted);
      return report();
    },
    async abilities(wanted) {
      if (wanted) await prove(wanted);
      return able();
    },
    async test() {
      await obtain(true);
      for (const precision of GPU_PRECISIONS) await check(precision);
      await measure();
      return report();
    },
    listen: (listener) => void listeners.push(listener),
  };
}

/** What was found out holds for the adapter that it was found out with. */
const findingsFor = (before: Known | undefined, { webgpu }: ProbedDevice): DeviceFindings =>
  before && sameAdapter(before.probed.webgpu, webgpu) ? before.findings : NO_FINDINGS;
