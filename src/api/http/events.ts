import { EVENT_STREAM, NDJSON } from '../../protocol/httpErrors.ts';
import type { Reply, Stream } from './reply.ts';

export { EVENT_STREAM, NDJSON };

/**
 * A server-sent event with one JSON text (https://html.spec.whatwg.org/multipage/server-sent-events.html).
 * @param name OpenAI's older endpoints give none
 */
export const event = (data: unknown, name?: string): string =>
  `${name === undefined ? '' : `event: ${name}\n`}data: ${JSON.stringify(data)}\n\n`;

/** The last of OpenAI's. */
export const DONE = 'data: [DONE]\n\n';

export const eventStream = (reply: Reply): Stream => reply.stream(EVENT_STREAM);

/** One JSON text in a line of its own. */
export const line = (data: unknown): string => `${JSON.stringify(data)}\n`;

export const lines = (reply: Reply): Stream => reply.stream(NDJSON);
