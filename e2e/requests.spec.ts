import { expectAccessible, ONCE } from './support/accessible.ts';
import { expect, test } from './support/fixtures.ts';
import { open } from './support/views.ts';

test.use({ installed: ['stories15m'], shared: true });

test('who looks after a device sees who asks, who waits and how fast it goes, and stops what is too much', async ({ page }) => {
  await open(page, 'Device');
  const card = page.getByRole('region', { name: 'Requests', exact: true });
  await expect(card).toContainText('Nobody asks for anything at this moment.');

  // As many as are under way together, and one more. None of them ends by itself; all are read, since one that is not gives its place up.
  await page.evaluate(async () => {
    const { sill } = globalThis;
    const endless = { max_tokens: 1e6, context_shift: true, logit_bias: { 1: -100, 2: -100 } };
    const asked = { ...endless, model: 'stories15m', prompt: 'Once upon a time', temperature: 0 };
    const streamed = { ...asked, stream: true } as const;
    const given = new AbortController();
    for (let i = 0; i < 3; i++) {
      const chunks = await sill?.completions.create(streamed, { signal: given.signal });
      void (async () => {
        for await (const _ of chunks ?? []);
      })().catch(() => undefined);
    }
    const headers = { 'content-type': 'application/json' };
    const response = await fetch('v1/completions', { method: 'POST', headers, body: JSON.stringify(streamed) });
    const read = async () => {
      const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
      let text = '';
      try {
        for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) text = (text + part.value).slice(-500);
      } catch {
        text += 'cut off';
      }
      return text;
    };
    const waiting = sill?.completions.create(asked).catch((reason: { code: string }) => reason.code);
    Object.assign(globalThis, { sillTest: { rest: read(), waiting, giveUp: () => given.abort() } });
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
  expect(await page.evaluate('sillTest.waiting')).toBe('aborted');
  await overHttp.getByRole('button', { name: 'Cancel: Text, Stories 15M' }).click();
  await expect(rows).toHaveCount(3);
  // What was on its way arrives; then it ends, and says why.
  const rest = await page.evaluate<string>('sillTest.rest');
  expect(rest).toMatch(/"code":"aborted"|cut off/);
  expect(rest).not.toContain('[DONE]');
  await page.evaluate('sillTest.giveUp()');
  await expect(card).toContainText('Nobody asks for anything at this moment.');
  await card.getByText('Those that ended last').click();
  await expect(card.getByRole('list', { name: 'Requests that ended' }).getByRole('listitem').filter({ hasText: 'cancelled' })).toHaveCount(
    5,
  );
});
