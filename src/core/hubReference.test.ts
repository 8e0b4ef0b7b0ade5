import { describe, expect, it } from 'vitest';
import { parseHubReference } from './hubReference.ts';
import { parsePolicy } from './policy.ts';
import { sourceOrigins, sourcesOf } from './sources.ts';

const policy = parsePolicy({
  schema: 1,
  sources: [
    'https://hub.example',
    { kind: 'hub', url: 'http://10.0.0.5:8080/models', name: 'Intranet', redirectsTo: ['https://cdn.example'] },
    { kind: 'mirror', url: 'https://mirror.example/sill/models/' },
    { kind: 'catalog', url: 'https://other.example/', root: { signed: { version: 1 }, signatures: [] } },
  ],
});
const sources = sourcesOf(policy);
const parse = (text: string) => parseHubReference(text, sources);

describe('the sources of a policy', () => {
  it('are an origin alone, for a server in the usual layout, or described', () => {
    expect(sources.map(({ kind, name, url }) => [kind, name, url])).toEqual([
      ['hub', 'hub.example', 'https://hub.example/'],
      ['hub', 'Intranet', 'http://10.0.0.5:8080/models/'],
      ['mirror', 'mirror.example', 'https://mirror.example/sill/models/'],
      ['catalog', 'other.example', 'https://other.example/'],
    ]);
    expect(sources[3]?.root).toBe('{"signed":{"version":1},"signatures":[]}');
  });

  it('open exactly their own origins and those that they send large files from', () => {
    expect(sourceOrigins(policy)).toEqual([
      'https://hub.example',
      'http://10.0.0.5:8080',
      'https://cdn.example',
      'https://mirror.example',
      'https://other.example',
    ]);
  });

  it.each([
    "https://a.example/'unsafe-inline'",
    'https://a.example/; script-src *',
    'https://*.example/',
    'https://a.example/?x=1',
    'file:///etc',
  ])('cannot smuggle anything into the headers: %j', (url) => {
    expect(() => parsePolicy({ schema: 1, sources: [{ kind: 'mirror', url }] })).toThrow(/sources/);
  });
});

describe('what a person pastes', () => {
  it.each([
    ['acme/tiny', 'acme/tiny', 'main'],
    ['tiny', 'tiny', 'main'],
    [' hf:acme/tiny@refs.v2 ', 'acme/tiny', 'refs.v2'],
    ['acme/tiny@0123456789abcdef0123456789abcdef01234567', 'acme/tiny', '0123456789abcdef0123456789abcdef01234567'],
  ])('%j names a model and leaves the source open', (text, repository, revision) => {
    expect(parse(text)).toEqual({ repository, revision });
  });

  it.each([
    ['https://hub.example/acme/tiny', 'hub.example', 'main'],
    ['https://hub.example/acme/tiny/', 'hub.example', 'main'],
    ['https://hub.example/acme/tiny/tree/v2', 'hub.example', 'v2'],
    ['https://hub.example/acme/tiny/blob/main/onnx/model.onnx?download=true', 'hub.example', 'main'],
    ['http://10.0.0.5:8080/models/acme/tiny/resolve/v2/config.json', 'Intranet', 'v2'],
  ])('the address %j names the source too', (text, name, revision) => {
    expect(parse(text)).toMatchObject({ repository: 'acme/tiny', revision, source: { name } });
  });

  it.each(['', 'two words', '../up', 'acme/tiny/more', 'acme/tiny@a@b', 'acme/tiny@../x', 'other:acme/tiny', 'https://hub.example/'])(
    'refuses %j, and says what to write',
    (text) => {
      expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
    },
  );

  it('refuses addresses outside of the policy, and says what is allowed', () => {
    const refused = { code: 'source_not_allowed', message: expect.stringContaining('Intranet (http://10.0.0.5:8080/models/)') };
    for (const text of [
      'https://huggingface.co/acme/tiny',
      'https://hub.example.evil/acme/tiny',
      'https://mirror.example/sill/models/acme/tiny',
    ]) {
      expect(() => parse(text)).toThrow(expect.objectContaining(refused));
    }
    expect(() => parseHubReference('https://hub.example/acme/tiny', [])).toThrow(/names no server/);
  });
});
