import { type DeviceFindings, GPU_PRECISIONS, type GpuCheck, type GpuPrecision } from '../../core/device.ts';

/** A test that came to no result is made so often before its GPU is left alone until somebody asks. Each may take two minutes of somebody who waits for a model. */
export const MAX_TRIES = 3;
const DAY_MS = 24 * 60 * 60_000;

/** What a test gave, with how often it has come to no result. */
export function counted(result: GpuCheck, before: GpuCheck | undefined, nowMs: number): GpuCheck {
  if (result.verdict !== 'failed' && result.verdict !== 'late') return result;
  const earlier = before?.verdict === 'failed' || before?.verdict === 'late' ? (before.tries ?? 1) : 0;
  return { ...result, tries: earlier + 1, atMs: nowMs };
}

/**
 * The verdicts that hold. One that is none any more is left out, as if nothing had been tested: the next variant that wants the GPU has it tested again.
 * @param triedHere what was tested since the engine started
 */
export function standing(findings: DeviceFindings, triedHere: ReadonlySet<GpuPrecision>, nowMs: number): DeviceFindings {
  const isOver = (precision: GpuPrecision, check: GpuCheck | undefined): boolean => {
    if (check?.verdict !== 'failed' && check?.verdict !== 'late') return false;
    const isYoung = Math.abs(nowMs - (check.atMs ?? 0)) < DAY_MS;
    return (check.tries ?? 1) < MAX_TRIES && !(triedHere.has(precision) && isYoung);
  };
  const checks: { [precision in GpuPrecision]?: GpuCheck } = {};
  for (const precision of GPU_PRECISIONS) {
    const check = findings.checks[precision];
    if (check && !isOver(precision, check)) checks[precision] = check;
  }
  return { ...findings, checks };
}
