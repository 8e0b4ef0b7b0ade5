import { describe, expect, it } from 'vitest';
import { engineContract } from '../protocol/engine.ts';
import { HTTP_ROUTES } from '../protocol/httpRoutes.ts';
import { createGuests } from '../services/guests/guests.ts';
import { createAsker } from './asker.ts';
import { guarded, METHOD_NEEDS } from './guestGuard.ts';

const WIKI = 'https://wiki.example';
const ADMIN = 'https://admin.example';

function world(policy: () => object) {
  const kept = new Map<string, unknown>();
  let nowMs = 1_000_000;
  const guests = createGuests({
    settings: {
      get: async (key) => kept.get(key),
      set: async (key, value) => void kept.set(key, value),
      delete: async (key) => void kept.delete(key),
    },
    clock: { now: () => nowMs, monotonicMs: () => nowMs },
    hub: { tell: () => undefined },
    ownOrigin: 'https://sill.example',
    readPolicy: async () => policy(),
  });
  const asked: string[] = [];
  const handlers = new Map<string, (params: unknown) => Promise<string>>(
    Object.keys(engineContract).map((name) => [
      name,
      async () => {
        asked.push(name);
        return name;
      },
    ]),
  );
  return {
    guests,
    asked,
    pass: (ms: number) => {
      nowMs += ms;
    },
    /** What each method of the contract comes to for an origin. */
    async outcomes(origin: string, params: object = {}) {
      const own = guarded(Object.fromEntries(handlers), origin, async () => guests);
      const results = await Promise.all(
        [...handlers.keys()].map(async (name) => {
          const handler = own[name];
          const outcome = handler ? await handler(params).catch(({ code }: { code: string }) => code) : 'missing';
          return [name, outcome === name ? 'done' : outcome] as const;
        }),
      );
      return Object.fromEntries(results);
    },
  };
}

const POLICY = () => ({
  schema: 1,
  guests: [
    { origin: WIKI, models: ['stories15m'] },
    { origin: ADMIN, rights: ['manage'] },
  ],
});

describe('what stands before the handlers of a guest', () => {
  it('lets an ordinary guest ask models, and nothing else of the whole contract', async () => {
    const { guests, outcomes, asked } = world(POLICY);
    await guests.admit(WIKI);
    const told = await outcomes(WIKI);
    const done = Object.keys(told).filter((name) => told[name] === 'done');
    expect(done.sort()).toEqual(
      [
        ...['hello', 'health', 'watch', 'http', 'models.list', 'upstreams'],
        ...['completions.create', 'chat.completions.create', 'embeddings.create', 'audio.transcriptions.create', 'run'],
      ].sort(),
    );
    expect(new Set(Object.values(told))).toEqual(new Set(['done', 'forbidden']));
    // Whoever is refused is not asked at all.
    expect(asked.sort()).toEqual(done.sort());
  });

  it('keeps from a guest that may manage what is the person’s', async () => {
    const { guests, outcomes } = world(POLICY);
    await guests.admit(ADMIN);
    const told = await outcomes(ADMIN);
    const kept = Object.keys(told).filter((name) => told[name] === 'forbidden');
    expect(kept).toEqual(Object.keys(told).filter((name) => Reflect.get(METHOD_NEEDS, name).right === 'never'));
    for (const name of ['documents.search', 'data.export', 'storage.erase', 'trust.accept', 'guests.decide']) expect(kept).toContain(name);
  });

  it('holds a guest to its models, in whatever field they are named', async () => {
    const { guests, outcomes } = world(POLICY);
    await guests.admit(WIKI);
    expect((await outcomes(WIKI, { model: 'stories15m' }))['completions.create']).toBe('done');
    expect((await outcomes(WIKI, { model: 'other' }))['completions.create']).toBe('forbidden');
    expect((await outcomes(WIKI, { model: 'other', id: 'stories15m' })).run).toBe('forbidden');
  });

  it('lets nobody in before the policy was read, nor any stranger, and ends with the grant', async () => {
    let policy = POLICY();
    const { guests, outcomes, pass } = world(() => policy);
    expect((await outcomes(WIKI)).run).toBe('forbidden');
    await guests.admit(WIKI);
    expect((await outcomes(WIKI)).run).toBe('done');
    for (const origin of ['https://evil.example', 'null', `${WIKI}:8443`]) expect((await outcomes(origin)).run).toBe('forbidden');
    policy = { ...policy, guests: [] };
    pass(11_000);
    await guests.admit('https://evil.example');
    expect((await outcomes(WIKI)).run).toBe('forbidden');
  });

  it('goes on with what the policy said when its file is broken or gone', async () => {
    let policy: () => object = POLICY;
    const { guests, outcomes, pass } = world(() => policy());
    await guests.admit(WIKI);
    policy = () => ({ schema: 1, guests: 'all' });
    pass(11_000);
    expect(await guests.admit(WIKI)).toMatchObject({ state: 'granted' });
    policy = () => {
      throw new Error('offline');
    };
    pass(11_000);
    await guests.admit(WIKI);
    expect((await outcomes(WIKI)).run).toBe('done');
  });

  it('holds a guest to what was taken from it on this device, at once, and gives it back', async () => {
    const { guests, outcomes } = world(() => ({ schema: 1, guests: [{ origin: WIKI, rights: ['install'], tokensPerDay: 100 }] }));
    await guests.admit(WIKI);
    const installs = async () => (await outcomes(WIKI, { id: 'stories15m' }))['models.install'];
    expect(await installs()).toBe('done');
    expect(await guests.narrow(WIKI, { rights: [], tokensPerDay: 10 })).toMatchObject({
      ...{ state: 'granted', grant: { rights: [], tokensPerDay: 10 }, given: { rights: ['install'], tokensPerDay: 100 } },
      narrowed: { rights: [], tokensPerDay: 10 },
    });
    expect(await installs()).toBe('forbidden');
    expect((await outcomes(WIKI)).run).toBe('done');
    await guests.narrow(WIKI, { refused: true });
    expect((await outcomes(WIKI)).run).toBe('forbidden');
    expect(await guests.admit(WIKI)).toEqual({ state: 'refused' });
    await guests.narrow(WIKI, {});
    expect(await installs()).toBe('done');
  });

  it('gives no guest more than the policy does, by no narrowing', async () => {
    const { guests } = world(() => ({ schema: 1, guests: [{ origin: WIKI, tokensPerDay: 100 }] }));
    await guests.admit(WIKI);
    for (const wider of [{ tokensPerDay: 101 }, { rights: ['manage' as const] }, { requestsPerMinute: 5000 }])
      await expect(guests.narrow(WIKI, wider)).rejects.toMatchObject({
        code: 'invalid_request',
        details: { field: Object.keys(wider)[0] },
      });
    await expect(guests.narrow('https://evil.example', { requestsPerMinute: 1 })).rejects.toMatchObject({ code: 'invalid_request' });
    expect((await guests.list()).guests).toMatchObject([{ origin: WIKI, given: { tokensPerDay: 100 }, tokensToday: 0 }]);
  });

  it('ends what a person allowed when they take it back, and asks again', async () => {
    const { guests, outcomes } = world(() => ({ schema: 1, unknownGuests: 'ask' }));
    expect(await guests.admit(WIKI)).toEqual({ state: 'ask' });
    await guests.decide(WIKI, true);
    await guests.enter(WIKI, { right: 'infer', counted: true });
    expect(await guests.list()).toMatchObject({ guests: [{ origin: WIKI, by: 'person', state: 'granted', requestsToday: 1 }] });
    expect(await guests.withdraw(WIKI)).toBe(true);
    expect((await outcomes(WIKI)).run).toBe('forbidden');
    expect(await guests.admit(WIKI)).toEqual({ state: 'ask' });
    expect(await guests.list()).toEqual({ guests: [], unknownGuests: 'ask' });
    expect(await guests.withdraw(WIKI)).toBe(false);
  });

  it('counts the requests of a minute for all frames of an origin together', async () => {
    const { guests } = world(() => ({ schema: 1, guests: [{ origin: WIKI, requestsPerMinute: 3 }] }));
    await guests.admit(WIKI);
    const ask = () => guests.enter(WIKI, { right: 'infer', counted: true });
    await Promise.all([ask(), ask(), ask()]);
    await expect(ask()).rejects.toMatchObject({ code: 'busy', details: { retryAfterSeconds: 20 } });
  });

  it('asks of no route of the HTTP API what it does not guard', () => {
    for (const { asks } of HTTP_ROUTES) for (const method of asks) expect(Object.hasOwn(METHOD_NEEDS, method)).toBe(true);
  });
});

