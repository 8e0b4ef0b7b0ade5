import { readFileSync } from 'node:fs';
import { SillError } from '../../src/core/errors.ts';
import { DEFAULT_POLICY, type Policy, parsePolicy } from '../../src/core/policy.ts';

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
  return parsePolicy(json);
}
