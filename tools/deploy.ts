/** Writes deploy/'s web-server recipes from the policy in public/: `tsx tools/deploy.ts`. */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { POLICY_PATH } from '../src/core/policy.ts';
import { readPolicyFile } from './build/policyFile.ts';
import { recipes } from './deploy/recipes.ts';

const root = resolve(import.meta.dirname, '..');
for (const [name, text] of Object.entries(recipes(readPolicyFile(resolve(root, 'public', POLICY_PATH))))) {
  writeFileSync(resolve(root, 'deploy', name), text);
}
