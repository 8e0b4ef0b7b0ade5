import { readdir, readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';

interface Process {
  readonly pid: number;
  readonly parent: number;
  /** Of a processor, in clock ticks. */
  readonly ticks: number;
  readonly command: string;
}

/** Linux only: proc(5). */
async function processes(): Promise<Process[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      try {
        const [stat, command] = await Promise.all([readFile(`/proc/${pid}/stat`, 'utf8'), readFile(`/proc/${pid}/cmdline`, 'utf8')]);
        // The name in brackets may hold anything.
        const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        return { pid: Number(pid), parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]), command };
      } catch {
        // It ended while it was looked at.
        return undefined;
      }
    }),
  );
  return found.filter((each) => each !== undefined);
}

/** The renderer processes of the browser on a profile. */
export async function renderers(profile: string): Promise<Process[]> {
  const all = await processes();
  const family = new Set(all.filter(({ command }) => command.includes(`--user-data-dir=${profile}`)).map(({ pid }) => pid));
  for (let size = 0; size < family.size; ) {
    size = family.size;
    for (const { pid, parent } of all) if (family.has(parent)) family.add(pid);
  }
  return all.filter(({ pid, command }) => family.has(pid) && command.includes('--type=renderer'));
}

/** The process that runs a tab: the one that works while the tab does. */
export async function rendererOf(page: Page, profile: string): Promise<number> {
  const before = new Map((await renderers(profile)).map(({ pid, ticks }) => [pid, ticks]));
  await page.evaluate(() => {
    const untilMs = performance.now() + 1000;
    while (performance.now() < untilMs);
  });
  const [busiest] = (await renderers(profile))
    .map(({ pid, ticks }) => ({ pid, ticks: ticks - (before.get(pid) ?? 0) }))
    .sort((a, b) => b.ticks - a.ticks);
  if (!busiest) throw new Error('The browser has no renderer.');
  return busiest.pid;
}
