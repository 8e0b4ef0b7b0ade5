import { describe, expect, test } from 'vitest';
import { addressLock, askerOf, hostLock, isHosted, newestHost, newestHostOf } from './hosting.ts';

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

describe('the service worker', () => {
  const isOurs = (app: string) => app.startsWith('/a/');

  test('finds the newest host of any build below its own path', () => {
    const [ours, other] = [address(3, { app: '/a/index-2.js' }), address(7, { app: '/b/index-1.js' })];
    expect(newestHostOf(locks(address(2), ours, other), isOurs)).toEqual(ours);
  });

  test('knows of a tab that is about to host before it says where', () => {
    expect(isHosted([{ name: hostLock('/a/index-1.js') }], isOurs)).toBe(true);
    expect(isHosted([{ name: hostLock('/b/index-1.js') }, ...locks(address(1)), {}], isOurs)).toBe(false);
  });

  test('asks for a page under one name, however many its requests are, and a tab under its own', () => {
    expect(askerOf('http-tab-1~one')).toBe(askerOf('http-tab-1~two'));
    expect(askerOf('http-tab-2~one')).not.toBe(askerOf('http-tab-1~one'));
    expect(askerOf('7b0e~x')).toBe('7b0e~x');
  });
});
