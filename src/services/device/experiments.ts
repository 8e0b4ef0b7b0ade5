import { type RuntimeBuild, runtimeBuildFor, threadsFor } from '../../core/builds.ts';
import type { DeviceFindings, GpuCheck, GpuPrecision, ProbedDevice, Speed } from '../../core/device.ts';
import { type ErrorCode, SillError } from '../../core/errors.ts';
import type { ExecutionDevice } from '../../core/manifest.ts';
import { isExcluded, judgeSelfTest } from '../../core/selfTest.ts';
import { type SelfTestInput, selfTestInputs } from '../../core/selfTestWeights.ts';
import { longestSoundCall } from '../../core/soundCalls.ts';
import { SPEED_RUN_MS, type SpeedFormat, type SpeedGraph, speedOf, speedShape } from '../../core/speed.ts';
import type { GraphFeed, GraphFiles } from '../../forge/selfTestGraph.ts';
import type { RuntimeAssets } from '../../ports/browser.ts';
import type { Calculator } from '../../ports/calculator.ts';

/** What is found out by running something on the device. */
export interface Experiments {
  /** @throws SillError `network_unavailable` | `quota_exceeded` | `storage_unavailable` where the runtime cannot be had */
  check(precision: GpuPrecision, device: ProbedDevice): Promise<GpuCheck>;
  /**
   * Times the ways to multiply that this device has, one after the other; one that cannot be run is left out.
   * @throws SillError as `check`
   */
  measure(device: ProbedDevice, checks: DeviceFindings['checks']): Promise<DeviceFindings['speeds']>;
}

export interface Graphs {
  readonly path: string;
  selfTest(precision: GpuPrecision): GraphFiles;
  /** For each call of it. */
  selfTestRuns(precision: GpuPrecision, inputs: readonly SelfTestInput[]): ReadonlyArray<readonly GraphFeed[]>;
  speed(format: SpeedFormat, which: SpeedGraph, device: ExecutionDevice): GraphFiles;
}

export interface ExperimentsDeps {
  readonly runtime: Calculator;
  readonly assets: RuntimeAssets;
  /** Loaded when they are needed, with what writes them. */
  readonly loadGraphs: () => Promise<Graphs>;
  readonly checkTimeoutMs?: number;
}

/** Starting the runtime and compiling 25 programs takes some seconds on an emulated GPU, and a minute where a machine does much else; a driver that hangs does not end at all. */
const CHECK_TIMEOUT_MS = 120_000;

/** These say something of the graphics processor; others, such as too little memory, of the moment. */
const OF_THE_GPU: ReadonlySet<ErrorCode> = new Set(['runtime_failed', 'unsupported_device', 'worker_lost', 'device_lost']);

export function createExperiments(deps: ExperimentsDeps): Experiments {
  const { runtime, assets, loadGraphs, checkTimeoutMs = CHECK_TIMEOUT_MS } = deps;
  const measureOn = async (
    target: ExecutionDevice,
    formats: readonly SpeedFormat[],
    build: RuntimeBuild,
    device: ProbedDevice,
  ): Promise<Partial<Record<SpeedFormat, Speed>>> => {
    const graphs = await loadGraphs();
    const jobs = formats.flatMap((format) =>
      (['steps', 'weights'] as const).map((which) => {
        const { width } = speedShape(which, target);
        return {
          files: filesOf(graphs.path, graphs.speed(format, which, target)),
          calls: [[{ name: 'x', dims: [1, width], data: new Float32Array(width).fill(1) }]],
          repeatForMs: SPEED_RUN_MS,
        };
      }),
    );
    const timer = new AbortController();
    const timeout = setTimeout(() => timer.abort(), checkTimeoutMs);
    try {
      const runs = await runtime.compute({ build, device: target, threads: threadsFor(device), jobs }, { signal: timer.signal });
      const speeds: Partial<Record<SpeedFormat, Speed>> = {};
      for (const [i, format] of formats.entries()) {
        const speed = speedOf({ steps: runs[2 * i]?.runMs ?? [], weights: runs[2 * i + 1]?.runMs ?? [] }, target);
        if (speed) speeds[format] = speed;
      }
      return speeds;
    } catch {
      // A figure that is missing chooses nothing: why, the test and the models themselves will tell.
      return {};
    } finally {
      clearTimeout(timeout);
    }
  };

  return {
    async measure(device, checks) {
      const { webgpu } = device;
      const formats: SpeedFormat[] = [];
      // An emulated GPU is never chosen by its speed, and takes a minute to show it.
      const contends = webgpu.available && !webgpu.fallback;
      if (contends && !isExcluded(checks.fp32)) formats.push('q4');
      if (contends && webgpu.f16 && !isExcluded(checks.f16)) formats.push('q4f16', 'fp16');
      const gpuBuild = runtimeBuildFor('webgpu', device);
      if (formats.length > 0) await assets.ensure(gpuBuild);
      // The builds for the GPU run on the processor too: to compare, no other needs to be fetched.
      const cpuBuild = formats.length > 0 && !(await assets.has('plain')) ? gpuBuild : 'plain';
      if (cpuBuild === 'plain') await assets.ensure('plain');
      const cpu = await measureOn('wasm', ['int8', 'q4'], cpuBuild, device);
      const gpu = formats.length > 0 ? await measureOn('webgpu', formats, gpuBuild, device) : {};
      return {
        ...(cpu.int8 ? { 'wasm:int8': cpu.int8 } : {}),
        ...(cpu.q4 ? { 'wasm:q4': cpu.q4 } : {}),
        ...(gpu.q4 ? { 'webgpu:q4': gpu.q4 } : {}),
        ...(gpu.q4f16 ? { 'webgpu:q4f16': gpu.q4f16 } : {}),
        ...(gpu.fp16 ? { 'webgpu:fp16': gpu.fp16 } : {}),
      };
    },
    async check(precision, device) {
      const build = runtimeBuildFor('webgpu', device);
      await assets.ensure(build);
      const graphs = await loadGraphs();
      const files = filesOf(graphs.path, graphs.selfTest(precision));
      const { webgpu } = device;
      const inputs = selfTestInputs(webgpu.available ? longestSoundCall(webgpu.features.includes('subgroups'), webgpu.subgroupMinSize) : 1);
      const jobs = [{ files, calls: graphs.selfTestRuns(precision, inputs), repeatForMs: 0 }];
      const timer = new AbortController();
      const timeout = setTimeout(() => timer.abort(), checkTimeoutMs);
      try {
        const [run] = await runtime.compute({ build, device: 'webgpu', threads: threadsFor(device), jobs }, { signal: timer.signal });
        return judgeSelfTest(run?.outputs ?? [], precision, inputs);
      } catch (reason) {
        if (timer.signal.aborted) return { verdict: 'late', timeoutMs: checkTimeoutMs };
        // A run that nobody cancelled and that ends as if somebody had lost its device.
        if (reason instanceof SillError && (OF_THE_GPU.has(reason.code) || reason.code === 'aborted'))
          return { verdict: 'failed', reason: reason.message };
        throw reason;
      } finally {
        clearTimeout(timeout);
      }
    },
  };
}

const filesOf = (path: string, { graph, data }: GraphFiles) => [
  { path, blob: new Blob([graph]) },
  { path: `${path}_data`, blob: new Blob([data]) },
];
