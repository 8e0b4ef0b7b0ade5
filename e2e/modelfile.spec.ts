import type { Page } from '@playwright/test';
import type { ChatRequest } from '../src/protocol/openaiRequests.ts';
import { expectAccessible } from './support/accessible.ts';
import { expect, test } from './support/fixtures.ts';
import { complete, refusalOf, textOf } from './support/sill.ts';
import { card, open, openDialog } from './support/views.ts';

test.use({ installed: ['stories15m'], shared: true });

/** The base model has no chat template; this brings one in Go, as Ollama's do. */
const TELLER = `# A teller of tales
FROM stories15m
PARAMETER temperature 0
PARAMETER num_predict 12
PARAMETER stop "."
TEMPLATE """{{ if .System }}{{ .System }} {{ end }}{{ .Prompt }}{{ .Response }}"""
SYSTEM Once upon a time
`;

test.afterEach(async ({ page }) => {
  await page.evaluate(async () => {
    const made = (await globalThis.sill?.models.list())?.flatMap(({ id, derived }) => (derived ? [id] : [])) ?? [];
    // One that another is made of goes after it.
    for (let id = made.shift(); id !== undefined; id = made.shift()) {
      const { sill } = globalThis;
      const again = id;
      await sill?.models.remove(again).catch(() => made.push(again));
    }
  });
});

const create = (page: Page, name: string, modelfile: string) =>
  page.evaluate(([id, source]) => globalThis.sill?.models.create({ name: id, modelfile: source }), [name, modelfile] as const);

const chat = (page: Page, request: Partial<ChatRequest> & { model: string }) =>
  page.evaluate(async (given) => {
    if (!globalThis.sill) throw new Error('globalThis.sill is missing');
    const answer = await globalThis.sill.chat.completions.create({
      messages: [{ role: 'user', content: 'there was' }],
      ...given,
      stream: false,
    });
    const { choices, sill, usage } = answer;
    return { text: choices[0]?.message.content ?? '', finish: choices[0]?.finish_reason, sill, usage };
  }, request);

test('a model without a chat template holds a conversation through one that is made from it', async ({ page }) => {
  const refused = await refusalOf(page, (sill) =>
    sill.chat.completions.create({ model: 'stories15m', messages: [{ role: 'user', content: 'Hello' }] }),
  );
  expect(refused.code).toBe('chat_template_missing');

  const made = await create(page, 'teller', TELLER);
  expect(made).toMatchObject({ id: 'teller', state: 'installed', derived: { base: 'stories15m', from: 'stories15m' } });
  const plain = await complete(page, { prompt: 'Once upon a time there was', temperature: 0, max_tokens: 12, stop: '.' });
  const answer = await chat(page, { model: 'teller' });
  expect(answer.text).toBe(textOf(plain));
  expect(answer.sill).toMatchObject({ model: 'teller', base: 'stories15m', revision: plain.sill?.revision });
  // The request goes before the Modelfile, and the same beginning is not evaluated twice.
  const shorter = await chat(page, { model: 'teller', max_tokens: 3, stop: [] });
  expect(shorter).toMatchObject({ finish: 'length', usage: { completion_tokens: 3 } });
  expect(shorter.usage?.prompt_tokens_details?.cached_tokens).toBeGreaterThan(0);
});

test('a Modelfile is refused with every fault and its line; what it leaves open comes from its base', async ({ page }) => {
  const refused = await refusalOf(page, (sill) =>
    sill.models.create({ name: 'teller', modelfile: 'FROM stories15m\nPARAMETER heat 1\nTEMPLATE {{ .Nobody }}\nADAPTER ./lora.gguf' }),
  );
  expect(refused).toMatchObject({ code: 'invalid_request', details: { lines: ['2', '3', '4'] } });
  expect(refused.message).toContain('line 3: the template is not understood: there is no .Nobody here');

  await create(page, 'teller', TELLER);
  await create(page, 'shout', 'FROM teller:latest\nSYSTEM ""\nMESSAGE user Once upon a time');
  const told = await page.evaluate(() => globalThis.sill?.models.modelfile('shout'));
  expect(told).toContain('FROM teller:latest');
  // Both messages are a person's: Ollama joins them by an empty line.
  const plain = await complete(page, { prompt: 'Once upon a time\n\nthere was', temperature: 0, max_tokens: 12, stop: '.' });
  expect((await chat(page, { model: 'shout' })).text).toBe(textOf(plain));
  const removal = await refusalOf(page, (sill) => sill.models.remove('teller'));
  expect(removal.message).toContain('shout is made from teller');

  const copied = await page.evaluate(() => globalThis.sill?.models.copy('teller', 'bard'));
  expect(copied).toMatchObject({ id: 'bard', derived: { base: 'stories15m' } });
});

