import { build, type Plugin } from 'vite';
import { expect, test } from 'vitest';
import { scriptsRunOnce } from './scriptsRunOnce.ts';

/** A worker that fetches a part later, and shares a module with it. */
const MODULES: Readonly<Record<string, string>> = {
  'worker.js': `import { shared } from 'shared.js'; self.onmessage = async () => self.postMessage([shared(), (await import('part.js')).part]);`,
  'part.js': `import { shared } from 'shared.js'; export const part = shared();`,
  'shared.js': `export const shared = () => self.name;`,
};
const modules: Plugin = {
  name: 'modules',
  resolveId: (id) => (id in MODULES ? id : undefined),
  load: (id) => MODULES[id],
};

async function chunksWith(plugin: Plugin) {
  const built = await build({
    configFile: false,
    logLevel: 'silent',
    plugins: [modules, plugin],
    build: { write: false, modulePreload: false, rolldownOptions: { input: 'worker.js' } },
  });
  return [built].flat().flatMap((each) => ('output' in each ? each.output.filter((file) => file.type === 'chunk') : []));
}

test('what a worker shares with its parts lies beside its script', async () => {
  const chunks = await chunksWith(scriptsRunOnce());
  const script = chunks.find(({ isEntry }) => isEntry);
  expect(chunks).toHaveLength(3);
  expect(chunks.some(({ imports }) => script && imports.includes(script.fileName))).toBe(false);
});

test('a build in which a part imports the script of its worker fails', async () => {
  const { options: _, ...check } = scriptsRunOnce();
  await expect(chunksWith(check)).rejects.toThrow(/imports .*worker.*, which WebKit would run a second time/);
});
