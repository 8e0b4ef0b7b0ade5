import * as v from 'valibot';
import type { ErrorData } from '../core/errors.ts';
import type { Grant } from '../core/guests.ts';
import type { FrameLook } from '../core/theme.ts';
import { errorCode } from './envelope.ts';

/**
 * How a page of another origin and the frame that it shows come to a channel:
 *
 * 1. The frame tells its parent that it is ready: which versions it speaks, and a name that it drew for this one greeting.
 * 2. The parent answers with that name, the version that both speak, and one end of a channel. The frame takes it from its parent
 *    alone, once, and knows the parent's origin from the browser.
 * 3. Over the channel the frame says whether that origin is let in, perhaps after a person was asked. From then on the engine's contract is
 *    spoken there.
 *
 * Window messages carry nothing of anybody before that, so that the first may go to whoever listens.
 */

/** Newest last. A frame speaks all of these, so that a page with an older SDK goes on working. */
export const EMBEDDING_VERSIONS = [1] as const;

/** What a frame is allowed by its parent: threads and a graphics processor where it has them, dictation into the chat view. */
export const FRAME_ALLOW = 'cross-origin-isolated; microphone; storage-access; clipboard-write';

// Told by shape alone: what is in it is compared with what is known, and each check more is carried by every page that embeds Sill.
const versions = v.custom<number[]>((given) => Array.isArray(given) && given.every((each) => typeof each === 'number'));
const greeting = v.string();

/** From the frame to its parent. */
const ReadySchema = v.object({ type: v.literal('sill-ready'), versions, greeting });
export type Ready = v.InferOutput<typeof ReadySchema>;
/** From the parent to a frame that was there before it listened: asks it to say again that it is ready. */
const KnockSchema = v.object({ type: v.literal('sill-knock') });
/** From the parent to the frame, with one end of a channel. */
const HelloSchema = v.object({ type: v.literal('sill-hello'), version: v.number(), greeting });
export const ToFrameSchema = v.variant('type', [KnockSchema, HelloSchema]);

/** What a frame finds of its surroundings, told to the page that embeds it. */
export interface FrameReport {
  /** Threads are to be had. */
  readonly isolated: boolean;
  /**
   * `own`: shared with the app itself. `partitioned`: the site around has a store of its own here, into which models have to come once more. `denied`: the
   * browser lets frames of other sites store nothing.
   */
  readonly storage: 'own' | 'partitioned' | 'denied' | 'unknown';
}

const report = v.custom<FrameReport>((given) => typeof given === 'object' && given !== null && 'isolated' in given && 'storage' in given);
const error = v.object({ code: errorCode, message: v.string() });
const grant = v.custom<Grant>((given) => typeof given === 'object' && given !== null && 'rights' in given && Array.isArray(given.rights));

/** From the frame over the channel, before and beside the contract. */
const FrameMessageSchema = v.union([
  /** A person is being asked, in the frame, which has to be seen for that. */
  v.object({ type: v.literal('sill-asking') }),
  v.object({ type: v.literal('sill-welcome'), grant, report }),
  /** Not let in, or let out for what it did: the channel is closed behind it. */
  v.object({ type: v.literal('sill-refused'), error }),
  /** How high what the frame shows would like to be, in CSS pixels. */
  v.object({ type: v.literal('sill-height'), px: v.custom<number>((given) => Number.isFinite(given)) }),
]);
export type FrameMessage =
  | { readonly type: 'sill-asking' }
  | { readonly type: 'sill-welcome'; readonly grant: Grant; readonly report: FrameReport }
  | { readonly type: 'sill-refused'; readonly error: ErrorData }
  | { readonly type: 'sill-height'; readonly px: number };

const parse = <S extends v.GenericSchema>(schema: S, data: unknown): v.InferOutput<S> | undefined => {
  const parsed = v.safeParse(schema, data);
  return parsed.success ? parsed.output : undefined;
};
/** `undefined` for any other message. */
export const parseReady = (data: unknown): Ready | undefined => parse(ReadySchema, data);
export const parseFrameMessage = (data: unknown): FrameMessage | undefined => parse(FrameMessageSchema, data);

/** From the parent over the channel, beside the contract: how the frame is to look. What is in it is checked by the frame. */
export type GuestMessage = { readonly type: 'sill-look'; readonly look: FrameLook };
