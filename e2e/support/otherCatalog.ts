import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from '../../tools/publisher/command.ts';
import { initCommand } from '../../tools/publisher/commands/init.ts';
import { packCommand } from '../../tools/publisher/commands/pack.ts';
import { publishCommand } from '../../tools/publisher/commands/publish.ts';

/**
 * A catalog of another publisher in `folder`/models, with keys of its own and one model.
 * @param from a folder with the model's files
 * @returns its root of trust, as a policy states it
 */
export async function publishElsewhere(folder: string, id: string, from: string): Promise<unknown> {
  const at = (name: string) => join(folder, name);
  const publisher = {
    ...{ repo: at('models'), keys: at('keys'), trust: at('trust'), now: Date.now },
    ask: () => Promise.reject(new Error('these keys have no passphrase')),
  };
  const run = (command: Command, positionals: readonly string[], flags: readonly string[] = []) =>
    command.run({ publisher, positionals, text: () => undefined, flag: (name) => flags.includes(name) });
  await run(initCommand, [], ['unencrypted']);
  await cp(from, at('packed'), { recursive: true });
  const licence = { spdx: 'Apache-2.0', text: 'See the repository.' };
  const about = { id, description: 'Published by somebody else.', task: 'feature-extraction', parameters: 22_565_376, licence };
  await writeFile(join(at('packed'), 'sill.json'), JSON.stringify({ ...about, provenance: { source: 'test' } }));
  await run(packCommand, [at('packed')]);
  await run(publishCommand, [at('packed')]);
  return JSON.parse(await readFile(join(at('models'), 'metadata/1.root.json'), 'utf8'));
}
