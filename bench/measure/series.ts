import { readdirSync, readFileSync } from 'node:fs';
import { familyOf, type PssBytes, pssOf } from './memory.ts';

const INTERVAL_MS = 100;
/**
 * A look at memory walks all pages of the processes that are looked at, and holds them up meanwhile: it may have this share of the time, however large
 * they are. Two looks at each process every 100 ms took a good part of a core.
 */
const LOOKING_SHARE = 0.1;
/** `USER_HZ` of Linux: units of the times in `/proc/<pid>/stat`. */
const TICK_MS = 10;

export interface ProcessSample extends PssBytes {
  readonly pid: number;
  /** Of the browser's processes: `browser`, `renderer`, `gpu-process`, or what a utility is for. */
  readonly kind: string;
}

export interface Sample extends PssBytes {
  /** Of the wall clock, so that it can be held against what a page noted. */
  readonly atMs: number;
  /** Of the processor, since each process began; of processes that ended, as far as they were seen. */
  readonly cpuMs: number;
  /** Of all cores, with whatever: how much of them was there to be had shows in it. */
  readonly busyMs: number;
  readonly processes: readonly ProcessSample[];
  /** The processor's time of each thread so far, by the kind of its process, its name and its id. */
  readonly threads: ReadonlyMap<string, number>;
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
  const threads = new Map<string, number>();
  const look = (): void => {
    const atMs = Date.now();
    const family = familyOf(rootPid);
    for (const pid of family) {
      cpu.set(pid, Math.max(cpu.get(pid) ?? 0, cpuMsOf(`/proc/${pid}/stat`).cpuMs));
      // A renderer begins as a copy of what it is made from.
      if ((kinds.get(pid) ?? 'zygote') === 'zygote') kinds.set(pid, kindOf(pid));
      for (const tid of threadsOf(pid)) {
        const { name, cpuMs } = cpuMsOf(`/proc/${pid}/task/${tid}/stat`);
        if (name) threads.set(`${kinds.get(pid)} ${name} ${tid}`, cpuMs);
      }
    }
    const processes = family.map((pid) => ({ pid, kind: kinds.get(pid) ?? '', ...pssOf(pid) }));
    samples.push({
      atMs,
      bytes: processes.reduce((sum, { bytes }) => sum + bytes, 0),
      ownBytes: processes.reduce((sum, { ownBytes }) => sum + ownBytes, 0),
      cpuMs: [...cpu.values()].reduce((sum, each) => sum + each, 0),
      busyMs: busyMs(),
      processes,
      threads: new Map(threads),
    });
  };
  let timer: NodeJS.Timeout;
  const goOn = (): void => {
    const startMs = performance.now();
    look();
    timer = setTimeout(goOn, Math.max(intervalMs, (performance.now() - startMs) * (1 / LOOKING_SHARE - 1)));
  };
  goOn();
  return {
    samples,
    stop() {
      clearTimeout(timer);
      look();
    },
  };
}

/** All but idle time and that of waiting for a disk, of all cores since the machine started (`proc(5)`, `stat`). */
function busyMs(): number {
  const [, ...ticks] = readOrEmpty('/proc/stat').split('\n', 1)[0]?.trim().split(/\s+/).map(Number) ?? [];
  return ticks.slice(0, 8).reduce((sum, each, field) => (field === 3 || field === 4 ? sum : sum + each), 0) * TICK_MS;
}

/** User and system time, the fields 14 and 15 of a `stat`, and the name in its second one, which may hold anything. */
function cpuMsOf(path: string): { readonly name: string; readonly cpuMs: number } {
  const stat = readOrEmpty(path);
  const end = stat.lastIndexOf(')');
  const fields = stat.slice(end + 2).split(' ');
  return {
    name: stat.slice(stat.indexOf('(') + 1, Math.max(0, end)),
    cpuMs: (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * TICK_MS,
  };
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
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
