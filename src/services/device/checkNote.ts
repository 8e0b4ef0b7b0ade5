import type { GpuCheck, GpuPrecision, WebGpuReport } from '../../core/device.ts';
import type { LogNote } from '../../core/log.ts';

/** The end of a test of a graphics processor. */
export interface Checked {
  readonly precision: GpuPrecision;
  readonly check: GpuCheck;
  readonly webgpu: WebGpuReport;
}

/** How a test ended, for the log: which operator, by how much, on which adapter. What the runtime said stays in the Device view: it is no name. */
export function checkNote({ precision, check, webgpu }: Checked): LogNote {
  const { vendor = '', architecture = '' } = webgpu.available ? webgpu : {};
  const where = { precision, vendor, architecture };
  switch (check.verdict) {
    case 'right':
      return { code: 'gpu-right', details: { ...where, worstError: check.worstError } };
    case 'wrong': {
      // Absent where numbers were none.
      const off = check.worstError === undefined ? {} : { worstError: check.worstError };
      return { code: 'gpu-wrong', details: { ...where, operator: check.output, ...off } };
    }
    case 'failed':
      return { code: 'gpu-untested', details: { ...where, why: 'failed', tries: check.tries ?? 1 } };
    case 'late':
      return { code: 'gpu-untested', details: { ...where, why: 'late', timeoutMs: check.timeoutMs, tries: check.tries ?? 1 } };
  }
}
