import { profilesOf, type ThreadProfile, type TraceEvent, threadOf, traced } from './measure/trace.ts';
import type { Peer } from './peers/peer.ts';
import { SHORT_PROMPT, TOKENS, withBrowser, withFolder } from './rounds.ts';

/** V8 keeps optimised code after the first runs only: before that, a start is not what people wait for every day. */
const WARM_UPS = 2;
const SHORTEST_MS = 2;
const LINES = 18;
const LEAST_BUSY_MS = 20;

/** Where a warm load and an answer spend their time, by thread: functions by samples, and the browser's own work by CPU time. */
export async function profile(peer: Peer): Promise<string> {
  return withFolder(async (folder) => {
    for (let visit = 0; visit < WARM_UPS; visit++) {
      await withBrowser(folder, peer.flags, async (browser) => {
        const page = await browser.open(peer.url);
        await peer.settle(page);
        await peer.load(page, visit === 0 ? 'first' : 'later');
        await peer.generate(page, SHORT_PROMPT, TOKENS);
      });
    }
    return withBrowser(folder, peer.flags, async (browser) => {
      const page = await browser.open(peer.url);
      await peer.settle(page);
      const load = await traced(browser, async () => void (await peer.load(page, 'later')));
      const answer = await traced(browser, async () => void (await peer.generate(page, SHORT_PROMPT, TOKENS)));
      return [`## ${peer.label}: warm load`, ...describe(load), `## ${peer.label}: ${TOKENS} tokens`, ...describe(answer)].join('\n');
    });
  });
}

function describe(events: readonly TraceEvent[]): string[] {
  const busy = profilesOf(events).filter((thread) => thread.busyMs >= LEAST_BUSY_MS);
  return [...busy.flatMap(functions), 'Work of the browser itself, ms: start, wall, CPU', ...longest(events)];
}

const functions = ({ name, busyMs, selfMs, totalMs }: ThreadProfile): string[] => [
  `${name}, busy ${busyMs.toFixed(0)} ms`,
  '  own time, ms',
  ...top(selfMs),
  '  with callees, ms',
  ...top(totalMs),
];

const top = (times: ReadonlyMap<string, number>): string[] =>
  [...times]
    .sort(([, a], [, b]) => b - a)
    .slice(0, LINES)
    .filter(([, ms]) => ms >= SHORTEST_MS)
    .map(([label, ms]) => `  ${ms.toFixed(0).padStart(6)}  ${label}`);

/** Compiling, collecting, parsing and streaming on the threads of processes that run workers. */
function longest(events: readonly TraceEvent[]): string[] {
  const names = new Map(events.filter((event) => event.name === 'thread_name').map((event) => [threadOf(event), String(event.args?.name)]));
  const pids = new Set(events.filter((event) => names.get(threadOf(event)) === 'DedicatedWorker thread').map((event) => event.pid));
  const startUs = events.reduce((least, event) => (event.ts > 0 ? Math.min(least, event.ts) : least), Number.POSITIVE_INFINITY);
  const cell = (us: number) => (us / 1000).toFixed(0).padStart(6);
  return events
    .filter(
      ({ ph, name, pid, tdur }) =>
        ph === 'X' && pids.has(pid) && (tdur ?? 0) > SHORTEST_MS * 1000 && !/RunTask|^v8.callFunction$/.test(name),
    )
    .sort((a, b) => a.ts - b.ts)
    .map(
      (event) => `${cell(event.ts - startUs)}${cell(event.dur ?? 0)}${cell(event.tdur ?? 0)}  ${names.get(threadOf(event))}  ${event.name}`,
    );
}
