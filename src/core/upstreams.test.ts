import { describe, expect, test } from 'vitest';
import { parsePolicy } from './policy.ts';
import { upstreamsOf } from './upstreams.ts';

const policyWith = (...upstreams: readonly object[]) => parsePolicy({ schema: 1, upstreams });
const refusalOf = (...upstreams: readonly object[]): string => {
  try {
    policyWith(...upstreams);
    return 'was not refused';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};
const MODELS = [{ alias: 'assistant' }];

describe('upstreams of a policy', () => {
  test('are none by default', () => {
    expect(upstreamsOf(parsePolicy({ schema: 1 }))).toEqual([]);
  });

  test('mean each alias at its server', () => {
    const policy = policyWith(
      {
        ...{ url: 'https://gpu.example:8000/v1', name: 'GPU', timeoutSeconds: 5 },
        models: [{ alias: 'assistant', model: 'meta/llama', fallback: 'tinyllama', requests: ['completions'] }, { alias: 'other' }],
      },
      { url: 'upstream/v1/', models: [{ alias: 'inside' }], credentials: true },
    );
    const base = { name: 'GPU', url: 'https://gpu.example:8000/v1/', credentials: false, timeoutMs: 5000 };
    const all = ['chat.completions', 'completions'];
    expect(upstreamsOf(policy)).toEqual([
      { ...base, alias: 'assistant', model: 'meta/llama', fallback: 'tinyllama', requests: ['completions'] },
      { ...base, alias: 'other', model: 'other', requests: all },
      { alias: 'inside', model: 'inside', name: 'upstream', url: 'upstream/v1/', credentials: true, timeoutMs: 30_000, requests: all },
    ]);
  });

  test('hold no key: everybody can read the file', () => {
    expect(refusalOf({ url: 'https://gpu.example/v1', models: MODELS, apiKey: 'sk-1' })).toContain('this file is served to everybody');
    expect(refusalOf({ url: 'https://gpu.example/v1', models: MODELS, headers: {} })).toContain('this file is served to everybody');
    expect(refusalOf({ url: 'https://user:pass@gpu.example/v1', models: MODELS })).toContain('expected an address');
    expect(refusalOf({ url: 'https://gpu.example/v1?key=1', models: MODELS })).toContain('expected an address');
  });

  test('cannot leave the site by a path, nor widen a header', () => {
    for (const url of [
      '../v1',
      '//gpu.example/v1',
      '/v1',
      'a/../b',
      'v1',
      'api/v1',
      'https://gpu.example;script-src/v1',
      'https://*.example/v1',
      '',
    ]) {
      expect(refusalOf({ url, models: MODELS }), url).toContain('expected an address');
    }
  });

  test('name each alias once, and fall back to models of the device only', () => {
    const url = 'https://gpu.example/v1';
    expect(refusalOf({ url, models: [...MODELS, ...MODELS] })).toContain('stands there twice');
    expect(refusalOf({ url, models: [...MODELS, { alias: 'b', fallback: 'assistant' }] })).toContain('fallback of another');
    expect(refusalOf({ url, models: [{ alias: 'hf:a/b' }] })).toContain('without a colon');
    expect(refusalOf({ url, models: [] })).toContain('upstreams');
  });
});
