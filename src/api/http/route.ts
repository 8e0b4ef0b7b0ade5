import type { Ask } from './ask.ts';
import type { Reply, Whole } from './reply.ts';
import type { Incoming } from './request.ts';

export interface RouteContext {
  readonly ask: Ask;
  readonly reply: Reply;
  readonly signal: AbortSignal;
}

/** Answers one path: by what it returns, or by the stream that it began. */
export type Route = (incoming: Incoming & { readonly rest: string }, context: RouteContext) => Promise<Whole | undefined>;
