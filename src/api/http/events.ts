import { EVENT_STREAM, NDJSON } from '../../protocol/httpErrors.ts';
import type { Reply } from './reply.ts';

export { EVENT_STREAM, NDJSON };

/** Server-sent events with one JSON text each (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export function eventStream(reply: Reply) {
  const stream = reply.stream(EVENT_STREAM);
  return {
    begin: stream.begin,
    /** @param name of the event; OpenAI's older endpoints give none */
    send: (data: unknown, name?: string): Promise<void> =>
      stream.send(`${name === undefined ? '' : `event: ${name}\n`}data: ${JSON.stringify(data)}\n\n`),
    done: (): Promise<void> => stream.send('data: [DONE]\n\n'),
  };
}

/** One JSON text a line. */
export function lines(reply: Reply) {
  const stream = reply.stream(NDJSON);
  return { begin: stream.begin, send: (data: unknown): Promise<void> => stream.send(`${JSON.stringify(data)}\n`) };
}
