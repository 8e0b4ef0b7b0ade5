import * as v from 'valibot';
import type {} from '../../src/protocol/sill.ts';
import type { Page } from '../measure/browser.ts';
import { STAMPS } from './stampedApp.ts';

/** One stream through a door, in milliseconds since the epoch. */
const AskedSchema = v.object({ startMs: v.number(), arrived: v.array(v.number()) });
type Asked = v.InferOutput<typeof AskedSchema>;

export interface Passage {
  /** From the request to the first piece of the answer. */
  readonly firstMs: number;
  /** Of each piece: from the engine's sending it to the reader's having it. */
  readonly wayMs: readonly number[];
}

/** A way to the same engine from the same page, with the same request. */
export interface Door {
  readonly name: string;
  readonly ask: (page: Page, request: object) => Promise<Asked>;
}

export async function passThrough(door: Door, page: Page, request: object): Promise<Passage> {
  const { startMs, arrived } = await door.ask(page, request);
  const sent = await page.run(
    v.array(v.number()),
    async (stamps: string) => {
      const channel = new BroadcastChannel(stamps);
      const given = await new Promise<number[]>((resolve) => {
        channel.onmessage = ({ data }: MessageEvent<number[]>) => resolve(data);
        channel.postMessage('give');
      });
      channel.close();
      return given;
    },
    STAMPS,
  );
  return { firstMs: (arrived[0] ?? 0) - startMs, wayMs: arrived.map((atMs, at) => atMs - (sent[at] ?? 0)) };
}

/** `globalThis.sill`: a port to the engine. */
const direct: Door = {
  name: 'direct',
  ask: (page, request) =>
    page.run(
      AskedSchema,
      async (asked: object) => {
        const sill = globalThis.sill;
        if (!sill) throw new Error('globalThis.sill is missing');
        const arrived: number[] = [];
        const startMs = performance.timeOrigin + performance.now();
        const chunks = await sill.completions.create({ model: 'stories15m', prompt: '', ...asked, stream: true });
        for await (const _ of chunks) arrived.push(performance.timeOrigin + performance.now());
        return { startMs, arrived };
      },
      request,
    ),
};

/** `fetch`, answered by the service worker. */
const serviceWorker: Door = {
  name: 'service worker',
  ask: (page, request) =>
    page.run(
      AskedSchema,
      async (asked: object) => {
        const arrived: number[] = [];
        const startMs = performance.timeOrigin + performance.now();
        const body = JSON.stringify({ model: 'stories15m', ...asked, stream: true });
        const response = await fetch('v1/completions', { method: 'POST', body });
        const reader = response.body?.getReader();
        const decoder = new TextDecoder();
        for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
          const atMs = performance.timeOrigin + performance.now();
          // Several events may come together.
          for (const event of decoder.decode(next.value, { stream: true }).split('\n\n')) if (event !== '') arrived.push(atMs);
        }
        return { startMs, arrived };
      },
      request,
    ),
};

/** The SDK, through a frame that is there already. Of the same origin, so that its stamps can be read; it has a realm and a channel of its own all the same. */
const frame: Door = {
  name: 'frame',
  ask: (page, request) =>
    page.run(
      AskedSchema,
      async (asked: object) => {
        const known: unknown = Reflect.get(globalThis, 'benchGuest');
        const connecting =
          known instanceof Promise
            ? known
            : import(new URL('sdk/sill.js', document.baseURI).href).then((sdk) => sdk.connect(document.body));
        Reflect.set(globalThis, 'benchGuest', connecting);
        const guest = await connecting;
        const arrived: number[] = [];
        const startMs = performance.timeOrigin + performance.now();
        const chunks = await guest.completions.create({ model: 'stories15m', prompt: '', ...asked, stream: true });
        for await (const _ of chunks) arrived.push(performance.timeOrigin + performance.now());
        return { startMs, arrived };
      },
      request,
    ),
};

export const DOORS: readonly Door[] = [direct, serviceWorker, frame];
