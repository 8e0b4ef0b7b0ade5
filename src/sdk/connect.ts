import { SillError, toSillError } from '../core/errors.ts';
import type { FrameLook } from '../core/theme.ts';
import type { Client } from '../protocol/client.ts';
import type { FrameReport, GuestMessage } from '../protocol/embedding.ts';
import type { EngineContract } from '../protocol/engine.ts';
import { engineFailover } from '../protocol/engineFailover.ts';
import { createFailoverClient } from '../protocol/failover.ts';
import type { Grant } from '../protocol/guests.ts';
import { fetchThrough, httpRequestOf } from '../protocol/httpFetch.ts';
import type { ChatCompletion, ChatCompletionChunk, Completion } from '../protocol/openai.ts';
import type { ChatRequest, CompletionRequest, EmbeddingRequest } from '../protocol/openaiRequests.ts';
import type { Sill, Streamed } from '../protocol/sill.ts';
import { decodeAudio } from './audio.ts';
import { createFrame, ownFrame } from './frame.ts';
import { createFrameLink } from './frameLink.ts';
import { createEvents, type GuestEvents } from './guestEvents.ts';
import { createInference, type InferencePart } from './inference.ts';
import type { createSill } from './sill.ts';
import { streamed } from './stream.ts';

export interface ConnectOptions extends FrameLook {
  /** Of Sill's embed.html or of the folder that holds it. Absent: beside the folder that this module came from. */
  readonly src?: string | URL;
  /** For requests that name none, and for the chat view. */
  readonly model?: string;
  /** Of each call that has no `AbortSignal.timeout` of its own. Absent: none. */
  readonly timeoutMs?: number;
  /** How long the frame may take to load and answer; 20 s by default. */
  readonly connectTimeoutMs?: number;
  /** Gives up connecting. */
  readonly signal?: AbortSignal;
  /** The frame's name for those who cannot see it. */
  readonly title?: string;
}

/** `model` may be left out: the one that `connect` was given is taken. */
type WithModel<R> = Omit<R, 'model'> & { readonly model?: string };

/**
 * What `globalThis.sill` is in the app, in a page that embeds it: all that asks models. `models.install`, `stop` and `load` need the right `install`; what was
 * not granted rejects with `forbidden`.
 */
export interface GuestSill extends Omit<InferencePart, 'chat' | 'completions' | 'embeddings'> {
  readonly chat: { readonly completions: { readonly create: Streamed<WithModel<ChatRequest>, ChatCompletion, ChatCompletionChunk> } };
  readonly completions: { readonly create: Streamed<WithModel<CompletionRequest>, Completion, Completion> };
  readonly embeddings: {
    create(request: WithModel<EmbeddingRequest>, ...rest: RestOf<Sill['embeddings']['create']>): ReturnType<Sill['embeddings']['create']>;
  };
  /**
   * All of `globalThis.sill`, for a page with the right `manage`. Loaded when it is asked for, from beside this module: `manage.js`.
   * @throws SillError `forbidden` without that right
   */
  manage(): Promise<Sill>;
  /** What this page may do, as the operator or a person said. */
  readonly granted: Grant;
  /** What the frame found: threads, and whose storage it has. */
  readonly report: FrameReport;
  readonly frame: HTMLIFrameElement;
  /** Of the OpenAI API: `new OpenAI({ baseURL: sill.baseURL, fetch: sill.fetch, apiKey: 'none', dangerouslyAllowBrowser: true })`. */
  readonly baseURL: string;
  /** `fetch` for addresses below Sill, answered by the engine through the frame. Nothing goes over the network. */
  // biome-ignore lint/style/noRestrictedGlobals: its type alone
  readonly fetch: typeof fetch;
  readonly state: GuestEvents['state'];
  on<E extends keyof GuestEvents>(event: E, listener: (value: GuestEvents[E]) => void): () => void;
  /** Changes how the frame looks. */
  show(look: FrameLook): void;
  /** Ends what is under way, and takes the frame away if `connect` put it there. */
  destroy(): void;
}
type RestOf<F> = F extends (first: never, ...rest: infer R) => unknown ? R : never;

const CONNECT_TIMEOUT_MS = 20_000;
/** Room for why a page is not let in, of a frame that cannot say any more how high it would be. */
const REASON_PX = 320;
/** One that goes on for as long as somebody listens. */
const ENDLESS = 'watch';
/** Methods that tell how far they are, which `on('progress')` tells too. */
const TELLING: ReadonlySet<string> = new Set(['models.install', 'models.activate', 'updates.apply', 'audio.transcriptions.create', 'run']);

/**
 * Shows Sill's frame in an element, or takes a frame that is there, and resolves when this page is let in.
 * @param element what the frame is put into, or an iframe
 * @throws SillError `forbidden` where this page is no guest | `frame_unreachable` | `insecure_context` | `app_outdated` | `aborted`
 */
