import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type NetworkLine, type OriginTotal, purposeOf, totalAfter, unexplained, verdictOf } from './network.ts';

const OWN = 'https://sill.test';
const lineOf = (rest: Partial<NetworkLine> = {}): NetworkLine => ({
  ...{ id: 'a', atMs: 1000, realm: 'download', through: 'door', method: 'GET', origin: OWN, path: '/models/x' },
  ...{ purpose: 'model', from: 'network', sentBytes: 0, receivedBytes: 10, ...rest },
});

describe('totals', () => {
  test('count a request once, however often its line is written anew', () => {
    const froms = fc.constantFrom<NetworkLine['from']>('open', 'network', 'device', 'failed');
    const change = fc.record({ id: fc.constantFrom('a', 'b', 'c'), from: froms, receivedBytes: fc.nat(100), sentBytes: fc.nat(100) });
    fc.assert(
      fc.property(fc.array(change), (changes) => {
        const stored = new Map<string, NetworkLine>();
        let total: OriginTotal | undefined;
        for (const each of changes) {
          const line = lineOf(each);
          total = totalAfter(total, stored.get(line.id), line);
          stored.set(line.id, line);
        }
        const travelled = [...stored.values()].filter(({ from }) => from !== 'device');
        const sum = (of: (line: NetworkLine) => number): number => travelled.reduce((all, line) => all + of(line), 0);
        expect([total?.requests ?? 0, total?.sentBytes ?? 0, total?.receivedBytes ?? 0]).toEqual([
          travelled.length,
          sum(({ sentBytes }) => sentBytes),
          sum(({ receivedBytes = 0 }) => receivedBytes),
        ]);
      }),
    );
  });

  test('leave out what the service worker saw a second time', () => {
    expect(totalAfter(undefined, undefined, lineOf({ through: 'witness', origin: 'https://else.test' }))).toBeUndefined();
  });
});

describe('what the service worker saw', () => {
  const elsewhere = { origin: 'https://else.test', path: '/v1/chat' };
  const seen = (id: string, atMs: number) => lineOf({ id, atMs, through: 'witness', realm: 'service-worker', ...elsewhere });

  test('is explained by the line of whoever asked, one for one', () => {
    const asked = lineOf({ id: 'asked', atMs: 1000, purpose: 'upstream', ...elsewhere });
    expect(unexplained([asked, seen('1', 1200)])).toEqual([]);
    expect(unexplained([asked, seen('1', 1200), seen('2', 1300)]).map(({ id }) => id)).toEqual(['2']);
    expect(unexplained([asked, seen('late', 60_000)]).map(({ id }) => id)).toEqual(['late']);
    expect(unexplained([{ ...asked, path: '/other' }, seen('1', 1000)]).map(({ id }) => id)).toEqual(['1']);
  });

  test('makes an owner look, as a total of another origin does', () => {
    const total = { requests: 1, sentBytes: 5, receivedBytes: 0, firstAtMs: 0, lastAtMs: 0 };
    const verdict = verdictOf(
      [
        { origin: OWN, ...total },
        { origin: 'https://b.test', ...total },
      ],
      [seen('1', 0)],
      OWN,
    );
    expect(verdict.own?.origin).toBe(OWN);
    expect(verdict.others.map(({ origin }) => origin)).toEqual(['https://b.test']);
    expect(verdict.unexplained).toHaveLength(1);
  });
});

test('a request is for what its address under the app says', () => {
  const app = 'https://sill.test/apps/sill/';
  const purposes = {
    '': 'shell',
    'index.html?bench=quick': 'shell',
    'assets/main-abc.js': 'shell',
    'assets/ort-wasm-simd-threaded-abc.wasm': 'runtime',
    'assets/grammar.worker-abc.js': 'runtime',
    'models/catalog.json': 'catalog',
    'models/metadata/2.targets.json': 'catalog',
    'models/targets/stories15m/abc.json': 'catalog',
    'models/stories15m/498185f76d4df601/model.onnx': 'model',
    'sill.policy.json': 'policy',
    'v1/chat/completions': 'api',
    metrics: 'api',
  };
  for (const [path, purpose] of Object.entries(purposes)) expect([path, purposeOf(app + path, app)]).toEqual([path, purpose]);
  expect(purposeOf('https://else.test/apps/sill/models/x', app)).toBe('other');
});
