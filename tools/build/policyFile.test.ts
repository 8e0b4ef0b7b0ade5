import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { put, tempFolder } from '../models/testing/tempFolder.ts';
import { init } from '../publisher/init.ts';
import { DEFAULT_SETTINGS } from '../publisher/settings.ts';
import { readPolicyFile } from './policyFile.ts';

const folder = tempFolder();
const root = resolve(import.meta.dirname, '../..');

/** The JSON of a guide, as somebody would copy it. */
const exampleIn = (guide: string): string => /```json\n(.*?)```/s.exec(readFileSync(resolve(root, guide), 'utf8'))?.[1] ?? '';

test('the example of the guide to sources is one once a real root stands in it; before, the build says what is missing', async () => {
  const example = exampleIn('docs/sources.md');
  await put(folder(), { 'policy.json': example });
  expect(() => readPolicyFile(`${folder()}/policy.json`)).toThrow(/the root of the catalog "Research" is none/);

  const places = { repo: `${folder()}/models`, keys: `${folder()}/keys`, trust: `${folder()}/trust` };
  const publisher = { ...places, ask: () => Promise.reject(new Error('no passphrase here')), now: Date.now };
  const counts = new Map((['root', 'timestamp', 'snapshot', 'targets'] as const).map((role) => [role, 1] as const));
  await init(publisher, { counts, thresholds: new Map(), settings: DEFAULT_SETTINGS, passphrase: undefined });
  const real = readFileSync(`${places.repo}/metadata/1.root.json`, 'utf8');
  await put(folder(), { 'policy.json': example.replace('{ "signed": {}, "signatures": [] }', real) });
  expect(readPolicyFile(`${folder()}/policy.json`).sources).toHaveLength(4);
});
