import { describe, expect, test } from 'vitest';
import { addressLock, newestHost } from './hosting.ts';

const address = (term: number, more: Partial<Parameters<typeof addressLock>[0]> = {}) => ({
  ...{ app: '/a/index-1.js', engine: `engine-${term}`, clientId: `client-${term}` },
  term,
  ...more,
});
const locks = (...addresses: Array<ReturnType<typeof address>>) => addresses.map((each) => ({ name: addressLock(each) }));

describe('the host of an app', () => {
  test('is found by the name of its lock, whatever the path of the app holds', () => {
    const odd = address(1, { app: '/apps: (old)/sill/assets/index-1.js not isolated' });
    expect(newestHost(locks(odd), odd.app)).toEqual(odd);
  });

  test('is the newest, when one that was suspended still holds its lock', () => {
    expect(newestHost(locks(address(9), address(10), address(2)), '/a/index-1.js')).toEqual(address(10));
  });

  test('is of the same build', () => {
    expect(newestHost(locks(address(1, { app: '/a/index-2.js' })), '/a/index-1.js')).toBeUndefined();
  });

  test('is not found among other locks', () => {
    expect(newestHost([{ name: 'sill-hosted:x:y' }, { name: 'sill-answering' }, {}], '/a/index-1.js')).toBeUndefined();
  });
});
