import { cp, mkdtemp, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DIST } from './fixtures.ts';

/**
 * The app as it is on a browser that was told to save data: DevTools' switch for it does not reach workers.
 * @returns a folder of its own, to be deleted
 */
export async function meteredApp(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'sill-dist-'));
  await cp(DIST, directory, { recursive: true, filter: (path) => !path.startsWith(join(DIST, 'models')) });
  await symlink(join(DIST, 'models'), join(directory, 'models'));
  const engine = (await readdir(join(directory, 'assets'))).find((name) => name.startsWith('engine.worker'));
  const path = join(directory, 'assets', engine ?? '');
  const connection = "Object.defineProperty(navigator, 'connection', { value: Object.assign(new EventTarget(), { saveData: true }) });\n";
  await writeFile(path, connection + (await readFile(path, 'utf8')));
  return directory;
}
