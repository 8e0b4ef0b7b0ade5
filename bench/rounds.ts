import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Browser } from './measure/browser.ts';
import { loadAverage } from './measure/machine.ts';
import { type MemoryWatch, watchMemory } from './measure/memory.ts';
import type { Generation, Load, Own, Peer } from './peers/peer.ts';

/** Five tokens, of the golden values; the text of the answers can be looked up there. */
export const SHORT_PROMPT = 'Once upon a time';
const LONG_PROMPT =
  'Once upon a time, there was a little girl named Lily who lived in a small house near a big forest. Every morning she went to the garden ' +
  'to play with her dog Max and her cat Mimi. One day, her mom gave her a red ball and a blue kite. Lily was very happy. She ran to the park ' +
  'to show her friends Tom and Sue. They wanted to fly the kite together, but the wind was not strong. Tom said,';
/** The first is not decoding, so 128 are. */
export const TOKENS = 129;
const LONG_TOKENS = 8;

/** One start of a browser: a model loaded and asked. */
export interface Visit {
  readonly load: Load;
  readonly first: Generation;
  readonly steady: Generation;
  readonly long: Generation;
  readonly own?: Own;
}

/** Bytes over all processes of the browser: an idle page, and the peaks from there on. */
export interface MemoryVisit {
  readonly idleBytes: number;
  readonly loadBytes: number;
  readonly decodeBytes: number;
}

export interface Round<T> {
  readonly loadAverage: number;
  readonly peers: Readonly<Record<Peer['name'], { readonly first: T; readonly later: readonly T[] }>>;
}

/**
 * Every peer visits once with a new profile and `later` times with what that left, a new browser each time. The peers take turns at each
 * visit, and who begins changes from round to round: what slows the machine for a while slows all.
 */
export async function measureRound<T>(
  peers: readonly Peer[],
  round: number,
  later: number,
  visit: (peer: Peer, profile: string, kind: 'first' | 'later') => Promise<T>,
): Promise<Round<T>> {
  const load = loadAverage();
  const order = peers.map((_, index) => peers[(index + round) % peers.length]).filter((peer) => peer !== undefined);
  const found = new Map<Peer['name'], T[]>();
  await withFolder(async (folder) => {
    for (let index = 0; index <= later; index++) {
      for (const peer of order) {
        const result = await visit(peer, join(folder, peer.name), index === 0 ? 'first' : 'later');
        found.set(peer.name, [...(found.get(peer.name) ?? []), result]);
      }
    }
  });
  const of = (name: Peer['name']) => {
    const [first, ...rest] = found.get(name) ?? [];
    if (first === undefined) throw new Error(`${name} was not measured`);
    return { first, later: rest };
  };
  return { loadAverage: load, peers: { sill: of('sill'), stock: of('stock'), stockSame: of('stockSame') } };
}

export const timedVisit = (peer: Peer, profile: string, kind: 'first' | 'later'): Promise<Visit> =>
  withBrowser(profile, peer.flags, async (browser) => {
    const page = await browser.open(peer.url);
    await peer.settle(page);
    const load = await peer.load(page, kind);
    const first = await peer.generate(page, SHORT_PROMPT, TOKENS);
    const steady = await peer.generate(page, SHORT_PROMPT, TOKENS);
    const long = await peer.generate(page, LONG_PROMPT, LONG_TOKENS);
    const own = await peer.own?.(page);
    return { load, first, steady, long, ...(own ? { own } : {}) };
  });

/** A visit of its own: sampling takes a good part of a core, and no time measured beside it would be true. */
export const memoryVisit = (peer: Peer, profile: string, kind: 'first' | 'later'): Promise<MemoryVisit> =>
  withBrowser(profile, peer.flags, async (browser) => {
    const page = await browser.open(peer.url);
    await peer.settle(page);
    const watch: MemoryWatch = watchMemory(browser.pid);
    try {
      const idleBytes = watch.peakBytes();
      await peer.load(page, kind);
      const loadBytes = watch.peakBytes();
      await peer.generate(page, SHORT_PROMPT, TOKENS);
      return { idleBytes, loadBytes, decodeBytes: watch.peakBytes() };
    } finally {
      watch.stop();
    }
  });

export const chromiumVersion = (): Promise<string> => withFolder((folder) => withBrowser(folder, [], (browser) => browser.version()));

export async function withBrowser<T>(
  profile: string,
  flags: readonly string[] | undefined,
  use: (browser: Browser) => Promise<T>,
): Promise<T> {
  const browser = Browser.launch(profile, flags);
  try {
    return await use(browser);
  } finally {
    await browser.close();
  }
}

export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'sill-bench-'));
  try {
    return await use(folder);
  } finally {
    // A process of the browser may write its last line after the first has gone.
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}
