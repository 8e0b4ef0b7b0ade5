import { beforeEach, describe, expect, it, vi } from 'vitest';
import { SillError } from '../../core/errors.ts';
import { parseRevisionId, type RevisionId } from '../../core/ids.ts';
import type { LoadedModel } from '../../ports/runtime.ts';
import type { Session } from '../sessions/session.ts';
import type { UseOptions } from '../sessions/sessions.ts';
import { PROMPT_READING } from '../testing/promptReading.ts';
import { a, never, newSmallDevice, sessions } from '../testing/smallDevice.ts';
import { createEmbedding } from './embedding.ts';

beforeEach(newSmallDevice);

const texts = (count: number, from = 0) => Array.from({ length: count }, (_, i) => `text ${from + i}`);
const numbered = (text: string) => Number(text.replace('text ', ''));

/** A model that gives each text its number, and says in which order it was asked. */
function counting(log: string[], name = '', before: () => Promise<void> = async () => undefined): Pick<LoadedModel, 'embed'> {
  return {
    async embed(some) {
      await before();
      log.push(`${name}${some.length}`);
      return { vectors: Float32Array.from(some, numbered), dimensions: 1, promptTokens: some.length, embedMs: 1 };
    },
  };
}
const made = (model: Pick<LoadedModel, 'embed'>, revision: RevisionId) =>
  ({ model, installed: { revision }, variant: { id: 'q8' } }) as unknown as Session;
const ONE = parseRevisionId(`sha256:${'1'.repeat(64)}`);
const TWO = parseRevisionId(`sha256:${'2'.repeat(64)}`);

describe('texts of one request', () => {
  it('are embedded some at a time and come back as one, in their order', async () => {
    const log: string[] = [];
    const { vectors, promptTokens, dimensions } = await createEmbedding(texts(20))(made(counting(log), ONE), never, PROMPT_READING);
    expect([...vectors]).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect([promptTokens, dimensions, log]).toEqual([20, 1, ['8', '8', '4']]);
  });

  it('let those go first that somebody waits for, and go on where they were', async () => {
    const log: string[] = [];
    const gates: Array<() => void> = [];
    const held = () => new Promise<void>((resolve) => void gates.push(resolve));
    const step = (count: number) => vi.waitFor(() => expect(gates).toHaveLength(count)).then(() => gates.at(-1)?.());
    const use = (embedding: ReturnType<typeof createEmbedding>, model: Pick<LoadedModel, 'embed'>, options: UseOptions) =>
      sessions.use(a, never, (_session, _loadMs, reading) => embedding(made(model, ONE), never, reading), { ...options, alone: true });
    const long = use(createEmbedding(texts(24)), counting(log, 'long ', held), { priority: 'background', client: 'api' });
    await vi.waitFor(() => expect(gates).toHaveLength(1));
    const typed = use(createEmbedding(['text 99']), counting(log, 'typed '), { client: 'page' });
    await vi.waitFor(() => expect(sessions.states()[0]?.waiting).toBe(1));
    await step(1);
    expect([...(await typed).vectors]).toEqual([99]);
    expect(log).toEqual(['long 8', 'typed 1']);
    await step(2);
    await step(3);
    expect([...(await long).vectors]).toEqual(Array.from({ length: 24 }, (_, i) => i));
    expect(log).toEqual(['long 8', 'typed 1', 'long 8', 'long 8']);
  });

  it('begin again where another version answers meanwhile: its vectors lie in another space', async () => {
    const log: string[] = [];
    const embedding = createEmbedding(texts(12));
    const giveWay = () => {
      throw new SillError('aborted', 'Others wait.');
    };
    const busy = { ...PROMPT_READING, giveWay };
    await expect(embedding(made(counting(log, 'one '), ONE), never, busy)).rejects.toMatchObject({ code: 'aborted' });
    const { vectors } = await embedding(made(counting(log, 'two '), TWO), never, PROMPT_READING);
    expect(vectors).toHaveLength(12);
    expect(log).toEqual(['one 8', 'two 8', 'two 4']);
  });
});
