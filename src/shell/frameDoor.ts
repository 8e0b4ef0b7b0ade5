import * as v from 'valibot';
import { SillError } from '../core/errors.ts';
import { isOrigin } from '../core/origin.ts';
import { EMBEDDING_VERSIONS, type FrameMessage, ToFrameSchema } from '../protocol/embedding.ts';

/** A page that greeted this frame, by the origin that the browser names. */
export interface Greeted {
  readonly origin: string;
  readonly port: MessagePort;
}

export interface FrameDoorOptions {
  /** A new channel; the one before is of no more use. */
  readonly onGreeted: (guest: Greeted) => void;
}

/**
 * The frame's half of the handshake. It listens to its parent and nobody else: another frame of the page, an opener, or a frame inside may send what it
 * likes. Each greeting is good for one answer, so that one which was recorded opens nothing.
 */
export function openFrameDoor({ onGreeted }: FrameDoorOptions): void {
  let greeting = '';
  const ready = () => {
    // One that is still open is told again: whoever answers the first must not come too late.
    if (greeting === '') greeting = crypto.randomUUID();
    // To whoever embeds this: it holds nothing but the name of this greeting.
    window.parent.postMessage({ type: 'sill-ready', versions: [...EMBEDDING_VERSIONS], greeting }, '*');
  };
  const refuse = (port: MessagePort, error: SillError) => {
    const message: FrameMessage = { type: 'sill-refused', error: { code: error.code, message: error.message } };
    port.postMessage(message);
    port.close();
  };

  window.addEventListener('message', ({ data, origin, source, ports: [port] }: MessageEvent<unknown>) => {
    if (source !== window.parent) return;
    const parsed = v.safeParse(ToFrameSchema, data);
    if (!parsed.success) return;
    if (parsed.output.type === 'sill-knock') return ready();
    if (!port) return;
    const { version } = parsed.output;
    if (parsed.output.greeting !== greeting) return refuse(port, staleGreeting());
    greeting = '';
    if (!EMBEDDING_VERSIONS.some((each) => each === version)) return refuse(port, unknownVersion(version));
    if (!isOrigin(origin)) return refuse(port, opaqueOrigin());
    onGreeted({ origin, port });
  });
  ready();
}

const staleGreeting = (): SillError =>
  new SillError('forbidden', 'This answers a greeting that was used or never given. Greet the frame anew: connect() does it by itself.');

const unknownVersion = (version: number): SillError =>
  new SillError(
    'app_outdated',
    `The page speaks version ${version} of the protocol, the frame ${EMBEDDING_VERSIONS.join(', ')}. Take the SDK from the server that the frame comes from.`,
  );

const opaqueOrigin = (): SillError =>
  new SillError(
    'forbidden',
    'The page that embeds this frame has no origin: it is sandboxed, or was opened from a file. Serve it, or add allow-same-origin to its sandbox.',
  );
