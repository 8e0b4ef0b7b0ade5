import { describe, expect, it } from 'vitest';
import { type FileKind, fileKind } from './fileKind.ts';
import { cacheControl, contentSecurityPolicy, metaContentSecurityPolicy, securityHeaders } from './headers.ts';
import { DEFAULT_POLICY, parsePolicy } from './policy.ts';

const directive = (csp: string, name: string) =>
  csp
    .split('; ')
    .find((part) => part.startsWith(`${name} `))
    ?.slice(name.length + 1);

describe('the content security policy', () => {
  it('allows nothing but the own origin by default', () => {
    const csp = contentSecurityPolicy(DEFAULT_POLICY);
    expect(csp).not.toMatch(/https?:|ws:|\*|unsafe-inline|unsafe-eval'(?<!wasm-unsafe-eval')/);
    expect(directive(csp, 'default-src')).toBe("'self'");
    expect(directive(csp, 'connect-src')).toBe("'self'");
    expect(directive(csp, 'frame-ancestors')).toBe("'self'");
    expect(directive(csp, 'script-src')).toBe("'self' 'wasm-unsafe-eval'");
  });

  it('lets the page talk to the sources and upstreams of the policy, each named once', () => {
    const at = (url: string) => ({ url, models: [{ alias: url.replace(/\W/g, '') }] });
    const policy = parsePolicy({
      schema: 1,
      sources: ['https://a.example'],
      upstreams: [at('https://a.example/v1'), at('http://10.0.0.5:8080/api/v1'), at('upstream/v1')],
    });
    expect(directive(contentSecurityPolicy(policy), 'connect-src')).toBe("'self' https://a.example http://10.0.0.5:8080");
  });

  it('lets the guests of the policy frame the page that is made for it, and no other', () => {
    const policy = parsePolicy({ schema: 1, guests: ['https://intranet.example', { origin: 'https://wiki.example', tokensPerDay: 5 }] });
    const ancestors = (kind: FileKind) => directive(contentSecurityPolicy(policy, {}, kind), 'frame-ancestors');
    expect(ancestors('embed')).toBe("'self' https://intranet.example https://wiki.example");
    expect([ancestors('own'), ancestors('sdk')]).toEqual(["'self'", "'self'"]);
    const asks = parsePolicy({ schema: 1, unknownGuests: 'ask' });
    expect(directive(contentSecurityPolicy(asks, {}, 'embed'), 'frame-ancestors')).toBe('*');
    expect(directive(contentSecurityPolicy(asks), 'frame-ancestors')).toBe("'self'");
  });

  it('answers across origins with the frame and the SDK only', () => {
    const of = (path: string) => securityHeaders(DEFAULT_POLICY, {}, fileKind(path));
    expect(of('embed.html')).toMatchObject({
      'Cross-Origin-Resource-Policy': 'cross-origin',
      'Document-Isolation-Policy': 'isolate-and-require-corp',
    });
    expect(of('sdk/sill.js')).toMatchObject({ 'Cross-Origin-Resource-Policy': 'cross-origin', 'Access-Control-Allow-Origin': '*' });
    for (const path of ['index.html', 'assets/embed.html', 'sdkx', 'models/sdk/x']) {
      expect(of(path)).toMatchObject({ 'Cross-Origin-Resource-Policy': 'same-origin' });
      expect(of(path)).not.toHaveProperty('Access-Control-Allow-Origin');
    }
  });

  it('leaves frame-ancestors out of the meta element, where browsers ignore it', () => {
    expect(metaContentSecurityPolicy(DEFAULT_POLICY)).not.toContain('frame-ancestors');
  });

  it('is loosened for hot reload in development only', () => {
    const dev = contentSecurityPolicy(DEFAULT_POLICY, { dev: true });
    expect(directive(dev, 'style-src')).toBe("'self' 'unsafe-inline'");
    expect(directive(dev, 'connect-src')).toBe("'self' ws:");
    expect(directive(contentSecurityPolicy(DEFAULT_POLICY), 'style-src')).toBe("'self'");
  });
});

it('isolates the page so that WASM may use threads', () => {
  expect(securityHeaders(DEFAULT_POLICY)).toMatchObject({
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Embedder-Policy': 'require-corp',
  });
});

it('keeps hashed files for a year and asks again for everything else', () => {
  expect(cacheControl('assets/index-abc.js')).toContain('immutable');
  for (const path of ['index.html', 'sw.js', 'sill.policy.json', 'models/catalog.json', 'models/assets/x.onnx']) {
    expect(cacheControl(path)).toBe('no-cache');
  }
});
