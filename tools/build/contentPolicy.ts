import type { Plugin } from 'vite';
import { metaContentSecurityPolicy } from '../../src/core/headers.ts';
import type { Policy } from '../../src/core/policy.ts';

/** Writes the CSP into every built page, so that it holds on hosts that cannot send headers. */
export const contentPolicy = (policy: Policy): Plugin => ({
  name: 'sill:content-policy',
  apply: 'build',
  transformIndexHtml: () => [
    {
      tag: 'meta',
      attrs: { 'http-equiv': 'Content-Security-Policy', content: metaContentSecurityPolicy(policy) },
      injectTo: 'head-prepend',
    },
  ],
});
