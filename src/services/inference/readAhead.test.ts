import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SillError } from '../../core/errors.ts';
import { parseModelId } from '../../core/ids.ts';
import type { ReadAheadRequest } from '../../ports/generation.ts';
import type { LoadedModel } from '../../ports/runtime.ts';
import { createMetrics } from './metrics.ts';
import { createReadAhead } from './readAhead.ts';

const id = parseModelId('tiny');
const conversation = (content: string): ReadAheadRequest => ({ messages: [{ role: 'user', content }], answer: 'Yes.' });
const PAUSE_MS = 250;

/** A model that reads pieces as it is told to, and what it was asked to read. */
function scriptedReader() {
  const asked: string[] = [];
  let piece: (tokens: number) => void = () => undefined;
  let end: (reason?: Error) => void = () => undefined;
  const readAhead: LoadedModel['readAhead'] = (request, { signal, onRead }) => {
    asked.push(request.messages[0]?.content ?? '');
    piece = (tokens) => onRead?.(tokens);
    return new Promise((resolve, reject) => {
      end = (reason) => (reason ? reject(reason) : resolve());
      signal?.addEventListener('abort', () => reject(new SillError('aborted', 'Stopped.')));
    });
  };
  return { session: { model: { readAhead } }, asked, piece: (tokens: number) => piece(tokens), end: (reason?: Error) => end(reason) };
}

function setup() {
  const metrics = createMetrics();
  const state = { idle: true, low: false, room: true };
  const reading = createReadAhead({
    isIdle: () => state.idle,
    isLowOnPower: () => state.low,
    hasRoom: async () => state.room,
    metrics,
  });
  const counted = () => {
    const samples = metrics.families().filter(({ name }) => name.startsWith('sill:read_ahead'));
    return Object.fromEntries(
      samples.flatMap(({ name, samples }) => samples.map(({ labels, value }) => [`${name} ${labels?.outcome ?? ''}`.trim(), value])),
    );
  };
  return { ...scriptedReader(), reading, state, counted };
}

const pause = (ms = PAUSE_MS) => vi.advanceTimersByTimeAsync(ms);

describe('a conversation that was answered', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is read when nobody asked for anything for a while, and counted', async () => {
    const { reading, session, asked, piece, end, counted } = setup();
    reading.offer(id, session, conversation('France?'));
    reading.look();
    await pause(PAUSE_MS - 1);
    expect(asked).toEqual([]);
    await pause(1);
    expect(asked).toEqual(['France?']);
    piece(18);
    piece(13);
    end();
    await pause();
    expect(counted()).toEqual({ 'sill:read_ahead_tokens_total': 31, 'sill:read_ahead_total finished': 1 });
    reading.look();
    await pause();
    expect(asked).toEqual(['France?']);
  });

  it('is left at once when a request comes, and read on behind it', async () => {
    const { reading, session, asked, counted } = setup();
    reading.offer(id, session, conversation('France?'));
    reading.look();
    await pause();
    reading.stop();
    await pause(10 * PAUSE_MS);
    expect(asked).toEqual(['France?']);
    expect(counted()).toEqual({ 'sill:read_ahead_total interrupted': 1 });
    reading.look();
    await pause();
    expect(asked).toEqual(['France?', 'France?']);
  });

  it('gives way to the one that was answered after it', async () => {
    const { reading, session, asked } = setup();
    reading.offer(id, session, conversation('France?'));
    reading.look();
    await pause();
    reading.stop();
    reading.offer(id, session, conversation('Italy?'));
    reading.look();
    await pause();
    expect(asked).toEqual(['France?', 'Italy?']);
  });

  it('is not read while another request is under way, or comes within the pause', async () => {
    const { reading, session, asked, state } = setup();
    state.idle = false;
    reading.offer(id, session, conversation('France?'));
    reading.look();
    await pause();
    expect(asked).toEqual([]);
    state.idle = true;
    reading.look();
    reading.stop();
    await pause();
    expect(asked).toEqual([]);
  });

  it('is not read where memory is full or a battery nearly empty, and left when it becomes so', async () => {
    const { reading, session, asked, state, piece, counted } = setup();
    for (const spared of [{ room: false }, { room: true, low: true }]) {
      Object.assign(state, spared);
      reading.offer(id, session, conversation('France?'));
      reading.look();
      await pause();
    }
    expect(asked).toEqual([]);
    state.low = false;
    reading.offer(id, session, conversation('France?'));
    reading.look();
    await pause();
    state.low = true;
    piece(18);
    await pause();
    expect(counted()).toEqual({ 'sill:read_ahead_tokens_total': 18, 'sill:read_ahead_total interrupted': 1 });
  });

  it('is forgotten when its model is gone', async () => {
    const { reading, session, asked, end } = setup();
    reading.offer(id, session, conversation('France?'));
    reading.look();
    await pause();
    end(new SillError('worker_lost', 'The model was unloaded.'));
    await pause();
    reading.look();
    await pause();
    expect(asked).toEqual(['France?']);
  });
});
