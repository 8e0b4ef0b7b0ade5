import { msg, str } from '@lit/localize';
import { type GpuCheck, SPEED_PATHS, type SpeedPath } from '../../core/device.ts';
import { tokensPerSecond } from '../../core/speed.ts';
import type { DeviceReport } from '../../protocol/engineReports.ts';
import type { StorageReport } from '../../protocol/storageReports.ts';
import { formatBytes, formatDuration, formatNumber, formatParameters, plural } from '../format.ts';
import { sectionTitle } from '../section-words.ts';
import type { SectionOf } from '../view-sections.ts';

export interface DeviceRow {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  /** `limited` works with a cost, `missing` does not work. */
  readonly state: 'good' | 'limited' | 'missing' | 'plain';
  /** What it means for the person, and what can be done. */
  readonly meaning: string;
}

export interface DeviceSection {
  readonly id: SectionOf<'device'>;
  readonly title: string;
  readonly rows: readonly DeviceRow[];
}

export const deviceSections = (device: DeviceReport, storage: StorageReport | undefined): readonly DeviceSection[] => [
  { id: 'graphics', title: sectionTitle('device', 'graphics'), rows: graphicsRows(device) },
  { id: 'processor', title: sectionTitle('device', 'processor'), rows: processorRows(device) },
  ...speedSection(device),
  { id: 'storage', title: sectionTitle('device', 'storage'), rows: storageRows(device.storage, storage?.models ?? []) },
];

const SPEED_LABELS: Readonly<Record<SpeedPath, () => string>> = {
  'wasm:int8': () => msg('Processor, 8-bit'),
  'wasm:q4': () => msg('Processor, 4-bit'),
  'webgpu:q4': () => msg('Graphics processor, 4-bit'),
  'webgpu:q4f16': () => msg('Graphics processor, 4-bit with 16-bit arithmetic'),
  'webgpu:fp16': () => msg('Graphics processor, 16-bit'),
};
/** As the models that most people try first. */
const EXAMPLE_PARAMETERS = 1e9;

/** Nothing until something was measured. */
function speedSection({ speeds }: DeviceReport): readonly DeviceSection[] {
  const rows = SPEED_PATHS.flatMap((path): DeviceRow[] => {
    const speed = speeds[path];
    if (!speed) return [];
    const tokens = tokensPerSecond(speed, EXAMPLE_PARAMETERS);
    const value = msg(str`${formatParameters(speed.weightsPerSecond)} weights per second`);
    const meaning = msg(
      str`A model of ${formatParameters(EXAMPLE_PARAMETERS)} parameters would write about ${formatNumber(tokens, tokens < 10 ? 1 : 0)} tokens per second.`,
    );
    return [{ id: path, label: SPEED_LABELS[path](), value, state: 'plain', meaning }];
  });
  return rows.length > 0 ? [{ id: 'speed', title: sectionTitle('device', 'speed'), rows }] : [];
}

function graphicsRows({ webgpu: gpu, checks }: DeviceReport): DeviceRow[] {
  if (!gpu.available) {
    const meaning = {
      'no-api': msg(
        'This browser has no WebGPU, so models run on the processor. Current Chrome, Edge and Safari have it, and Firefox on some systems.',
      ),
      'no-adapter': msg(
        'The browser found no graphics processor that it may use, so models run on the processor. A newer driver can help.',
      ),
      'insecure-context': msg('Browsers offer WebGPU only over https, or to a page from the computer that they run on.'),
      failed: msg('Asking for the graphics processor failed, so models run on the processor. Restarting the browser can help.'),
    }[gpu.reason];
    return [{ id: 'adapter', label: msg('Graphics processor'), value: msg('not available'), state: 'limited', meaning }];
  }
  const name = [gpu.vendor, gpu.architecture].filter(Boolean).join(' ') || gpu.description || msg('unnamed');
  const adapter: DeviceRow = {
    id: 'adapter',
    label: msg('Graphics processor'),
    value: gpu.fallback ? msg(str`${name} (software)`) : name,
    state: gpu.fallback ? 'limited' : 'good',
    meaning: gpu.fallback
      ? msg('It is emulated on the processor: right but slow, so models run on the processor directly unless you ask for it.')
      : msg('Models that fit it run here, usually several times faster than on the processor.'),
  };
  const f16: DeviceRow = {
    id: 'f16',
    label: msg('16-bit arithmetic'),
    value: gpu.f16 ? msg('yes') : msg('no'),
    state: gpu.f16 ? 'good' : 'limited',
    meaning: gpu.f16
      ? msg('16-bit variants can run, which take half the memory.')
      : msg('Variants in 16 bits cannot run here; 4-bit and 32-bit ones can.'),
  };
  const tests = [
    checkRow('self-test', msg('Self-test'), checks.fp32),
    ...(gpu.f16 ? [checkRow('self-test-f16', msg('Self-test in 16 bits'), checks.f16)] : []),
  ];
  return [adapter, ...tests, f16, ...limitRows(gpu.limits)];
}

