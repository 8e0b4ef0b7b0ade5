import type { Ask } from './ask.ts';
import type { Mark } from './marks.ts';
import type { Reply, Whole } from './reply.ts';
import type { Incoming } from './request.ts';

export interface HttpDeps {
  /** Mono, 16 kHz. @throws SillError `audio_undecodable` | `empty_input` */
  readonly decodeAudio: (file: Blob, signal: AbortSignal) => Promise<Float32Array>;
  /** Of Sill. */
  readonly version: string;
}

export interface RouteContext extends HttpDeps {
  readonly ask: Ask;
  readonly reply: Reply;
  readonly signal: AbortSignal;
  /** Of the stream that an engine which is gone has begun: what its reader has. */
  readonly marks: readonly Mark[];
  /** Another engine was asked this and did not live to answer; it may have done it. */
  readonly isAgain: boolean;
}

/** Answers one path: by what it returns, or by the stream that it began. */
export type Route = (incoming: Incoming & { readonly rest: string }, context: RouteContext) => Promise<Whole | undefined>;
