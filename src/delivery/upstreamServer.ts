import { createParser } from 'eventsource-parser';
import * as v from 'valibot';
import { SillError } from '../core/errors.ts';
import type { Fetcher } from '../ports/delivery.ts';
import type { UpstreamServer } from '../ports/upstream.ts';
import { type Incoming, openIncoming } from './incoming.ts';
import { TransferFailure } from './transferFailure.ts';

/** Far more than one event of an answer is. */
const EVENT_CAP = 1024 * 1024;
/** Far more than an answer is, in bytes. */
const ANSWER_CAP_BYTES = 64 * 1024 * 1024;
const REFUSAL_CAP_BYTES = 64 * 1024;
/** What is wrong with the request would be wrong with it everywhere. */
const REFUSALS = new Set([400, 413, 422]);
/** What ends a stream of OpenAI's. */
const DONE = '[DONE]';

const FailureSchema = v.object({ error: v.union([v.string(), v.object({ message: v.string() })]) });

export interface UpstreamServerOptions {
  readonly fetcher: Fetcher;
  /** To which addresses are relative. */
  readonly appUrl: string;
}

/** Asks servers that speak OpenAI's API, and reads their streams (WHATWG server-sent events). */
export const createUpstreamServer = ({ fetcher, appUrl }: UpstreamServerOptions): UpstreamServer => ({
  async *ask({ url, path, body, credentials, silenceMs }, signal) {
    const href = new URL(`${url}${path}`, appUrl).href;
    const init: RequestInit = {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: 'text/event-stream' },
      body: JSON.stringify(body),
      credentials: credentials ? 'include' : 'omit',
      cache: 'no-store',
      // Who is asked stands in the policy; a server does not send the request on to somebody else.
      redirect: 'error',
    };
    let incoming: Incoming | undefined;
    try {
      incoming = await openIncoming(fetcher, href, init, { stallMs: silenceMs, signal });
      await assertStream(incoming, href);
      yield* eventsOf(incoming, href);
      incoming.finish();
    } catch (reason) {
      signal.throwIfAborted();
      if (!(reason instanceof TransferFailure)) throw reason;
      throw new SillError('network_unavailable', `${href} cannot be reached, or fell silent.`, { details: { url: href }, cause: reason });
    } finally {
      incoming?.close();
    }
  },
});

async function* eventsOf(incoming: Incoming, href: string): AsyncGenerator<unknown> {
  const decoder = new TextDecoder();
  let arrived: string[] = [];
  let tooLong = false;
  const parser = createParser({
    onEvent: ({ data }) => void arrived.push(data),
    onError: ({ type }) => {
      tooLong ||= type === 'max-buffer-size-exceeded';
    },
    maxBufferSize: EVENT_CAP,
  });
  let bytes = 0;
  for (let chunk = await incoming.read(); chunk; chunk = await incoming.read()) {
    bytes += chunk.byteLength;
    parser.feed(decoder.decode(chunk, { stream: true }));
    if (tooLong || bytes > ANSWER_CAP_BYTES) throw failed(href, 'it sends without an end');
    const events = arrived;
    arrived = [];
    for (const data of events) {
      if (data === DONE) return;
      const event = parsed(data, href);
      const failure = v.safeParse(FailureSchema, event);
      if (failure.success) throw failed(href, wordsOf(failure.output));
      yield event;
    }
  }
}

function parsed(data: string, href: string): unknown {
  try {
    return JSON.parse(data);
  } catch (cause) {
    throw failed(href, 'it sent an event that is no JSON', {}, cause);
  }
}

async function assertStream({ response, read }: Incoming, href: string): Promise<void> {
  if (response.ok && response.headers.get('Content-Type')?.startsWith('text/event-stream')) return;
  if (response.ok) throw failed(href, 'it answers with something else than a stream of events');
  const { status } = response;
  const decoder = new TextDecoder();
  let text = '';
  for (let chunk = await read(); chunk && text.length < REFUSAL_CAP_BYTES; chunk = await read())
    text += decoder.decode(chunk, { stream: true });
  const why = refusalOf(text);
  if (REFUSALS.has(status))
    throw new SillError('invalid_request', `${href} refused the request: ${why || status}.`, { details: { url: href, status } });
  throw failed(href, `it answered ${status}${why ? ` (${why})` : ''}`, { status });
}

function refusalOf(text: string): string {
  try {
    return wordsOf(v.parse(FailureSchema, JSON.parse(text))).slice(0, 500);
  } catch {
    // A page of a proxy, or nothing: the status says enough.
    return '';
  }
}

const wordsOf = ({ error }: v.InferOutput<typeof FailureSchema>): string => (typeof error === 'string' ? error : error.message);

const failed = (href: string, why: string, details: Readonly<Record<string, number>> = {}, cause?: unknown): SillError =>
  new SillError('upstream_failed', `The server at ${href} failed: ${why}.`, { details: { url: href, ...details }, cause });
