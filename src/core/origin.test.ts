import { describe, expect, it } from 'vitest';
import { siteOf } from './origin.ts';

describe('whether two origins are of one site, as far as their names tell', () => {
  const own = 'https://sill.example.org';
  it.each([
    ['https://sill.example.org:8443', 'same'],
    ['https://example.org', 'same'],
    ['https://deep.sill.example.org', 'same'],
    // Where a site ends only the browser knows: `co.uk` is none.
    ['https://wiki.example.org', 'unknown'],
    ['http://sill.example.org', 'other'],
    ['https://example.com', 'other'],
    ['https://sill.example.com', 'other'],
    ['https://intranet', 'other'],
    ['https://10.0.0.5', 'other'],
  ])('%s: %s', (origin, expected) => {
    expect(siteOf(origin, own)).toBe(expected);
  });

  it('tells addresses apart as a whole', () => {
    expect(siteOf('http://10.0.0.5:81', 'http://10.0.0.5:80')).toBe('same');
    expect(siteOf('http://11.0.0.5', 'http://10.0.0.5')).toBe('other');
    expect(siteOf('http://0.0.5', 'http://10.0.0.5')).toBe('other');
    expect(siteOf('http://127.0.0.1:1', 'http://localhost:1')).toBe('other');
    expect(siteOf('http://[::1]:1', 'http://[::2]:1')).toBe('other');
  });
});