describe('what a guest asks, as it reaches the models', () => {
  const asker = async (policy: object) => {
    const { guests } = world(() => policy);
    await guests.admit(WIKI);
    return createAsker({ connection: 'tab-1', guest: WIKI, guests: async () => guests });
  };
  const used = { usage: { prompt_tokens: 5, completion_tokens: 5, total_tokens: 10, prompt_tokens_details: { cached_tokens: 0 } } };

  it('is salted, kept on no disk, and keeps no model for long, whatever it says', async () => {
    const { generate, client } = await asker({ schema: 1, guests: [WIKI] });
    let seen: object = {};
    const params = { prompt: 'x', cache_salt: 'mine', cache_prompt: 'persist', keep_alive: -1 } as const;
    await generate<object, typeof used>(params, async (own) => {
      seen = own;
      return used;
    });
    expect(seen).toMatchObject({ cache_salt: JSON.stringify(['guest', WIKI, 'mine']), cache_prompt: true, keep_alive: undefined });
    expect(client).toBe(`guest:${WIKI}`);
  });

  it('goes to another computer only where the operator named that for this guest', async () => {
    const all = [{ alias: 'big' }, { alias: 'other' }];
    expect(await (await asker({ schema: 1, guests: [WIKI] })).aliases(all)).toEqual([]);
    expect(await (await asker({ schema: 1, guests: [{ origin: WIKI, models: ['stories15m', 'big'] }] })).aliases(all)).toEqual([
      { alias: 'big' },
    ]);
    const { guests } = world(() => ({ schema: 1, unknownGuests: 'ask' }));
    await guests.admit(WIKI);
    await guests.decide(WIKI, true);
    expect(await createAsker({ connection: 'tab', guest: WIKI, guests: async () => guests }).aliases(all)).toEqual([]);
  });

  it('is bounded by what is left of its tokens, which what failed is counted against as a whole', async () => {
    const { generate } = await asker({ schema: 1, guests: [{ origin: WIKI, tokensPerDay: 40 }] });
    const bounds: unknown[] = [];
    const ask = (fails: boolean) =>
      generate<object, typeof used>({ prompt: 'x', max_tokens: 500 }, async (own) => {
        bounds.push(Reflect.get(own, 'max_tokens'));
        if (fails) throw new Error('stopped');
        return used;
      });
    await ask(false);
    await expect(ask(true)).rejects.toThrow('stopped');
    await expect(ask(false)).rejects.toMatchObject({ code: 'busy' });
    expect(bounds[0]).toBeLessThan(40);
    expect(bounds[1]).toBeLessThan(30);
  });
});
