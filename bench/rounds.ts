import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Browser } from './measure/browser.ts';
import { loadAverage } from './measure/machine.ts';
import { type MemoryWatch, watchMemory } from './measure/memory.ts';
import type { Generation, Load, Own, Peer } from './peers/peer.ts';
import type { Prompts, PromptTokens } from './prompts.ts';

/** Five tokens, of the golden values; the text of the answers can be looked up there. */
export const SHORT_PROMPT = 'Once upon a time';
/** The first is not decoding, so 128 are. */
export const TOKENS = 129;
/** After a start of the browser: enough to be read, and few enough that compiled code is still cold. */
export const OPENING_TOKENS = 16;
const PROMPT_ANSWER_TOKENS = 8;

/** One start of a browser: a model loaded and asked. */
export interface Visit {
  readonly load: Load;
  /** The first answer of this browser, of `OPENING_TOKENS`. */
  readonly opening: Generation;
  readonly steady: Generation;
  /** By the number of tokens in the prompt. */
  readonly prompts: Readonly<Record<PromptTokens, Generation>>;
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
  readonly peers: Readonly<Record<Peer['name'], Visits<T>>>;
}

/** What one peer was measured at in a round. */
export interface Visits<T> {
  readonly first: T;
  readonly later: readonly T[];
}

/**
 * Every peer visits once with a new profile and `later` times with what that left, a new browser each time. The peers take turns at each
 * visit, and who begins changes from round to round: what slows the machine for a while slows all.
 */
export async function measureInTurns<T, P extends { readonly name: string }>(
  peers: readonly P[],
  round: number,
  later: number,
  visit: (peer: P, profile: string, kind: 'first' | 'later') => Promise<T>,
): Promise<ReadonlyMap<P['name'], Visits<T>>> {
  const order = peers.map((_, index) => peers[(index + round) % peers.length]).filter((peer) => peer !== undefined);
  const found = new Map<P['name'], { first: T; later: T[] }>();
  await withFolder(async (folder) => {
    for (let index = 0; index <= later; index++) {
      for (const peer of order) {
        const result = await visit(peer, join(folder, peer.name), index === 0 ? 'first' : 'later');
        const earlier = found.get(peer.name);
        if (earlier) earlier.later.push(result);
        else found.set(peer.name, { first: result, later: [] });
      }
    }
  });
  return found;
}

export async function measureRound<T>(
  peers: readonly Peer[],
  round: number,
  later: number,
  visit: (peer: Peer, profile: string, kind: 'first' | 'later') => Promise<T>,
): Promise<Round<T>> {
  const load = loadAverage();
  const found = await measureInTurns(peers, round, later, visit);
  const of = (name: Peer['name']): Visits<T> => {
    const visits = found.get(name);
    if (!visits) throw new Error(`${name} was not measured`);
    return visits;
  };
  return { loadAverage: load, peers: { sill: of('sill'), stock: of('stock'), stockSame: of('stockSame') } };
}

export const timedVisit =
  (prompts: Prompts) =>
  (peer: Peer, profile: string, kind: 'first' | 'later'): Promise<Visit> =>
    withBrowser(
      profile,
      async (browser) => {
        const page = await browser.open(peer.url);
        await peer.settle(page);
        const load = await peer.load(page, kind);
        const opening = await peer.generate(page, SHORT_PROMPT, OPENING_TOKENS);
        // The code has warmed up when the second one of this length begins.
        await peer.generate(page, SHORT_PROMPT, TOKENS);
        const steady = await peer.generate(page, SHORT_PROMPT, TOKENS);
        const ask = (tokens: PromptTokens) => peer.generate(page, prompts[tokens], PROMPT_ANSWER_TOKENS);
        const answers = { 16: await ask(16), 128: await ask(128), 200: await ask(200) };
        const own = await peer.own?.(page);
        return { load, opening, steady, prompts: answers, ...(own ? { own } : {}) };
      },
      peer.flags,
    );

/** As a person has it: from the address being opened in a browser that has just started to `OPENING_TOKENS` being there. @returns ms */
export const openingVisit = (peer: Peer, profile: string, kind: 'first' | 'later'): Promise<number> =>
  withBrowser(
    profile,
    async (browser) => {
      await browser.version();
      const startMs = performance.now();
      const page = await browser.open(peer.url);
      await peer.settle(page, 0);
      await peer.load(page, kind);
      await peer.generate(page, SHORT_PROMPT, OPENING_TOKENS);
      const tookMs = performance.now() - startMs;
      // What the first visit leaves in the profile is what the later ones begin with.
      await peer.settle(page);
      return tookMs;
    },
    peer.flags,
  );

/** Of a model that takes seconds to load: that alone. */
export const loadVisit = (peer: Peer, profile: string, kind: 'first' | 'later'): Promise<Load> =>
  withBrowser(
    profile,
    async (browser) => {
      const page = await browser.open(peer.url);
      await peer.settle(page);
      return peer.load(page, kind);
    },
    peer.flags,
  );

/** A visit of its own: sampling takes a good part of a core, and no time measured beside it would be true. */
export const memoryVisit = (peer: Peer<string>, profile: string, kind: 'first' | 'later'): Promise<MemoryVisit> =>
  withBrowser(
    profile,
    async (browser) => {
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
    },
    peer.flags,
  );

export const chromiumVersion = (): Promise<string> => withFolder((folder) => withBrowser(folder, (browser) => browser.version()));

export async function withBrowser<T>(profile: string, use: (browser: Browser) => Promise<T>, flags: readonly string[] = []): Promise<T> {
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