test('a person makes a model of their own, tries it, changes it from a file, and is told what a removal leaves behind', async ({
  page,
}) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await open(page, 'Models');
  await card(page, 'Stories 15M').getByRole('button', { name: 'Make a model of your own from Stories 15M' }).click();
  const dialog = page.getByRole('dialog', { name: 'Make a model of your own' });
  await dialog.waitFor();
  const editor = openDialog(page).getByRole('textbox', { name: 'Modelfile' });
  const save = openDialog(page).getByRole('button', { name: 'Save', exact: true });
  await openDialog(page).getByRole('textbox', { name: 'Name' }).fill('teller');
  await editor.fill('FROM stories15m\nPARAMETER heat 1');
  await expect(openDialog(page).getByText('There is no parameter “heat”.')).toBeVisible();
  await expect(save).toBeDisabled();
  await expectAccessible(page, 'a Modelfile with a fault');
  await openDialog(page).getByRole('button', { name: 'Line 2' }).click();
  await page.keyboard.insertText('PARAMETER num_thread 2');
  await expect(openDialog(page).getByText('num_thread has no effect')).toBeVisible();

  const file = { name: 'Modelfile', mimeType: 'text/plain', buffer: Buffer.from(TELLER) };
  await openDialog(page).locator('input[type=file]').setInputFiles(file);
  await expect(editor).toHaveValue(TELLER);
  await save.click();
  await expect(openDialog(page).getByText('Saved as teller.')).toBeVisible();
  await openDialog(page).getByRole('textbox', { name: 'Try it' }).fill('there was');
  await openDialog(page).getByRole('button', { name: 'Ask' }).click();
  await expect(openDialog(page).getByRole('region', { name: 'Answer' })).toContainText(/a little girl/);
  await expectAccessible(page, 'a model that was made, tried');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    openDialog(page).getByRole('button', { name: 'Save as a file' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('teller.Modelfile');
  await openDialog(page).getByRole('button', { name: 'Close', exact: true }).last().click();

  const own = card(page, 'teller');
  await expect(own).toContainText('Made from stories15m');
  await card(page, 'Stories 15M').getByRole('button', { name: 'Remove Stories 15M' }).click();
  await expect(page.getByText('do not answer until it is installed again: teller')).toBeVisible();
  await openDialog(page)
    .getByRole('button', { name: /^Remove, frees/ })
    .click();
  await expect(own).toContainText('It answers once stories15m is installed.');
  const refused = await refusalOf(page, (sill) =>
    sill.chat.completions.create({ model: 'teller', messages: [{ role: 'user', content: 'Hello' }] }),
  );
  expect(refused).toMatchObject({ code: 'model_not_installed', details: { id: 'stories15m', derived: 'teller' } });
  const again = await page.evaluate(() => globalThis.sill?.models.install('teller'));
  expect(again).toMatchObject({ id: 'teller', state: 'installed', derived: { base: 'stories15m' } });
  await expect(own).toContainText('Made here');
  await own.getByRole('button', { name: 'Remove teller' }).click();
  await expect(own).toHaveCount(0);
  // Its weights are another model's: it is back at once, as it was.
  await page.getByRole('region', { name: 'Notices' }).getByRole('button', { name: 'Undo' }).click();
  await expect(own).toContainText('Made here');
  await own.getByRole('button', { name: 'Remove teller' }).click();
  await expect(own).toHaveCount(0);
});
