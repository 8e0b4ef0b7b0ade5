import * as v from 'valibot';
import type { Page } from '../measure/browser.ts';

export const LoadSchema = v.object({
  /** From the request in a page that is ready to the model being ready to generate; on a first visit the download is part of it. */
  loadMs: v.number(),
  /** As the peer itself counts it, without starting its worker. */
  ownLoadMs: v.optional(v.number()),
  /** Of a first visit's download, where the peer tells how it goes: what stood still can be looked up afterwards. */
  install: v.optional(
    v.object({
      /** Until it was installed. */
      ms: v.number(),
      /** By what it said it was doing, waiting for the network included. */
      phasesMs: v.record(v.string(), v.number()),
      /** The longest time in which nothing was stored. */
      stillMs: v.number(),
    }),
  ),
});
export type Load = v.InferOutput<typeof LoadSchema>;

export const GenerationSchema = v.object({
  /** From the request to the first token's arrival in the page. */
  ttftMs: v.number(),
  /** From there to the last text's arrival in the page. */
  decodeMs: v.number(),
  tokens: v.number(),
  text: v.string(),
});
export type Generation = v.InferOutput<typeof GenerationSchema>;

/** What Sill is compared in with itself: stock has neither a prefix cache nor turns. Medians of several, after each was done once. */
export const OwnSchema = v.object({
  /** A prompt of 200 tokens, of which about 180 were the beginning of an earlier one, and the same with the cache left out. */
  cached: v.object({ ttftMs: v.number(), promptTokens: v.number(), cachedTokens: v.number() }),
  uncached: v.object({ ttftMs: v.number() }),
  /** Four requests of 64 tokens. */
  inTurnMs: v.number(),
  atOnceMs: v.number(),
  /** Of those at once: when the last one had its first token, and when the first one ended. */
  lastBeginsMs: v.number(),
  firstEndsMs: v.number(),
  /** The same the first time in this page, while its code is cold. */
  cold: v.object({ cachedMs: v.number(), uncachedMs: v.number(), inTurnMs: v.number(), atOnceMs: v.number() }),
});
export type Own = v.InferOutput<typeof OwnSchema>;

/** One way to run the same model in a page. */
export interface Peer<Name extends string = 'sill' | 'stock' | 'stockSame'> {
  readonly name: Name;
  readonly label: string;
  readonly url: string;
  /** What its browser is started with besides. */
  readonly flags?: readonly string[];
  /** Waits until an opened page can be asked, then until it has done all that it does of itself. */
  settle(page: Page, quietMs?: number): Promise<void>;
  /** A question to it needs no `load` before it. */
  readonly loadsByItself?: boolean;
  load(page: Page, visit: 'first' | 'later'): Promise<Load>;
  /** Greedy. */
  generate(page: Page, prompt: string, maxTokens: number): Promise<Generation>;
  own?(page: Page): Promise<Own>;
}

/** How long a page is left alone after it says that it is ready, so that caching in the background is over. */
export const QUIET_MS = 1_000;
