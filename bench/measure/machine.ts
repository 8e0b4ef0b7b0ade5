import { readFileSync } from 'node:fs';
import { cpus, loadavg, platform, release, totalmem } from 'node:os';
import * as v from 'valibot';

const PackageSchema = v.object({ version: v.string(), dependencies: v.record(v.string(), v.string()) });

/** Where a result was measured, and with what. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly system: string;
  readonly node: string;
  readonly chromium: string;
  readonly sill: string;
  readonly transformers: string;
  readonly onnxruntime: string;
}

export function describeMachine(chromium: string): Machine {
  const { version, dependencies } = v.parse(PackageSchema, JSON.parse(readFileSync('package.json', 'utf8')));
  const all = cpus();
  return {
    cpu: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    memoryBytes: totalmem(),
    system: `${platform()} ${release()}`,
    node: process.version,
    chromium,
    sill: version,
    transformers: dependencies['@huggingface/transformers'] ?? 'unknown',
    onnxruntime: dependencies['onnxruntime-web'] ?? 'unknown',
  };
}

/** Runnable processes over the last minute: beyond the number of cores, times are not to be trusted and ratios with care. */
export const loadAverage = (): number => Math.round((loadavg()[0] ?? 0) * 100) / 100;
