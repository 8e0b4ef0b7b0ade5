import * as v from 'valibot';
import { type ErrorCode, type ErrorDetails, isErrorDetails } from '../core/errors.ts';

// The schemas of what a caller receives are made of few kinds of valibot's: each kind more is carried by every page that embeds Sill.
const id = v.custom<number>((given) => Number.isSafeInteger(given) && Number(given) >= 0);

/**
 * By its shape alone. A newer engine may have codes that this side does not know (a page keeps a copy of an older SDK): were its refusal dropped for that,
 * whoever waits for it would wait for ever.
 */
export const errorCode = v.custom<ErrorCode>((given) => typeof given === 'string');

const ErrorDataSchema = v.object({
  code: errorCode,
  message: v.string(),
  details: v.optional(v.custom<ErrorDetails>(isErrorDetails)),
});

/** What a caller sends. `credits` is how many items it will take before it asks for more (back-pressure). */
export const ToServerSchema = v.variant('kind', [
  v.object({ kind: v.literal('call'), id, method: v.string(), params: v.unknown(), credits: id }),
  v.object({ kind: v.literal('credit'), id, credits: id }),
  v.object({ kind: v.literal('abort'), id }),
]);

/** What a server answers: any number of items, then `done` or `failed`. */
export const ToClientSchema = v.union([
  v.object({ kind: v.literal('item'), id, item: v.unknown() }),
  v.object({ kind: v.literal('done'), id, result: v.unknown() }),
  v.object({ kind: v.literal('failed'), id, error: ErrorDataSchema }),
]);

export type ToServer = v.InferOutput<typeof ToServerSchema>;
export type ToClient = v.InferOutput<typeof ToClientSchema>;

/** The part of MessagePort, Worker and worker scope that a channel uses. */
export interface Endpoint {
  postMessage(message: unknown, transfer: Transferable[]): void;
  addEventListener(type: 'message', listener: (event: MessageEvent<unknown>) => void): void;
  removeEventListener(type: 'message', listener: (event: MessageEvent<unknown>) => void): void;
}
