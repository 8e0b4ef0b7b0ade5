import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SillError } from '../../core/errors.ts';
import type { HttpItem } from '../../protocol/http.ts';
import { json, type Reply, reply, type Whole } from './reply.ts';

/** What a reader sees: the head, then the text of each piece. */
async function answered(work: (reply: Reply) => Promise<Whole | undefined>, times = { silenceMs: 10_000, headWithinMs: 10_000 }) {
  const items: HttpItem[] = [];
  const ended = reply(async (item) => void items.push(item), 'openai', work, { times }).then(
    () => undefined,
    (caught: unknown) => caught,
  );
  // Longer than any work here takes.
  await vi.advanceTimersByTimeAsync(1000);
  const reason = await ended;
  const [head, ...rest] = items;
  return { head, pieces: rest.map((item) => (item.kind === 'body' ? new TextDecoder().decode(item.bytes) : 'a second head')), reason };
}
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const busy = () => new SillError('busy', 'Too many.', { details: { retryAfterSeconds: 2 } });

// What is silent for so long is what these tests say, and not what a busy machine makes of it.
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('an answer over HTTP', () => {
  it('that is whole has its status and its body', async () => {
    const { head, pieces } = await answered(async () => json({ a: 1 }, 201));
    expect(head).toMatchObject({ kind: 'head', status: 201 });
    expect(pieces).toEqual(['{"a":1}']);
  });

  it('that is whole sends its head ahead once it is accepted and takes its time, so that whoever goes away is missed', async () => {
    const times = { silenceMs: 20, headWithinMs: 10_000 };
    const slowly = async (answer: Reply, mediaType: string, body: string) => {
      answer.whole(mediaType).accepted();
      await pause(70);
      return { headers: { 'content-type': mediaType }, body };
    };
    const asJson = await answered((answer) => slowly(answer, 'application/json', '{"a":1}'), times);
    expect(asJson.head).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' } });
    expect(asJson.pieces.length).toBeGreaterThan(1);
    expect(JSON.parse(asJson.pieces.join(''))).toEqual({ a: 1 });
    // A space before it would be the end of a WebVTT.
    const captions = await answered((answer) => slowly(answer, 'text/vtt', 'WEBVTT'), times);
    expect(captions).toMatchObject({ head: { headers: { 'content-type': 'text/vtt' } }, pieces: ['WEBVTT'] });
    const late = await answered(async (answer) => {
      answer.whole().accepted();
      await pause(70);
      throw busy();
    }, times);
    expect(late.reason).toMatchObject({ code: 'busy' });
    // Before it is accepted it is refused with a status, however long that takes.
    const refused = await answered(async (answer) => {
      answer.whole();
      await pause(70);
      throw busy();
    }, times);
    expect(refused).toMatchObject({ head: { status: 429 }, reason: undefined });
  });

  it('that is refused before its first event has a status of its own, as a stream too', async () => {
    const { head, pieces } = await answered(async (answer) => {
      answer.stream('text/event-stream');
      throw busy();
    });
    expect(head).toMatchObject({ status: 429, headers: { 'retry-after': '2', 'content-type': 'application/json' } });
    expect(pieces).toHaveLength(1);
  });

  it('that fails after its first event ends with one that tells', async () => {
    const { head, pieces, reason } = await answered(async (answer) => {
      const stream = answer.stream('text/event-stream');
      await stream.send('data: 1\n\n', {});
      throw new SillError('device_lost', 'The GPU was reset.');
    });
    expect(head).toMatchObject({ status: 200, headers: { 'content-type': 'text/event-stream' } });
    expect(pieces[0]).toBe('data: 1\n\n');
    expect(pieces[1]).toMatch(/^event: error\ndata: .*device_lost/);
    expect(reason).toBeUndefined();
  });

  it('that is begun ahead of its first event has one head, and what fails then ends it with words', async () => {
    const { head, pieces } = await answered(async (answer) => {
      const stream = answer.stream('text/event-stream');
      stream.begin();
      stream.begin();
      await stream.send('data: 1\n\n', {});
      throw busy();
    });
    expect(head).toMatchObject({ kind: 'head', status: 200, headers: { 'content-type': 'text/event-stream' } });
    expect(pieces).toEqual(['data: 1\n\n', expect.stringMatching(/^event: error\ndata: .*busy/)]);
  });

  it('keeps its order when several events are sent without waiting', async () => {
    const { pieces } = await answered(async (answer) => {
      const stream = answer.stream('application/x-ndjson');
      await Promise.all([1, 2, 3].map((each) => stream.send(`${each}\n`, {})));
      return undefined;
    });
    expect(pieces).toEqual(['1\n', '2\n', '3\n']);
  });

  it.each([
    ['text/event-stream', ': \n\n'],
    ['application/x-ndjson', ' '],
  ])('of type %s is kept talking while nothing happens, by what its readers pass over', async (type, filler) => {
    const { head, pieces } = await answered(
      async (answer) => {
        const stream = answer.stream(type);
        await pause(60);
        await stream.send('{}\n', {});
        return undefined;
      },
      { silenceMs: 10, headWithinMs: 10_000 },
    );
    expect(head).toMatchObject({ status: 200 });
    expect(pieces).toEqual([...Array.from({ length: 5 }, () => filler), '{}\n']);
  });

  it('that is whole and takes very long begins with white space, and is JSON all the same', async () => {
    const slow = async () => {
      await pause(60);
      return json({ a: 1 });
    };
    const { head, pieces } = await answered(slow, { silenceMs: 10, headWithinMs: 10 });
    expect(head).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' } });
    expect(pieces.slice(0, -1)).toEqual(Array.from({ length: 5 }, () => ' '));
    expect(JSON.parse(pieces.join(''))).toEqual({ a: 1 });
  });

  it('that fails so late is broken off: its status was told already', async () => {
    const late = async () => {
      await pause(40);
      throw busy();
    };
    const { reason } = await answered(late, { silenceMs: 10, headWithinMs: 10 });
    expect(reason).toMatchObject({ code: 'busy' });
  });
});