export async function connect(element: HTMLElement, options: ConnectOptions = {}): Promise<GuestSill> {
  const { model, timeoutMs, connectTimeoutMs = CONNECT_TIMEOUT_MS, signal, src, title, ...look } = options;
  const wanted: FrameLook = { ...look, ...(model === undefined ? {} : { model }) };
  const given =
    element instanceof HTMLIFrameElement ? ownFrame(element, src) : createFrame(element, { src, title, view: look.view ?? 'none' });
  const { frame, url } = given;
  const events = createEvents();
  let grant: Grant | undefined;
  let report: FrameReport | undefined;
  let ended = false;

  const link = createFrameLink({
    frame,
    origin: url.origin,
    wasThere: given.wasThere,
    withinMs: connectTimeoutMs,
    onMessage(message) {
      if (message.type === 'sill-height') given.setHeight(message.px);
      else if (message.type === 'sill-asking') {
        given.setAsking(true);
        events.emit('state', 'asking');
      } else {
        given.setAsking(false);
        if (message.type === 'sill-refused') {
          events.emit('state', 'refused');
          events.emit('error', new SillError(message.error.code, message.error.message));
          return;
        }
        grant = message.grant;
        report = message.report;
        tellLook();
        events.emit('state', 'ready');
      }
    },
    onLost() {
      if (ended || events.state !== 'ready') return;
      events.emit('state', 'connecting');
      // Without waiting for a call: a frame that is seen has nothing to show before it is greeted.
      failover.call('health', {}).catch(() => undefined);
    },
  });
  let shown = wanted;
  const tellLook = () => {
    const message: GuestMessage = { type: 'sill-look', look: shown };
    link.send(message);
  };

  const failover = createFailoverClient<EngineContract>({ connect: link.connect, ...engineFailover });
  const client: Client<EngineContract> = {
    ...failover,
    async call(name, params, { signal: asked, onItem, ...rest } = {}) {
      const limit = timeoutMs === undefined || name === ENDLESS ? undefined : AbortSignal.timeout(timeoutMs);
      const signals = [asked, limit].filter((each) => each !== undefined);
      try {
        return await failover.call(name, params, {
          ...rest,
          ...(signals.length > 0 ? { signal: AbortSignal.any(signals) } : {}),
          onItem(item) {
            if (TELLING.has(name)) events.emit('progress', { method: name, progress: item });
            return onItem?.(item);
          },
        });
      } catch (reason) {
        throw isTimeout(asked) || limit?.aborted ? timedOut(name, reason) : reason;
      }
    },
  };
  const end = () => {
    if (ended) return;
    ended = true;
    failover.close(new SillError('aborted', 'This connection to Sill was closed by the page.'));
    link.close();
    events.emit('state', 'closed');
  };
  const destroy = () => {
    end();
    given.remove();
  };

  try {
    // Whoever is let in is answered at once; a model is loaded by whoever asks it first.
    await orAborted(failover.call('health', {}), signal);
  } catch (reason) {
    // A frame that is seen says itself what is wrong, and what its reader can do.
    if (shown.view === 'chat' && !signal?.aborted) {
      given.setHeight(REASON_PX);
      end();
    } else destroy();
    throw toSillError(reason);
  }
  if (!grant || !report) throw new SillError('internal', 'The frame answered without a word about what it grants.');
  const granted = grant;
  const found = report;

  const page = { persist: async () => false, decodeAudio };
  const sill = createInference(client, page);
  const baseURL = new URL('v1', url).href;
  /** @throws SillError `invalid_request` where neither the request nor `connect` names a model */
  const named = <R extends { readonly model?: string }>(request: R): R & { readonly model: string } => {
    const asked = request.model ?? model;
    if (asked !== undefined) return { ...request, model: asked };
    throw new SillError('invalid_request', 'Name the model, in the request or in connect(element, { model }).');
  };
  return {
    ...sill,
    chat: {
      completions: {
        create: streamed((request: WithModel<ChatRequest>, call) => client.call('chat.completions.create', named(request), call)),
      },
    },
    completions: {
      create: streamed((request: WithModel<CompletionRequest>, call) => client.call('completions.create', named(request), call)),
    },
    embeddings: { create: async (request, call = {}) => client.call('embeddings.create', named(request), call) },
    async manage() {
      if (!granted.rights.includes('manage'))
        throw new SillError('forbidden', 'This page was not given the right "manage" in sill.policy.json.');
      const management: { readonly createSill: typeof createSill } = await import(
        /* @vite-ignore */ new URL(/* @vite-ignore */ './manage.js', import.meta.url).href
      );
      const none = { read: () => ({}), write: () => undefined };
      return management.createSill(client, {
        ...page,
        preferences: none,
        note: { open: () => ({ models: [], keep: () => undefined }) },
        beginAnew: async () => undefined,
      });
    },
    get granted() {
      return grant ?? granted;
    },
    get report() {
      return report ?? found;
    },
    frame,
    baseURL,
    async fetch(input, init) {
      const request = new Request(input, init);
      const root = new URL('./', url).href;
      if (!request.url.startsWith(root)) {
        throw new SillError(
          'invalid_request',
          `sill.fetch answers below ${root} and nowhere else; ${request.url} is asked by fetch itself.`,
        );
      }
      return fetchThrough(
        (params, call) => client.call('http', params, call),
        await httpRequestOf(request, request.url.slice(root.length)),
        {
          signal: request.signal,
        },
      );
    },
    get state() {
      return events.state;
    },
    on: events.on,
    show(look) {
      shown = { ...shown, ...look };
      given.setView(shown.view ?? 'none');
      tellLook();
    },
    destroy,
  };
}

const isTimeout = (signal: AbortSignal | undefined): boolean =>
  signal?.reason instanceof DOMException && signal.reason.name === 'TimeoutError';

const timedOut = (method: string, cause: unknown): SillError =>
  new SillError('timed_out', `${method} took longer than the limit that this page set for it, and was cancelled.`, {
    cause,
    details: { method },
  });

async function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return Promise.race([
    work,
    new Promise<never>((_, reject) => {
      const onAbort = () => reject(new SillError('aborted', 'The page gave up connecting.', { cause: signal.reason }));
      if (signal.aborted) onAbort();
      else signal.addEventListener('abort', onAbort, { once: true });
    }),
  ]);
}
