import { expectAccessible, ONCE } from './support/accessible.ts';
import { expect, test } from './support/fixtures.ts';
import { open } from './support/views.ts';

test.use({ installed: ['stories15m'], shared: true });

test('who looks after a device sees who asks, who waits and how fast it goes, and stops what is too much', async ({ page }) => {
  await open(page, 'Device');
  const card = page.getByRole('region', { name: 'Requests', exact: true });
  await expect(card).toContainText('Nobody asks for anything at this moment.');

  // As many as are under way together, and one more. Nobody reads on, and each has more pieces than may be on their way, so that none of them ends.
  await page.evaluate(async () => {
    const { sill } = globalThis;
    const asked = {
      model: 'stories15m',
      prompt: 'Once upon a time',
      max_tokens: 200,
      n: 12,
      temperature: 0,
      logprobs: 5,
      stream: true,
    } as const;
    const held: unknown[] = [];
    for (let i = 0; i < 3; i++) {
      const chunks = (await sill?.completions.create(asked))?.[Symbol.asyncIterator]();
      await chunks?.next();
      held.push(chunks);
    }
    const headers = { 'content-type': 'application/json' };
    const response = await fetch('v1/completions', { method: 'POST', headers, body: JSON.stringify(asked) });
    const reader = response.body?.getReader();
    await reader?.read();
    const waiting = sill?.completions.create({ ...asked, stream: false }).catch((reason: { code: string }) => reason.code);
    Object.assign(globalThis, { held, reader, waiting });
  });
  const rows = card.getByRole('list', { name: 'Requests under way' }).getByRole('listitem');
  await expect(rows).toHaveCount(5);
  const first = rows.filter({ hasText: 'A tab of this app' }).filter({ hasText: 'runs' });
  await expect(first).toHaveCount(3);
  await expect(first.first()).toContainText(/Text, Stories 15M.*\d tokens.*tokens\/s · first token after/s);
  const overHttp = rows.filter({ hasText: 'A client of the HTTP APIs' });
  await expect(overHttp).toContainText('runs');
  const waits = rows.filter({ hasText: 'next in line' });
  await expect(waits).toContainText('waits');
  await expectAccessible(page, 'Device, with requests', ONCE);

  await waits.getByRole('button', { name: 'Cancel: Text, Stories 15M' }).click();
  await expect(rows).toHaveCount(4);
  expect(await page.evaluate(() => Reflect.get(globalThis, 'waiting'))).toBe('aborted');
  await overHttp.getByRole('button', { name: 'Cancel: Text, Stories 15M' }).click();
  await expect(rows).toHaveCount(3);
  // What was on its way arrives; then it ends, and says why.
  const rest = await page.evaluate(async () => {
    const reader: ReadableStreamDefaultReader<Uint8Array> = Reflect.get(globalThis, 'reader');
    let text = '';
    try {
      for (let part = await reader.read(); !part.done; part = await reader.read()) text += new TextDecoder().decode(part.value);
    } catch {
      text += 'cut off';
    }
    return text.slice(-500);
  });
  expect(rest).toMatch(/"code":"aborted"|cut off/);
  expect(rest).not.toContain('[DONE]');
  await page.evaluate(async () => {
    const held: AsyncIterator<unknown>[] = Reflect.get(globalThis, 'held');
    for (const chunks of held) await chunks.return?.();
  });
  await expect(card).toContainText('Nobody asks for anything at this moment.');
  await card.getByText('Those that ended last').click();
  await expect(card.getByRole('list', { name: 'Requests that ended' }).getByRole('listitem').filter({ hasText: 'cancelled' })).toHaveCount(
    5,
  );
});
