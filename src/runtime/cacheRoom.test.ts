import { expect, it } from 'vitest';
import { createCacheRoom, type WantedRoom } from './cacheRoom.ts';

const never = new AbortController().signal;
/** Of a model with 1,000 bytes a token: 256,000 each. */
const wanted = (answers: number, change: Partial<WantedRoom> = {}): WantedRoom => ({
  ...{ answers, tokens: 100, tokenBytes: 1000, contextLength: 2048, ofBytes: 1_024_000 },
  ...change,
});
const settled = () => new Promise((resolve) => setTimeout(resolve));

it('answers that could never lie beside each other are refused, with both figures', async () => {
  const room = createCacheRoom();
  await expect(room.take(wanted(5), never)).rejects.toMatchObject({
    code: 'invalid_request',
    details: { param: 'n', bytes: 1_280_000, roomBytes: 1_024_000 },
  });
  // As much as caches that double come to, and no more than the context.
  await expect(room.take(wanted(2, { tokens: 300 }), never)).rejects.toMatchObject({ details: { bytes: 1_200_000 } });
  await expect(room.take(wanted(2, { tokens: 300, contextLength: 512 }), never)).resolves.toBeTypeOf('function');
});

it('requests for several answers wait for each other where memory is not enough for all, in their order', async () => {
  const room = createCacheRoom();
  const told: string[] = [];
  const take = async (name: string, answers: number, signal = never) => {
    const giveBack = await room.take(wanted(answers), signal);
    told.push(name);
    return giveBack;
  };
  const first = await take('first', 3);
  const abort = new AbortController();
  const given = take('given up', 4, abort.signal);
  const second = take('second', 3);
  const third = take('third', 1);
  await settled();
  expect(told).toEqual(['first']);
  abort.abort(new Error('stopped'));
  await expect(given).rejects.toThrow('stopped');
  first();
  await second;
  await third;
  expect(told).toEqual(['first', 'second', 'third']);
});
