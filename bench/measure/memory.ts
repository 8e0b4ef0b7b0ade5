import { readdirSync, readFileSync } from 'node:fs';

/** Finer than any load of a model. Each look takes milliseconds of a core and holds up the processes that are looked at. */
const INTERVAL_MS = 50;
const PSS = /^Pss:\s+(\d+) kB/m;
const OWN_PSS = /^Pss_(?:Anon|Shmem):\s+(\d+) kB/gm;

export interface MemoryWatch {
  /** Largest sum since the last call, in bytes. */
  peakBytes(): number;
  nowBytes(): number;
  /**
   * The same without what is mapped from files: the share of the browser's own program grows by a hundred mebibytes when another browser on the
   * machine ends.
   */
  ownBytes(): number;
  stop(): void;
}

/**
 * Samples what a process and all its descendants occupy: proportional set size, in which shared pages are divided among those that
 * share them, so that the sum over processes counts each page once. Linux only (`proc(5)`, `smaps_rollup`).
 */
export function watchMemory(rootPid: number, intervalMs = INTERVAL_MS): MemoryWatch {
  let peak = 0;
  const sample = (): number => {
    const now = familyOf(rootPid).reduce((sum, pid) => sum + pssOf(pid).bytes, 0);
    peak = Math.max(peak, now);
    return now;
  };
  sample();
  const timer = setInterval(sample, intervalMs);
  return {
    peakBytes() {
      sample();
      const result = peak;
      peak = 0;
      return result;
    },
    nowBytes: sample,
    ownBytes: () => familyOf(rootPid).reduce((sum, pid) => sum + pssOf(pid).ownBytes, 0),
    stop: () => clearInterval(timer),
  };
}

export function familyOf(rootPid: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    const parent = Number.isInteger(pid) ? parentOf(pid) : undefined;
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const family = [rootPid];
  for (const pid of family) family.push(...(children.get(pid) ?? []));
  return family;
}

/** The fourth field of `stat`, after a name that may hold spaces and brackets. */
function parentOf(pid: number): number | undefined {
  const stat = readOrGone(`/proc/${pid}/stat`);
  return stat === undefined ? undefined : Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

export interface PssBytes {
  readonly bytes: number;
  /** Without what is mapped from files. */
  readonly ownBytes: number;
}

/** Read once for both: the kernel walks all pages of the process for it. */
export function pssOf(pid: number): PssBytes {
  const rollup = readOrGone(`/proc/${pid}/smaps_rollup`) ?? '';
  return {
    bytes: Number(PSS.exec(rollup)?.[1] ?? 0) * 1024,
    ownBytes: [...rollup.matchAll(OWN_PSS)].reduce((sum, [, kilobytes]) => sum + Number(kilobytes) * 1024, 0),
  };
}

/** A process may end between listing and reading. */
function readOrGone(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
