import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from './support/fixtures.ts';
import { attract } from './support/kiosk.ts';

const GUIDE = readFileSync(resolve(import.meta.dirname, '../docs/operate.md'), 'utf8');
/** What whoever operates a site copies; the third is part of the build (tools/guides.test.ts). */
const [everyDevice = '', kiosk = ''] = [...GUIDE.matchAll(/^```json\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);

test.use({ installed: ['stories15m'] });

const BUFFERED_BYTES = 4_000_000;

test('the files of the guide to operating take hold as they are written: what every device does by itself, and a kiosk', async ({
  page,
  site,
}) => {
  const told = () =>
    page.evaluate(async () => {
      const { sill } = globalThis;
      const [operator, updates, downloads, memory] = await Promise.all([
        sill?.operator(),
        sill?.updates.policy(),
        sill?.downloads.settings(),
        sill?.memory(),
      ]);
      return { operator, updates: updates?.policy, downloads, loaded: memory?.models.map(({ id, state }) => `${id} ${state}`) };
    });
  let served = everyDevice;
  site.answer(({ path }) => (path === 'sill.policy.json' ? { body: served } : undefined));

  await test.step('on a device that has one of the two models', async () => {
    await page.reload();
    await expect.poll(async () => (await told()).loaded, { timeout: 60_000 }).toEqual(['stories15m loaded']);
    const { operator, updates, downloads } = await told();
    expect(operator).toEqual({ kiosk: true, decides: ['updates', 'downloads', 'memory'], install: ['stories15m', 'whisper-tiny'] });
    expect(updates).toEqual({ mode: 'window', channel: 'stable', days: [0, 1, 2, 3, 4, 5, 6], from: '02:00', to: '05:00' });
    expect(downloads).toMatchObject({ bytesPerSecond: 500_000, metered: 'allow' });
  });

  await test.step('the other is on its way, as slowly as it says', async () => {
    const sent = (moreThan: number) => expect.poll(() => site.sentModelBytes, { timeout: 60_000 }).toBeGreaterThan(moreThan);
    // A server has sent what lies in the buffers between both, and that is there at once.
    await sent(site.sentModelBytes + BUFFERED_BYTES);
    const begun = { atMs: Date.now(), bytes: site.sentModelBytes };
    await sent(begun.bytes + 1_000_000);
    expect(((site.sentModelBytes - begun.bytes) * 1000) / (Date.now() - begun.atMs)).toBeLessThan(1_000_000);
    await page.goto(`${site.url}#/models`);
    await expect(page.getByRole('progressbar', { name: 'Installing Whisper tiny' })).toBeVisible();
  });

  await test.step('and the next file makes a screen of it', async () => {
    served = kiosk;
    await page.reload();
    await expect(page.getByRole('heading', { name: 'Ask the lighthouse' })).toBeVisible();
    await attract(page).click();
    await page.getByRole('textbox').fill('Once upon a time');
    await page.getByRole('textbox').press('Enter');
    await expect(page.getByRole('log').getByRole('listitem').nth(1)).toContainText(/\w+ \w+ \w+/, { timeout: 60_000 });
  });
});
