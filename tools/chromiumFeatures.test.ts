import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright';
import { expect, it } from 'vitest';
import { INTERFACE_FEATURES, WITHOUT_INTERFACE } from '../scripts/chromiumFeatures.mjs';

const featuresOf = (flag: string): string[] => flag.replace('--disable-features=', '').split(',').toSorted();

it('a Chromium that is started without its interface lacks what Playwright would have it lack, too', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sill-flags-'));
  try {
    const [program, told] = [join(folder, 'browser'), join(folder, 'told')];
    await writeFile(program, `#!/bin/sh\nprintf '%s\\n' "$@" > '${told}'\nexit 1\n`);
    await chmod(program, 0o755);
    await expect(chromium.launch({ executablePath: program, args: [WITHOUT_INTERFACE] })).rejects.toThrow();
    const flags = (await readFile(told, 'utf8')).split('\n').filter((line) => line.startsWith('--disable-features='));
    const [playwrights = '', ours = ''] = flags;
    expect(flags).toHaveLength(2);
    expect(ours).toBe(WITHOUT_INTERFACE);
    expect(featuresOf(ours)).toEqual([...featuresOf(playwrights), ...INTERFACE_FEATURES].toSorted());
  } finally {
    await rm(folder, { recursive: true });
  }
});
