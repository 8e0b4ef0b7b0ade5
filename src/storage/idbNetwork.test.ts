import 'fake-indexeddb/auto';
import { expect, test } from 'vitest';
import { MAX_NETWORK_LINES, type NetworkLine } from '../core/network.ts';
import { openIdbNetwork } from './idbNetwork.ts';

let count = 0;
const fresh = () => openIdbNetwork(`sill-network-test-${++count}`);
const lineOf = (id: number, rest: Partial<NetworkLine> = {}): NetworkLine => ({
  ...{ id: `line-${id}`, atMs: id, realm: 'engine', through: 'door', method: 'GET', origin: 'https://sill.test', path: '/x' },
  ...{ purpose: 'shell', from: 'network', sentBytes: 1, receivedBytes: 2, ...rest },
});

test('a line is written when it begins and again when it ends, and counts once', async () => {
  const ledger = fresh();
  void ledger.put([lineOf(1, { from: 'open', receivedBytes: 0 })]);
  await ledger.put([lineOf(1), lineOf(2, { from: 'device' })]);
  const { lines, totals, sinceMs } = await ledger.read();
  expect(lines).toEqual([lineOf(2, { from: 'device' }), lineOf(1)]);
  expect(totals).toEqual([{ origin: 'https://sill.test', requests: 1, sentBytes: 1, receivedBytes: 2, firstAtMs: 1, lastAtMs: 1 }]);
  expect(sinceMs).toBe(1);
  await ledger.clear();
  expect(await ledger.read()).toEqual({ lines: [], totals: [] });
});

test('what a clock that was set back writes comes behind what is there, and is what stays', async () => {
  const ledger = fresh();
  const then = Date.UTC(2027, 0, 1);
  await ledger.put(Array.from({ length: MAX_NETWORK_LINES }, (_, i) => lineOf(i, { atMs: then + i })));
  for (const id of [20_001, 20_002]) {
    await ledger.put([lineOf(id, { atMs: id, from: 'open' })]);
    await ledger.put([lineOf(id, { atMs: id })]);
  }
  // Whose realm was a little late, and then by a clock that was set right.
  await ledger.put([lineOf(20_003, { atMs: 19_000 })]);
  await ledger.put([lineOf(20_004, { atMs: then + MAX_NETWORK_LINES + 10 })]);
  const { lines } = await ledger.read();
  expect(lines).toHaveLength(MAX_NETWORK_LINES);
  expect(lines.slice(0, 4)).toEqual([
    lineOf(20_004, { atMs: then + MAX_NETWORK_LINES + 10 }),
    lineOf(20_003, { atMs: 19_000 }),
    lineOf(20_002),
    lineOf(20_001),
  ]);
  expect(lines.at(-1)?.id).toBe('line-4');
});

test('the oldest lines go, and the totals keep what they stood for', async () => {
  const ledger = fresh();
  await ledger.put(Array.from({ length: MAX_NETWORK_LINES + 5 }, (_, i) => lineOf(i)));
  const { lines, totals } = await ledger.read();
  expect(lines).toHaveLength(MAX_NETWORK_LINES);
  expect(lines.at(-1)?.id).toBe('line-5');
  expect(totals[0]?.requests).toBe(MAX_NETWORK_LINES + 5);
});
