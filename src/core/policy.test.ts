import { describe, expect, it } from 'vitest';
import { SillError } from './errors.ts';
import { DEFAULT_POLICY, parsePolicy } from './policy.ts';

const failure = (json: unknown): SillError => {
  try {
    parsePolicy(json);
  } catch (error) {
    if (error instanceof SillError) return error;
    throw error;
  }
  throw new Error('the policy was accepted');
};

describe('the policy file', () => {
  it('is self only when it says nothing', () => {
    expect(parsePolicy({ schema: 1 })).toEqual(DEFAULT_POLICY);
  });

  it('keeps origins as they are written', () => {
    const origins = ['https://models.example.org', 'http://10.0.0.5:8080', 'http://[::1]:9000', 'http://localhost'];
    expect(parsePolicy({ schema: 1, sources: origins }).sources).toEqual(origins);
  });

  it.each([
    "'unsafe-inline'",
    '*',
    'https://a.example/path',
    'https://a.example; script-src *',
    'https://a.example, https://b.example',
    'HTTPS://A.EXAMPLE',
    'ftp://a.example',
    'https://a.example\nX-Header: 1',
    'https://*.example',
  ])('refuses %j, which would change the header that it is written to', (origin) => {
    expect(failure({ schema: 1, guests: [origin] }).details).toEqual({ field: 'guests.0' });
  });

  it('says what of a guest is wrong, and where', () => {
    const origin = 'https://a.example';
    expect(failure({ schema: 1, guests: [origin, { origin: 'https://b.example', rights: ['root'] }] }).details).toEqual({
      field: 'guests.1.rights.0',
    });
    expect(failure({ schema: 1, guests: [{ origin, right: [] }] }).details).toEqual({ field: 'guests.0.right' });
    expect(failure({ schema: 1, guests: [5] }).details).toEqual({ field: 'guests.0' });
  });

  it('names the field that it does not know', () => {
    const error = failure({ schema: 1, source: [] });
    expect(error.code).toBe('invalid_request');
    expect(error.message).toContain('source');
  });

  it('says so when the file is not a policy at all', () => {
    expect(failure('<!doctype html>').message).toContain('the file itself');
    expect(failure({ schema: 2 }).details).toEqual({ field: 'schema' });
  });
});
