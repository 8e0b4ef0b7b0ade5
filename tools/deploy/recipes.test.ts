import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { securityHeaders } from '../../src/core/headers.ts';
import { parsePolicy } from '../../src/core/policy.ts';
import { readPolicyFile } from '../build/policyFile.ts';
import { recipes } from './recipes.ts';

const root = resolve(import.meta.dirname, '../..');

describe('the web-server recipes', () => {
  it.each(Object.entries(recipes(readPolicyFile(resolve(root, 'public/sill.policy.json')))))(
    'deploy/%s is what tools/deploy.ts writes',
    (name, text) => {
      expect(readFileSync(resolve(root, 'deploy', name), 'utf8')).toBe(text);
    },
  );

  it('follow the policy', () => {
    const policy = parsePolicy({ schema: 1, sources: ['https://models.example'], guests: ['https://intranet.example'] });
    for (const text of Object.values(recipes(policy)))
      for (const kind of ['own', 'embed'] as const) expect(text).toContain(securityHeaders(policy, {}, kind)['Content-Security-Policy']);
  });
});
