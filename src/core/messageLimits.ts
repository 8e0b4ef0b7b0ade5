import * as v from 'valibot';
import type { ErrorCode, ErrorDetails } from './errors.ts';

/** What a channel to a page of another origin lets through. */
export interface MessageLimits {
  readonly messageBytes: number;
  /** Objects, list items and fields of one message: a small message of a million empty objects takes longer to read than a large text. */
  readonly values: number;
  readonly callsUnderWay: number;
  readonly messagesPerSecond: number;
  /** That many may come at once. */
  readonly burst: number;
  /** As how many a message counts that is about no call under way. Some come late; who sends nothing else is known even where a slow frame reads few a second. */
  readonly strayCost: number;
  /** Messages that are none of the protocol's before the sender is put out. */
  readonly malformed: number;
}

export type Measure = { readonly sizeBytes: number; readonly values: number } | 'too large';

/** About how much a message is to read; stops as soon as it is too much. */
export function measure(message: unknown, { messageBytes, values: maxValues }: Pick<MessageLimits, 'messageBytes' | 'values'>): Measure {
  const pending: unknown[] = [message];
  let sizeBytes = 0;
  let values = 0;
  while (pending.length > 0) {
    const value = pending.pop();
    values += 1;
    if (typeof value === 'string') sizeBytes += value.length * 2;
    else if (typeof value === 'object' && value !== null) {
      const length = sizeOfBinary(value);
      if (length === undefined) {
        const inside: unknown[] = value instanceof Map || value instanceof Set ? [...value].flat() : Object.values(value);
        for (const name of Array.isArray(value) ? [] : Object.keys(value)) sizeBytes += name.length * 2;
        if (values + pending.length + inside.length > maxValues) return 'too large';
        for (const each of inside) pending.push(each);
      } else sizeBytes += length;
    } else sizeBytes += 8;
    if (sizeBytes > messageBytes) return 'too large';
  }
  return { sizeBytes, values };
}

/**
 * Of buffers and views of them. A Blob is a name for bytes that stay where they are: whoever reads it bounds it. Told by the tag, which a plain object
 * cannot bring along: symbols do not cross.
 */
function sizeOfBinary(value: object): number | undefined {
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return value.byteLength;
  return ['[object Blob]', '[object File]'].includes(Object.prototype.toString.call(value)) ? 0 : undefined;
}

export type Verdict =
  | { readonly kind: 'pass'; readonly message: unknown }
  | { readonly kind: 'drop' }
  /** This call fails; others go on. */
  | { readonly kind: 'refuse'; readonly id: number; readonly code: ErrorCode; readonly message: string; readonly details: ErrorDetails }
  /** Whoever sends this is put out. */
  | { readonly kind: 'breach'; readonly message: string };

const id = v.pipe(v.number(), v.integer(), v.minValue(0));
const CallSchema = v.object({ kind: v.literal('call'), id, method: v.pipe(v.string(), v.maxLength(100)), credits: id });
const SignSchema = v.union([
  v.object({ kind: v.literal('credit'), id, credits: v.pipe(v.number(), v.integer(), v.minValue(1)) }),
  v.object({ kind: v.literal('abort'), id }),
]);
/** How the frame is to look: what is in it is checked by whoever reads it. */
const LookSchema = v.object({ type: v.literal('sill-look') });
const EndSchema = v.object({ kind: v.picklist(['done', 'failed']), id });

const FLOODED: Verdict = { kind: 'breach', message: 'This page sent more messages than any use of Sill needs, and was put out.' };

/** More than the SDK ever asks for: a reader that claims to have room for everything must not be given everything. */
const MOST_CREDITS = 256;

/** Counts what goes over one channel. */
export interface Meter {
  admit(message: unknown, nowMs: number, size: Measure): Verdict;
  /** To be told of each message in the other direction: calls end with them. */
  sent(message: unknown): void;
}

export function createMeter(limits: MessageLimits): Meter {
  /** Items that the reader may still be sent, by call. */
  const open = new Set<number>();
  let left = limits.burst;
  let leftAtMs: number | undefined;
  let malformed = 0;

  const isTooFast = (nowMs: number, cost = 1): boolean => {
    left = Math.min(limits.burst, left + (Math.max(0, nowMs - (leftAtMs ?? nowMs)) * limits.messagesPerSecond) / 1000);
    leftAtMs = nowMs;
    left -= cost;
    return left < 0;
  };

  return {
    admit(message, nowMs, size) {
      if (isTooFast(nowMs)) return FLOODED;
      const call = v.safeParse(CallSchema, message);
      if (call.success) {
        const { id: callId, credits } = call.output;
        if (open.has(callId)) return { kind: 'breach', message: 'This page gave two calls the same number, and was put out.' };
        if (size === 'too large') {
          return {
            kind: 'refuse',
            id: callId,
            code: 'invalid_request',
            message: `The request is larger than the frame takes: ${Math.floor(limits.messageBytes / 2 ** 20)} MiB and ${limits.values} values. Send less at once.`,
            details: { status: 413 },
          };
        }
        if (open.size >= limits.callsUnderWay) {
          return {
            kind: 'refuse',
            id: callId,
            code: 'busy',
            message: `This page has ${open.size} requests under way, and more are not taken at once. Wait for one of them.`,
            details: { underWay: open.size },
          };
        }
        open.add(callId);
        return { kind: 'pass', message: typeof message === 'object' ? { ...message, credits: Math.min(credits, MOST_CREDITS) } : message };
      }
      const sign = v.safeParse(SignSchema, message);
      if (sign.success) {
        if (!open.has(sign.output.id)) return isTooFast(nowMs, limits.strayCost - 1) ? FLOODED : { kind: 'drop' };
        return {
          kind: 'pass',
          message: 'credits' in sign.output ? { ...sign.output, credits: Math.min(sign.output.credits, MOST_CREDITS) } : sign.output,
        };
      }
      if (v.is(LookSchema, message)) return size === 'too large' ? { kind: 'drop' } : { kind: 'pass', message };
      malformed += 1;
      if (malformed <= limits.malformed) return { kind: 'drop' };
      return { kind: 'breach', message: 'This page sent messages that Sill does not know, again and again, and was put out.' };
    },
    sent(message) {
      const end = v.safeParse(EndSchema, message);
      if (end.success) open.delete(end.output.id);
    },
  };
}