function checkRow(id: string, label: string, check: GpuCheck | undefined): DeviceRow {
  switch (check?.verdict) {
    case undefined: {
      const meaning = msg('Before a model runs on the graphics processor, a small computation with known results is made there.');
      return { id, label, value: msg('not done yet'), state: 'plain', meaning };
    }
    case 'right':
      return { id, label, value: msg('right'), state: 'good', meaning: msg('A computation with known results gave these results.') };
    case 'wrong':
      return {
        id,
        label,
        value: msg(str`wrong numbers (${check.output})`),
        state: 'missing',
        meaning: msg(
          'It computes wrong, so no model runs on it; they run on the processor. A newer driver or browser can help: test again then.',
        ),
      };
    case 'failed':
      return {
        id,
        label,
        value: msg('failed'),
        state: 'missing',
        meaning: msg(str`The test could not be run, so no model runs on it; they run on the processor. What was said: ${check.reason}`),
      };
    case 'late':
      return {
        id,
        label,
        value: msg('not finished'),
        state: 'missing',
        meaning: msg(
          str`The test had not ended after ${formatDuration(check.timeoutMs / 1000)}, so no model runs on it; they run on the processor. Restart the browser and test again.`,
        ),
      };
  }
}

function limitRows(limits: Readonly<Record<string, number>>): DeviceRow[] {
  const { maxStorageBufferBindingSize: binding, maxBufferSize: buffer, maxStorageBuffersPerShaderStage: bound } = limits;
  if (binding === undefined) return [];
  return [
    {
      id: 'buffer',
      label: msg('Largest piece of graphics memory'),
      value: buffer === undefined ? formatBytes(binding) : msg(str`${formatBytes(binding)} bound, ${formatBytes(buffer)} in all`),
      state: 'plain',
      meaning: msg('No single part of a model may be larger than this.'),
    },
    ...(bound === undefined
      ? []
      : [
          {
            id: 'buffers',
            label: msg('Buffers in one computation'),
            value: formatNumber(bound),
            state: 'plain',
            meaning: msg('Most models need 8; some newer ones, such as Qwen 3 and Gemma 3, need 9.'),
          } as const,
        ]),
  ];
}

const processorRows = (device: DeviceReport): DeviceRow[] => [
  {
    id: 'threads',
    label: msg('Threads'),
    value: device.wasm.threads ? msg(str`${device.logicalCores} cores`) : msg(str`1 of ${device.logicalCores} cores`),
    state: device.wasm.threads ? 'good' : 'limited',
    meaning: device.wasm.threads
      ? msg('Models on the processor use several cores at once.')
      : device.crossOriginIsolated
        ? msg('Models on the processor use one core only, because this browser gives its workers no memory to share.')
        : msg('Models on the processor use one core only, because the page is not isolated from others.'),
  },
  {
    id: 'isolation',
    label: msg('Isolation'),
    value: device.crossOriginIsolated ? msg('isolated') : msg('not isolated'),
    state: device.crossOriginIsolated ? 'good' : 'limited',
    meaning: device.crossOriginIsolated
      ? msg('The server keeps this page apart from other sites, which allows threads.')
      : msg('The operator can allow threads by sending the headers COOP and COEP; the release recipes do.'),
  },
  {
    id: 'simd',
    label: msg('Vector arithmetic (SIMD)'),
    value: device.wasm.simd ? msg('yes') : msg('no'),
    state: device.wasm.simd ? 'good' : 'missing',
    meaning: device.wasm.simd
      ? msg('Needed by every model, and there.')
      : msg('No model can run on the processor without it. Update the browser.'),
  },
  {
    id: 'jspi',
    label: msg('JavaScript Promise Integration'),
    value: device.wasm.jspi ? msg('yes') : msg('no'),
    state: device.wasm.jspi ? 'good' : 'plain',
    meaning: device.wasm.jspi
      ? msg('A smaller build of the runtime drives the graphics processor.')
      : msg('The build of the runtime that drives the graphics processor is 10 MB larger without it. Nothing else is lost.'),
  },
  {
    id: 'memory',
    label: msg('Memory'),
    value: device.memoryBytes === undefined ? msg('not told') : msg(str`about ${formatBytes(device.memoryBytes)}`),
    state: 'plain',
    meaning:
      device.memoryBytes === undefined
        ? msg('This browser does not tell how much memory there is, so it cannot be said beforehand whether a large model fits.')
        : msg('Browsers round this to a power of two and tell no more than 8 or 32 GB.'),
  },
];

function storageRows(storage: DeviceReport['storage'], models: StorageReport['models']): DeviceRow[] {
  const { persisted } = storage;
  const quota =
    storage.quotaBytes === undefined
      ? msg('not told')
      : msg(str`${formatBytes(storage.usageBytes ?? 0)} of ${formatBytes(storage.quotaBytes)} used`);
  return [
    {
      id: 'storage',
      label: msg('Storage for models'),
      value: storage.available ? quota : msg('refused'),
      state: storage.available ? 'good' : 'missing',
      meaning: storage.available
        ? msg('How much the browser lets this site keep. It grows with the free space of the device.')
        : msg('Nothing can be installed. Leave private browsing, or allow this site to store data.'),
    },
    {
      id: 'persistence',
      label: msg('Kept when space runs short'),
      value: persisted ? msg('promised') : msg('not promised'),
      state: persisted ? 'good' : 'limited',
      meaning: persisted
        ? msg('The browser deletes models only when you say so.')
        : msg(
            'When the device is nearly full, the browser may delete the models. Ask it to keep them; it agrees sooner for sites that are installed or visited often.',
          ),
    },
    {
      id: 'models',
      label: msg('Installed'),
      value: plural(
        models.length,
        msg(str`1 model, ${formatBytes(models[0]?.sizeBytes ?? 0)}`),
        msg(str`${formatNumber(models.length)} models, ${formatBytes(models.reduce((sum, model) => sum + model.sizeBytes, 0))}`),
      ),
      state: 'plain',
      meaning: msg('See Models for what each takes.'),
    },
  ];
}
