import { watchMemory } from '../../bench/measure/memory.ts';
import { browserPid } from '../support/downloads.ts';
import { expect, openApp } from '../support/fixtures.ts';
import { test } from '../support/publishing.ts';
import { recordSoak, restBytes } from '../support/soak.ts';

const MIB = 2 ** 20;
const SESSIONS = Number(process.env.SILL_SESSIONS ?? 2000);
/** By then everything that is made once is made. */
const FIRST = 10;
/** Revisions that are published while people are there. */
const UPDATES = 4;
/** As in memory.spec.ts: what is looked at moves by 40 MiB up and down. A session that left 64 KiB would be 125 MiB after 2,000. */
const MAX_GROWTH_BYTES = 64 * MIB;
const IDLE_MS = 15_000;

test.use({ installed: ['stories15m'] });

/** Quick to try: this is about what happens while people are there. */
const SUITE = `${JSON.stringify({ id: 'begins', prompt: 'Once upon a time', max_tokens: 6, assert: [{ type: 'starts-with', value: ', there was' }] })}\n`;

test(`${SESSIONS} persons after each other leave a kiosk's memory where the tenth left it, and it takes every update`, async ({
  openBrowser,
  site,
  profile,
  publisher,
}) => {
  test.setTimeout(4 * 60 * 60_000);
  const policy = {
    schema: 1,
    kiosk: { task: 'write', model: 'stories15m', idleSeconds: IDLE_MS / 1000 },
    // All day: a device that is asked all day is never idle.
    devices: { updates: { mode: 'window', days: [0, 1, 2, 3, 4, 5, 6], from: '00:00', to: '23:59' } },
  };
  site.answer(({ path }) => (path === 'sill.policy.json' ? { body: JSON.stringify(policy) } : undefined));
  const context = await openBrowser();
  const page = await openApp(context, site);
  const pid = await browserPid(profile);
  if (pid === undefined) throw new Error('what the browser takes can be read from /proc on Linux only');
  const memory = watchMemory(pid, 60_000);
  await page.clock.install();
  await page.reload();
  const attract = page.getByRole('button', { name: 'Touch to begin' });
  const field = page.getByRole('textbox', { name: 'Begin a text and let it be gone on with.' });
  const active = () =>
    page.evaluate(
      async () => (await globalThis.sill?.models.versions('stories15m'))?.versions.find(({ role }) => role === 'active')?.revision,
    );
  const published: string[] = [];
  const taken = new Set<string>();

  try {
    let firstBytes = 0;
    for (let session = 1; session <= SESSIONS; session++) {
      await attract.click({ timeout: 120_000 });
      await field.fill(`Person ${session} went to the sea and`);
      await page.getByRole('button', { name: 'Send' }).click();
      await expect(page.getByRole('log').getByRole('listitem')).toHaveCount(2);
      if (session % 10 === 0) {
        // Every tenth goes away in the middle of an answer, without a word.
        await page.clock.fastForward(IDLE_MS * 6);
      } else await page.getByRole('button', { name: 'Start again' }).click();
      await expect(attract).toBeVisible({ timeout: 120_000 });

      if (session === FIRST) firstBytes = await restBytes(page, memory);
      // Evenly over the day, and what is published last has time to arrive.
      if (session % Math.ceil(SESSIONS / (UPDATES + 1)) === 0 && published.length < UPDATES) {
        const about = { description: `Number ${published.length + 1}.` };
        published.push(await publisher.release('stories15m', { about, files: { 'evaluation.jsonl': () => SUITE } }));
        // A device looks each hour, and as it starts.
        await page.reload();
        await expect(attract).toBeVisible({ timeout: 120_000 });
      }
      const running = await active();
      if (running) taken.add(running);
      if (session % 100 === 0)
        console.log(`${session} sessions, ${(memory.ownBytes() / MIB).toFixed(0)} MiB, ${taken.size} revisions so far`);
    }
    const lastBytes = await restBytes(page, memory);
    console.log(
      `${SESSIONS} sessions: ${(firstBytes / MIB).toFixed(0)} MiB after the tenth, ${(lastBytes / MIB).toFixed(0)} MiB after the last`,
    );
    const events = await page.evaluate(() => globalThis.sill?.events.list());
    const restarts = events?.filter(({ type }) => type === 'restart');
    recordSoak('sessions', page, { sessions: SESSIONS, firstBytes, lastBytes, published: published.length, taken: taken.size, restarts });
    const { sessions } = (await page.evaluate(() => globalThis.sill?.kiosk.status())) ?? {};
    expect(sessions).toBeGreaterThanOrEqual(SESSIONS);
    expect.soft(lastBytes - firstBytes).toBeLessThan(MAX_GROWTH_BYTES);
    await expect.poll(active, { timeout: 10 * 60_000 }).toBe(published.at(-1));
    expect([...taken, await active()]).toEqual(expect.arrayContaining(published));
  } finally {
    memory.stop();
  }
});
