import { readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { withStaging } from './staging.ts';
import { inputsDigest, isUpToDate, writeStamp } from './stamp.ts';
import { put, tempFolder } from './testing/tempFolder.ts';

const folder = tempFolder();
const stamp = () => join(folder(), 'stamps/one.json');
const inputs = () => inputsDigest([join(folder(), 'code'), join(folder(), 'main.ts')]);
const upToDate = async () => isUpToDate(stamp(), await inputs());

beforeEach(async () => {
  await put(folder(), { 'code/a.ts': 'a', 'code/a.test.ts': 'test', 'main.ts': 'main', 'out/model': 'weights' });
  await writeStamp(stamp(), await inputs(), [join(folder(), 'out')]);
});

test('nothing is to do while code and products are as they were', async () => {
  expect(await upToDate()).toBe(true);
  await writeFile(join(folder(), 'code/a.test.ts'), 'another test');
  expect(await upToDate()).toBe(true);
});

test.each([
  ['code changed', () => writeFile(join(folder(), 'code/a.ts'), 'b')],
  ['a file of code came', () => writeFile(join(folder(), 'code/b.ts'), '')],
  ['a product is gone', () => rm(join(folder(), 'out/model'))],
  ['a product was cut short', () => writeFile(join(folder(), 'out/model'), 'weigh')],
  ['the stamp is half written', () => writeFile(stamp(), '{"inputs":')],
  ['there is no stamp', () => rm(stamp())],
])('all is built again when %s', async (_, change) => {
  await change();
  expect(await upToDate()).toBe(false);
});

test('work aside is cleared away after success, after failure, and an hour after a kill', async () => {
  const parent = join(folder(), 'staging');
  await put(parent, { '.partial-killed/x': '', '.partial-running/x': '', 'finished/x': '' });
  const longAgo = new Date(Date.now() - 2 * 60 * 60 * 1000);
  await utimes(join(parent, '.partial-killed'), longAgo, longAgo);
  const leave = (path: string) => put(path, { half: 'x' });
  await withStaging(parent, leave);
  const failing = withStaging(parent, async (path) => {
    await leave(path);
    throw new Error('stopped');
  });
  await expect(failing).rejects.toThrow('stopped');
  expect((await readdir(parent)).sort()).toEqual(['.partial-running', 'finished']);
});
