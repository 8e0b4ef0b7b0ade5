import * as v from 'valibot';
import type { ProcessSample, Sample } from '../measure/series.ts';

export const PhaseSchema = v.object({ phase: v.string(), fromMs: v.number(), toMs: v.number() });
export type Phase = v.InferOutput<typeof PhaseSchema>;

/** Threads that are told of: the others do next to nothing. */
const THREADS = 8;

/** What one phase of an import took of the device. */
export interface PhaseUse {
  /** As the import says it; of `scoring` with what was made before it. */
  readonly phase: string;
  readonly ms: number;
  /** Largest sum over all processes, in bytes above the idle page. */
  readonly peakBytes: number;
  /** Since the phase began. */
  readonly peakAtMs: number;
  /** At that moment, by the kind of process: in bytes above what they took while idle, all and without what is mapped from files. */
  readonly processes: Readonly<Record<string, { readonly bytes: number; readonly ownBytes: number }>>;
  /** How many cores worked for it, and how many were busy with whatever. */
  readonly cores: number;
  readonly coresBusy: number;
  /** Seconds of a core by process and thread, the busiest first. */
  readonly threads: Readonly<Record<string, number>>;
}

/** @param idle the page before anything was asked of it */
export function usesOf(samples: readonly Sample[], phases: readonly Phase[], idle: Sample): PhaseUse[] {
  return phases.flatMap(({ phase, fromMs, toMs }, index) => {
    const within = samples.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs);
    const [first, last] = [within[0], within.at(-1)];
    // Over before it was looked at.
    if (!first || !last || first === last) return [];
    const peak = within.reduce((most, each) => (each.bytes > most.bytes ? each : most));
    const ms = last.atMs - first.atMs;
    return [
      {
        phase: phase === 'scoring' ? `${phase} ${phases[index - 1]?.phase}` : phase,
        ms: toMs - fromMs,
        peakBytes: peak.bytes - idle.bytes,
        peakAtMs: peak.atMs - fromMs,
        processes: aboveIdle(peak.processes, idle.processes),
        cores: (last.cpuMs - first.cpuMs) / ms,
        coresBusy: (last.busyMs - first.busyMs) / ms,
        threads: busiest(first.threads, last.threads),
      },
    ];
  });
}

function aboveIdle(processes: readonly ProcessSample[], idle: readonly ProcessSample[]): PhaseUse['processes'] {
  const sumOf = (of: readonly ProcessSample[], kind: string, value: (each: ProcessSample) => number) =>
    of.reduce((sum, each) => (each.kind === kind ? sum + value(each) : sum), 0);
  const kinds = new Set([...processes, ...idle].map(({ kind }) => kind));
  return Object.fromEntries(
    [...kinds].map((kind) => {
      const of = (value: (each: ProcessSample) => number) => sumOf(processes, kind, value) - sumOf(idle, kind, value);
      return [kind, { bytes: of(({ bytes }) => bytes), ownBytes: of(({ ownBytes }) => ownBytes) }];
    }),
  );
}

function busiest(first: Sample['threads'], last: Sample['threads']): PhaseUse['threads'] {
  const used = [...last].map(([thread, ms]) => [thread, (ms - (first.get(thread) ?? 0)) / 1000] as const);
  return Object.fromEntries(used.sort(([, a], [, b]) => b - a).slice(0, THREADS));
}
