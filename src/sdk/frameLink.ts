import { SillError } from '../core/errors.ts';
import { createClient } from '../protocol/client.ts';
import { EMBEDDING_VERSIONS, type FrameMessage, parseFrameMessage, parseReady, type Ready } from '../protocol/embedding.ts';
import type { EngineContract } from '../protocol/engine.ts';
import type { Connected } from '../protocol/failover.ts';

export interface FrameLinkOptions {
  readonly frame: HTMLIFrameElement;
  /** Where the frame comes from: no other is listened to, and nothing is sent to another. */
  readonly origin: string;
  /** The frame was here before: it said that it is ready when nobody listened. */
  readonly wasThere: boolean;
  /** How long a frame may take to load and to answer. What a person is asked takes as long as it takes. */
  readonly withinMs: number;
  readonly onMessage: (message: FrameMessage) => void;
  readonly onLost: () => void;
}

export interface FrameLink {
  /** The next channel to the frame, once it is ready and lets this page in. @throws SillError why it does not */
  connect(): Promise<Connected<EngineContract>>;
  /** Told to the frame beside the contract. */
  send(message: unknown): void;
  close(): void;
}

/** This page's half of the handshake, as often as the frame is loaded anew. */
export function createFrameLink({ frame, origin, wasThere, withinMs, onMessage, onLost }: FrameLinkOptions): FrameLink {
  const over = new AbortController();
  const { signal } = over;
  let ready: Ready | undefined;
  let lastGreeting = '';
  let wake: () => void = () => undefined;
  let current: { readonly port: MessagePort; lose(): void } | undefined;
  /** Of a frame that a browser gave no origin. */
  let isOpaque = false;
  /** Why this page is not let in: holds until the frame greets anew. */
  let refusal: SillError | undefined;

  const knock = () => frame.contentWindow?.postMessage({ type: 'sill-knock' }, origin);
  const onWindowMessage = ({ source, origin: from, data }: MessageEvent<unknown>) => {
    if (source === null || source !== frame.contentWindow) return;
    isOpaque = from === 'null';
    if (from !== origin) return;
    const told = parseReady(data);
    if (!told || told.greeting === lastGreeting) return;
    ready = told;
    refusal = undefined;
    // Whoever greets again was loaded anew: what it was before is gone.
    current?.lose();
    wake();
  };
  window.addEventListener('message', onWindowMessage, { signal });
  if (wasThere) {
    knock();
    frame.addEventListener('load', knock, { signal });
  }

  const untilReady = (): Promise<Ready> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(unreachable(frame, isOpaque, withinMs)), withinMs);
      wake = () => {
        if (!ready) return;
        clearTimeout(timer);
        resolve(ready);
      };
      signal.addEventListener('abort', () => {
        clearTimeout(timer);
        reject(signal.reason);
      });
      wake();
    });

  const connect = async (): Promise<Connected<EngineContract>> => {
    signal.throwIfAborted();
    if (refusal) throw refusal;
    assertUsable(frame);
    const { versions, greeting } = await untilReady();
    ready = undefined;
    lastGreeting = greeting;
    const version = EMBEDDING_VERSIONS.findLast((each) => versions.includes(each));
    if (version === undefined) throw noCommonVersion(versions);
    const { port1: port, port2 } = new MessageChannel();
    const gone = new AbortController();
    const client = createClient<EngineContract>(port);
    const lose = (reason = lost()) => {
      if (gone.signal.aborted) return;
      current = undefined;
      gone.abort(reason);
      client.close(reason);
      port.close();
    };
    const welcomed = new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(unreachable(frame, false, withinMs)), withinMs);
      gone.signal.addEventListener('abort', () => reject(gone.signal.reason));
      port.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
        const message = parseFrameMessage(data);
        if (!message) return;
        if (message.type !== 'sill-height') clearTimeout(timer);
        onMessage(message);
        if (message.type === 'sill-welcome') resolve();
        // Put out, or not let in: a channel of this greeting carries nothing any more.
        if (message.type === 'sill-refused') {
          refusal = new SillError(message.error.code, message.error.message);
          lose(refusal);
        }
      });
    });
    // A browser tells of it, or not: a frame that was loaded anew greets again in any case.
    port.addEventListener('close', () => lose());
    gone.signal.addEventListener('abort', onLost);
    port.start();
    current = { port, lose };
    frame.contentWindow?.postMessage({ type: 'sill-hello', version, greeting }, origin, [port2]);
    await welcomed;
    return { client, gone: gone.signal };
  };

  return {
    connect,
    send: (message) => current?.port.postMessage(message),
    close() {
      over.abort(new SillError('aborted', 'This connection to Sill was closed by the page.'));
      current?.lose();
    },
  };
}

/** Told before a minute is spent waiting for a frame that can never answer. */
function assertUsable(frame: HTMLIFrameElement): void {
  if (!window.isSecureContext) {
    throw new SillError(
      'insecure_context',
      'This page came over plain http, and a browser then gives no frame in it what Sill needs. Serve the page over https, or open Sill in a window of its own.',
      { details: { url: frame.src } },
    );
  }
  const { sandbox } = frame;
  const missing = frame.hasAttribute('sandbox') ? ['allow-scripts', 'allow-same-origin'].filter((each) => !sandbox.contains(each)) : [];
  if (missing.length > 0) {
    throw new SillError(
      'forbidden',
      `The frame is sandboxed without ${missing.join(' and ')}: it can neither run nor store anything. Add that, or leave the sandbox out.`,
      { details: { missing } },
    );
  }
  if (!frame.isConnected) throw new SillError('invalid_request', 'The frame is not in the page: a browser loads it only there.');
}

const lost = (): SillError => new SillError('worker_lost', 'The frame was loaded anew or is gone.');

const unreachable = (frame: HTMLIFrameElement, isOpaque: boolean, withinMs: number): SillError =>
  new SillError(
    'frame_unreachable',
    isOpaque
      ? `The frame at ${frame.src} runs without an origin: something sandboxes it. It needs allow-same-origin.`
      : `No answer came from ${frame.src} within ${withinMs / 1000} s. Is it the embed.html of Sill? Does sill.policy.json there name ${location.origin} under "guests"? The browser's console says which.`,
    { details: { url: frame.src, origin: location.origin } },
  );

const noCommonVersion = (versions: readonly number[]): SillError =>
  new SillError(
    'app_outdated',
    `This SDK speaks version ${EMBEDDING_VERSIONS.join(', ')} of the protocol, the frame ${versions.join(', ')}. Take the SDK from the server that the frame comes from.`,
  );
