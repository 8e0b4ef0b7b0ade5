import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Plugin } from 'vite';
import { SillError } from '../../src/core/errors.ts';
import { DEFAULT_POLICY, POLICY_PATH, type Policy, parsePolicy } from '../../src/core/policy.ts';
import { sourcesOf } from '../../src/core/sources.ts';
import { parseMetadata } from '../../src/core/tuf/metadata.ts';

/**
 * The operator's policy from a file; the default where there is no such file.
 *
 * @throws SillError `invalid_request` naming the file and what is wrong with it.
 */
export function readPolicyFile(path: string): Policy {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return DEFAULT_POLICY;
    throw cause;
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new SillError('invalid_request', `${path} is not JSON: ${cause instanceof Error ? cause.message : cause}.`, { cause });
  }
  const policy = parsePolicy(json);
  for (const { name, root } of sourcesOf(policy)) if (root !== undefined) assertRoot(root, name, path);
  return policy;
}

/** A catalog that nobody can ever verify would look like an attack on each device. */
function assertRoot(root: string, name: string, path: string): void {
  try {
    parseMetadata('root', root);
  } catch (cause) {
    throw new SillError(
      'invalid_request',
      `${path}: the root of the catalog "${name}" is none. Put in the content of its publisher's metadata/1.root.json.`,
      { cause },
    );
  }
}

/** Puts the policy that the build was made with into it: servers and recipes make their headers from that file. */
export const policyFile = (path: string): Plugin => {
  let folder = '';
  return {
    name: 'sill:policy-file',
    apply: 'build',
    configResolved(config) {
      folder = resolve(config.root, config.build.outDir);
    },
    // After Vite has copied public/, which may hold another.
    closeBundle() {
      // After a build that failed, too: what it failed of is to be told, not that there is no folder.
      if (existsSync(path) && existsSync(folder)) copyFileSync(path, join(folder, POLICY_PATH));
    },
  };
};
