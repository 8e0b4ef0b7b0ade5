import { expect, it } from 'vitest';
import { HTTP_CONNECTION } from '../protocol/hosting.ts';
import { createRequests } from '../services/requests/requests.ts';
import { askedBy, attended } from './attended.ts';

const requests = createRequests({
  clock: { now: () => 0, monotonicMs: () => 0 },
  random: { uuid: () => 'r1' },
  placeOf: () => undefined,
});
const call = { signal: new AbortController().signal, emit: async () => undefined };

it('who asks is a tab, a client of the HTTP APIs, or a page of another origin however it asks', () => {
  expect(askedBy('0b3c', undefined)).toEqual({ kind: 'tab' });
  expect(askedBy(`${HTTP_CONNECTION}page`, undefined)).toEqual({ kind: 'http' });
  expect(askedBy(`${HTTP_CONNECTION}page`, 'https://intranet.example')).toEqual({ kind: 'frame', origin: 'https://intranet.example' });
});

it('a request to a model is in sight while it is under way, and what is none is not', async () => {
  const seen: unknown[] = [];
  const look = async () => void seen.push(requests.list().filter(({ state }) => state === 'running'));
  const handlers = attended({ 'chat.completions.create': look, 'models.list': look }, { kind: 'http' }, async () => requests);
  const asking: Record<string, (params: unknown, call: unknown) => Promise<unknown>> = handlers;
  await asking['chat.completions.create']?.({ model: 'tiny', messages: [] }, call);
  await asking['models.list']?.({}, call);
  expect(seen).toMatchObject([[{ kind: 'chat', model: 'tiny', by: { kind: 'http' } }], []]);
});
