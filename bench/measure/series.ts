import { readFileSync } from 'node:fs';
import { familyOf, ownPssBytes, pssBytes } from './memory.ts';

/** Each look holds up the processes that are looked at for some milliseconds. */
const INTERVAL_MS = 100;
/** `USER_HZ` of Linux: units of the times in `/proc/<pid>/stat`. */
const TICK_MS = 10;

export interface Sample {
  /** Of the wall clock, so that it can be held against what a page noted. */
  readonly atMs: number;
  readonly bytes: number;
  /** Without what is mapped from files. */
  readonly ownBytes: number;
  /** Of the processor, since each process began; of processes that ended, as far as they were seen. */
  readonly cpuMs: number;
  /** Of all cores, with whatever: how much of them was there to be had shows in it. */
  readonly busyMs: number;
  /** By process id, with what kind of the browser's processes it is. */
  readonly processes: ReadonlyArray<{ readonly pid: number; readonly kind: string; readonly bytes: number }>;
}

export interface Series {
  readonly samples: readonly Sample[];
  stop(): void;
}

/** What a process and all its descendants take over time: memory as `watchMemory` counts it, and processor time. Linux only. */
export function watchSeries(rootPid: number, intervalMs = INTERVAL_MS): Series {
  const samples: Sample[] = [];
  const cpu = new Map<number, number>();
  const kinds = new Map<number, string>();
  const look = (): void => {
    const atMs = Date.now();
    const family = familyOf(rootPid);
    for (const pid of family) {
      cpu.set(pid, Math.max(cpu.get(pid) ?? 0, cpuMsOf(pid)));
      if (!kinds.has(pid)) kinds.set(pid, kindOf(pid));
    }
    const processes = family.map((pid) => ({ pid, kind: kinds.get(pid) ?? '', bytes: pssBytes(pid) }));
    samples.push({
      atMs,
      bytes: processes.reduce((sum, { bytes }) => sum + bytes, 0),
      ownBytes: family.reduce((sum, pid) => sum + ownPssBytes(pid), 0),
      cpuMs: [...cpu.values()].reduce((sum, each) => sum + each, 0),
      busyMs: busyMs(),
      processes,
    });
  };
  look();
  const timer = setInterval(look, intervalMs);
  return {
    samples,
    stop() {
      clearInterval(timer);
      look();
    },
  };
}

/** All but idle time and that of waiting for a disk, of all cores since the machine started (`proc(5)`, `stat`). */
function busyMs(): number {
  const [, ...ticks] = readOrEmpty('/proc/stat').split('\n', 1)[0]?.trim().split(/\s+/).map(Number) ?? [];
  return ticks.slice(0, 8).reduce((sum, each, field) => (field === 3 || field === 4 ? sum : sum + each), 0) * TICK_MS;
}

/** User and system time, the fields 14 and 15 of `stat`. */
function cpuMsOf(pid: number): number {
  const stat = readOrEmpty(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * TICK_MS;
}

function kindOf(pid: number): string {
  const line = readOrEmpty(`/proc/${pid}/cmdline`);
  const type = /--type=([\w-]+)/.exec(line)?.[1] ?? 'browser';
  return /--utility-sub-type=([\w.]+)/.exec(line)?.[1] ?? type;
}

/** A process may end between listing and reading. */
function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
