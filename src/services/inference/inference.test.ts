import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MODEL, never, newDevice, store, tab } from '../testing/updateFixture.ts';
import { createInference } from './inference.ts';
import type { KeptBeginnings } from './keptBeginnings.ts';

let end: () => Promise<void>;
beforeEach(async () => {
  end = await newDevice();
});
afterEach(() => end());

type OfRequest = ReturnType<KeptBeginnings['of']>;
const stuck = () => new Promise<never>(() => undefined);

/** Asks with `cache_prompt: "persist"`, where what is kept is this. */
function ask(kept: Partial<OfRequest>, signal = never) {
  const of = (): OfRequest => ({ recall: async () => undefined, take: async () => async () => undefined, ...kept });
  const inference = createInference({
    ...{ sessions: tab.sessions, store, clock: tab.clock, random: { uint32: () => 1, uuid: () => '' }, runtimeVersion: '1' },
    beginnings: { of } as never,
    readAhead: { offer: () => undefined },
  });
  return inference.generate(MODEL, { input: { kind: 'text', text: 'Say hello' }, maxTokens: 4, cachePrompt: 'persist' }, { signal });
}
const underWay = () => tab.sessions.states().find(({ id }) => id === MODEL)?.underWay;

describe('what is kept of a prompt on the device', () => {
  it.each(['recall', 'take'] as const)('costs nobody a place once its request is cancelled: %s', async (stage) => {
    let isThere = false;
    const hang = () => {
      isThere = true;
      return stuck();
    };
    const abort = new AbortController();
    const asked = ask({ [stage]: hang }, abort.signal);
    await vi.waitFor(() => expect(isThere).toBe(true));
    expect(underWay()).toBe(1);
    abort.abort();
    await expect(asked).rejects.toMatchObject({ code: 'aborted' });
    expect(underWay()).toBe(0);
  });

  it('is written behind the answer, which does not wait for the disk', async () => {
    let isKeeping = false;
    const take = async () => () => {
      isKeeping = true;
      return stuck();
    };
    expect(await ask({ take })).toMatchObject({ text: '1 says hello' });
    expect([isKeeping, underWay()]).toEqual([true, 0]);
  });
});
