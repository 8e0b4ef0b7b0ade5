import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DIST, type test } from './fixtures.ts';

/** For `test.use`: the app as it is on a browser that was told to save data. DevTools' switch for it does not reach workers. */
export const metered: Parameters<typeof test.use>[0] = {
  // What another visit stored is the engine as it is elsewhere.
  firstVisit: true,
  siteSettings: async ({ siteSettings }, use) => {
    const directory = await meteredApp();
    await use({ ...siteSettings, directory });
    await rm(directory, { recursive: true });
  },
};

/** @returns a folder of its own, to be deleted */
async function meteredApp(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'sill-dist-'));
  await cp(DIST, directory, { recursive: true, filter: (path) => !path.startsWith(join(DIST, 'models')) });
  await symlink(join(DIST, 'models'), join(directory, 'models'));
  const engine = (await readdir(join(directory, 'assets'))).find((name) => name.startsWith('engine.worker'));
  const path = join(directory, 'assets', engine ?? '');
  const connection = "Object.defineProperty(navigator, 'connection', { value: Object.assign(new EventTarget(), { saveData: true }) });\n";
  await writeFile(path, connection + (await readFile(path, 'utf8')));
  return directory;
}
