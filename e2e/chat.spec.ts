import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expectAccessible, ONCE_AT_DESK } from './support/accessible.ts';
import { answers, composer, said, say, teller, whole } from './support/chat.ts';
import { expect, test } from './support/fixtures.ts';
import { OFFERS_CHAT } from './support/offer.ts';
import { refusalOf } from './support/sill.ts';
import { open, openDialog } from './support/views.ts';

test.use({ installed: ['stories15m'] });

const TELLER = teller(24);

const PASSPHRASE = 'correct horse battery';

async function begin(page: Page): Promise<void> {
  await page.evaluate((modelfile) => globalThis.sill?.models.create({ name: 'teller', modelfile }), TELLER);
  await open(page, 'Chat');
  await choose(page, 'teller');
}

async function choose(page: Page, model: string): Promise<void> {
  await page.locator('sill-chat-view').getByLabel('Model', { exact: true }).selectOption({ label: model });
}

/** From the menu behind the button of this name. */
async function fromMenu(page: Page, menu: string, item: string): Promise<void> {
  await page.getByRole('button', { name: menu }).click();
  await page.getByRole('menuitem', { name: item }).click();
}
const OF_THIS = 'More for this conversation';
const OF_ALL = 'More for all conversations';

const ways = (page: Page) => page.getByRole('region', { name: 'Stories 15M does not hold conversations' });
const list = (page: Page) => page.getByRole('list', { name: 'Conversations' });

test('a model without a template says so before anything is written, and the way out of it leads to an answer; it is branched, stopped and gone on with', async ({
  page,
}) => {
  await open(page, 'Chat');
  await expect(ways(page).getByRole('heading', { level: 3 })).toHaveText([
    ...(OFFERS_CHAT ? ['Install TinyLlama 1.1B Chat'] : []),
    'Give Stories 15M a template',
    'Bring a model for conversations',
    'Begin a text instead',
  ]);
  await composer(page).fill('Once upon a time');
  await expect(page.getByRole('button', { name: 'Send' })).toBeDisabled();
  await composer(page).press('Enter');
  await expect(said(page)).toHaveCount(0);
  await expectAccessible(page, 'Chat, with a model that holds no conversations');
  await ways(page).getByRole('button', { name: 'Make a model with a template of it' }).click();
  const modelfile = openDialog(page).getByRole('textbox', { name: 'Modelfile' });
  // What it begins with makes it answer; the test wants answers that can be told again.
  await expect(modelfile).toHaveValue(/^FROM stories15m[\s\S]*\nTEMPLATE/);
  await modelfile.fill(TELLER);
  await openDialog(page).getByRole('textbox', { name: 'Name' }).fill('teller');
  await openDialog(page).getByRole('button', { name: 'Save', exact: true }).click();
  await expect(openDialog(page)).toContainText('Saved as teller.');
  await openDialog(page).locator('wa-button').filter({ hasText: 'Close' }).click();
  await expect(openDialog(page)).toHaveCount(0);
  await expect(ways(page)).toHaveCount(0);
  await say(page, 'Once upon a time');
  await expect(answers(page)).toContainText('teller · ');
  await expect(answers(page)).toContainText('24 tokens');
  await expect(page.getByText(/Context: about \d+ of 256 tokens/)).toBeVisible();
  await expect(page.getByRole('status').filter({ hasText: 'The answer: ' })).toHaveCount(1);
  const first = (await answers(page).locator('sill-markdown .text').textContent()) ?? '';

  // The arrow edits what was said last: both wordings stay, with their answers.
  await composer(page).press('ArrowUp');
  await page.getByRole('textbox', { name: 'Your message, worded anew' }).fill('One day a cat');
  await page.keyboard.press('Enter');
  await whole(page);
  await expect(said(page)).toContainText('2/2');
  await expect(answers(page).locator('sill-markdown .text')).not.toHaveText(first);
  await answers(page).getByRole('button', { name: 'Answer again' }).click();
  await whole(page);
  await expect(answers(page)).toContainText('2/2');
  await said(page).getByRole('button', { name: 'Branch before' }).click();
  await expect(said(page)).toContainText('Once upon a time');
  await expect(answers(page).locator('sill-markdown .text')).toHaveText(first);

  // As a killed browser leaves it: half of the answer, and nobody who writes it.
  const cut = await page.evaluate(async () => {
    const kept = globalThis.sill?.conversations;
    const messages = (await kept?.messages())?.filter(({ body }) => typeof body === 'string' && body.includes('"ending":"length"')) ?? [];
    const oldest = messages
      .map(({ body, ...record }) => ({ ...record, message: JSON.parse(String(body)) }))
      .sort((a, b) => a.message.createdAtMs - b.message.createdAtMs)[0];
    if (!oldest) throw new Error('there is no answer');
    const { message, ...record } = oldest;
    const { ending: _, by: __, ...answer } = message.answer;
    const tokens = answer.tokens.slice(0, 9);
    const body = JSON.stringify({ ...message, text: '', answer: { ...answer, state: 'writing', tokens } });
    await kept?.write({ messages: [{ ...record, body }] });
    return { id: record.id, tokens };
  });
  await page.reload();
  await expect(said(page)).toContainText('Once upon a time');
  await expect(answers(page)).toContainText('This answer was cut off');
  await answers(page).getByRole('button', { name: 'Continue' }).click();
  await whole(page);
  // Behind the tokens that were there, up to the model's limit.
  const gone = await page.evaluate(async (id) => {
    const record = (await globalThis.sill?.conversations.messages())?.find((each) => each.id === id);
    return JSON.parse(String(record?.body)).answer;
  }, cut.id);
  expect(gone.tokens.slice(0, 9)).toEqual(cut.tokens);
  expect(gone).toMatchObject({ state: 'done', ending: 'length', completionTokens: 24 });
  expect(gone.tokens).toHaveLength(24);

  await composer(page).fill('and then');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await expect(answers(page)).toHaveCount(2);
  await expect(page.getByRole('button', { name: 'Stop' })).toHaveCount(0);

  // In the middle of a conversation, too, and one that can is named.
  await choose(page, 'Stories 15M (no conversations)');
  await ways(page).getByRole('button', { name: 'Choose it' }).click();
  await expect(ways(page)).toHaveCount(0);
  await expect(page.locator('sill-chat-view').getByLabel('Model', { exact: true })).toHaveValue('teller');
});

test('instructions and settings of a conversation reach its answers, stay with it, and are in no other', async ({ page }) => {
  await begin(page);
  const settings = page.locator('sill-chat-settings details.card');
  const instructions = page.getByRole('textbox', { name: 'Instructions', exact: true });
  await page.getByText('Instructions and settings').click();
  await instructions.fill('A fox and a hen lived by the river.');
  await page.getByRole('checkbox', { name: /^Set how it chooses its words/ }).check();
  await page.getByRole('slider', { name: 'Temperature' }).fill('0');
  const length = page.getByRole('spinbutton', { name: 'Length at most, in tokens' });
  await length.fill('7');
  await length.press('Tab');
  await say(page, 'One day');
  await expect(answers(page)).toContainText('7 tokens');
  // As the same question is answered through the contract, and not as without the instructions.
  const [told, untold] = await page.evaluate(async () => {
    const ask = async (system: readonly { readonly role: 'system'; readonly content: string }[]) => {
      const messages = [...system, { role: 'user' as const, content: 'One day' }];
      const set = { temperature: 0, repetition_penalty: 1.1, top_p: 0.95, top_k: 40, max_tokens: 7 };
      const answer = await globalThis.sill?.chat.completions.create({ model: 'teller', messages, ...set, stream: false });
      return answer?.choices[0]?.message.content?.trim();
    };
    return [await ask([{ role: 'system', content: 'A fox and a hen lived by the river.' }]), await ask([])];
  });
  expect(told).not.toBe(untold);
  await expect(answers(page).locator('sill-markdown .text')).toHaveText(told ?? '');

  await page.reload();
  await expect(settings).toContainText('with instructions, own settings');
  await page.getByText('Instructions and settings').click();
  await expect(instructions).toHaveValue('A fox and a hen lived by the river.');
  await expect(length).toHaveValue('7');
  await expect(page.getByRole('slider', { name: 'Temperature' })).toHaveValue('0');
  await page.getByRole('button', { name: 'New conversation' }).click();
  await expect(settings).not.toContainText('with instructions');
});

const MARKDOWN = `# Bread

Mix **flour** and <img src="https://elsewhere.invalid/a.png" onerror="alert(1)">water. See [the mill](https://mill.example/flour)
and [this](javascript:alert(1)). ![a loaf](https://elsewhere.invalid/loaf.png)

\`\`\`python
# until brown
def bake(loaf: str, minutes=30):
    return f"{loaf} is done"
\`\`\`

| a | b |
|---|---|
| 1 | 2 |
`;

const file = (conversations: readonly unknown[]) =>
  JSON.stringify({ format: 'sill-conversations', version: 1, exportedAtMs: 1, conversations });

const imported = (index: number, text: string, answer: string) => ({
  ...{ id: `c${index}`, title: `Title ${index}`, createdAtMs: index, updatedAtMs: index, model: 'teller', system: '', leaf: `a${index}` },
  messages: [
    { id: `q${index}`, role: 'user', text, createdAtMs: index },
    {
      id: `a${index}`,
      parent: `q${index}`,
      role: 'assistant',
      text: answer,
      createdAtMs: index + 1,
      answer: { state: 'done', ending: 'stop', model: 'teller' },
    },
  ],
});

test('conversations are imported, shown without harm, found, renamed, exported, deleted and brought back', async ({
  page,
  context,
  profile,
}) => {
  await open(page, 'Chat');
  const path = join(profile, 'conversations.json');
  const many = Array.from({ length: 1000 }, (_, i) => imported(i + 1, `Question ${i}`, i === 500 ? 'A needle in the hay' : 'Hay'));
  await writeFile(path, file([...many, imported(2000, 'How do I bake?', MARKDOWN), imported(3000, 'And then?', ' \n\n')]));
  const input = page.locator('sill-chat-view input[type=file]').first();
  await input.setInputFiles({ name: 'notes.json', mimeType: 'application/json', buffer: Buffer.from('{"format":"notes"}') });
  await expect(page.getByRole('alert')).toContainText('Nothing was changed');
  await input.setInputFiles(path);
  await expect(page.getByText('1,002 conversations', { exact: true })).toBeVisible();

  await list(page).getByRole('link', { name: 'Title 3000' }).click();
  await expect(answers(page)).toContainText('The model ended its answer without a word.');
  await expect(answers(page).getByRole('button', { name: 'Answer again' })).toBeVisible();
  await expect(answers(page).getByRole('button', { name: /Copy|Continue/ })).toHaveCount(0);

  await list(page).getByRole('link', { name: 'Title 2000' }).click();
  const bread = answers(page);
  await expect(bread.getByRole('heading', { name: 'Bread' })).toBeVisible();
  await expect(bread).toContainText('<img src=');
  await expect(bread.locator('img, iframe, script')).toHaveCount(0);
  await expect(bread.getByRole('link')).toHaveCount(1);
  await expect(bread.getByRole('link', { name: 'the mill' })).toHaveAttribute('rel', /noopener/);
  await expect(bread).toContainText('(https://mill.example/flour)');
  await expect(bread).toContainText('Picture, not loaded: a loaf');
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await bread.getByRole('button', { name: 'Copy the code' }).click();
  await expect
    .poll(() => page.evaluate(() => navigator.clipboard.readText()))
    .toBe('# until brown\ndef bake(loaf: str, minutes=30):\n    return f"{loaf} is done"\n');
  // Each in a colour of its own, which axe finds readable in both schemes.
  await expect(bread.locator('code .name')).toHaveText('bake');
  const coloured = bread.locator('code :is(.note, .word, .name, .kind, .figure, .text)');
  const colours = await coloured.evaluateAll((all) => new Set(all.map((each) => getComputedStyle(each).color)).size);
  expect(colours).toBe(6);
  await expectAccessible(page, 'Chat, with an answer');
  await page.setViewportSize({ width: 1280, height: 800 });

  await page.getByRole('searchbox', { name: 'Search conversations' }).fill('NEEDLE');
  await expect(list(page).getByRole('link')).toHaveCount(1);
  await expect(list(page).getByRole('link')).toContainText('A needle in the hay');
  await list(page).getByRole('link').click();
  await expect(said(page)).toContainText('Question 500');
  await fromMenu(page, OF_THIS, 'Rename');
  await page.getByRole('textbox', { name: 'Title' }).fill('Sewing');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Sewing' })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Sewing' })).toBeVisible();

  for (const [name, suffix, content] of [
    ['Save as Markdown', 'Sewing.md', '# Sewing\n\n## You\n\nQuestion 500\n\n## teller\n\nA needle in the hay\n'],
    ['Export as JSON', 'Sewing.json', '"title": "Sewing"'],
  ] as const) {
    const [download] = await Promise.all([page.waitForEvent('download'), fromMenu(page, OF_THIS, name)]);
    expect(download.suggestedFilename()).toBe(suffix);
    await download.saveAs(join(profile, suffix));
    expect(await readFile(join(profile, suffix), 'utf8')).toContain(content);
  }

  await fromMenu(page, OF_THIS, 'Delete this conversation');
  await expect(page.getByText('1,001 conversations', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByRole('heading', { name: 'Sewing' })).toBeVisible();
  await expect(said(page)).toContainText('Question 500');

  // One that is pinned stands before newer ones, also later; several are deleted together, and come back together.
  await fromMenu(page, OF_THIS, 'Pin above all others');
  await page.getByRole('searchbox', { name: 'Search conversations' }).fill('');
  await expect(list(page).getByRole('link').first()).toHaveAccessibleName(/^Pinned\s*Sewing/);
  await fromMenu(page, OF_ALL, 'Choose several to delete');
  for (const title of ['Title 1000', 'Title 999']) await list(page).getByRole('checkbox', { name: title }).check();
  await expect(page.getByText('2 of 1,002 chosen')).toBeVisible();
  await expectAccessible(page, 'Chat, choosing several', ONCE_AT_DESK);
  await page.getByRole('button', { name: 'Delete the chosen' }).click();
  await expect(page.getByText('1,000 conversations', { exact: true })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Sewing' })).toBeVisible();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByText('1,002 conversations', { exact: true })).toBeVisible();

  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole('button', { name: 'Conversations', exact: true }).click();
  await list(page).getByRole('link', { name: 'Title 2000' }).click();
  await expect(bread.getByRole('heading', { name: 'Bread' })).toBeVisible();
  await expect(page.locator('wa-drawer[open]')).toHaveCount(0);
});

test('two tabs lose nothing of each other, and a passphrase locks both, and what lies on the disk', async ({ page, context }) => {
  await begin(page);
  await say(page, 'Once upon a time');
  const other = await context.newPage();
  await other.goto(page.url());
  await expect(said(other)).toContainText('Once upon a time');
  await Promise.all([say(page, 'One cat'), say(other, 'Two dogs')]);
  // As branches or one after the other, as it falls out: nothing is lost.
  const texts = await page.evaluate(async () => (await globalThis.sill?.conversations.messages())?.map(({ body }) => String(body)).join());
  expect(texts).toMatch(/One cat/);
  expect(texts).toMatch(/Two dogs/);
  await page.reload();
  await expect(said(page).first()).toContainText('Once upon a time');

  await fromMenu(page, OF_ALL, 'Lock with a passphrase');
  const dialog = openDialog(page);
  await dialog.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE);
  await dialog.getByLabel('The same again').fill(PASSPHRASE);
  await expectAccessible(page, 'Chat, setting a passphrase');
  await dialog.getByRole('button', { name: 'Lock them' }).click();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Lock now' })).toBeVisible();
  await expect(other.getByRole('heading', { name: 'Conversations are locked' })).toBeVisible();
  const stored = await page.evaluate(async () => {
    const kept = globalThis.sill?.conversations;
    return [...((await kept?.list())?.heads ?? []), ...((await kept?.messages()) ?? [])].map(({ body }) =>
      new TextDecoder().decode(body instanceof Uint8Array ? body : new TextEncoder().encode(body)),
    );
  });
  expect(stored).toHaveLength(7);
  expect(stored.join()).not.toMatch(/Once|cat|teller/);
  await say(page, 'More');
  await other.close();

  await page.reload();
  await expect(page.getByRole('heading', { name: 'Conversations are locked' })).toBeVisible();
  await expectAccessible(page, 'Chat, locked');
  await page.getByLabel('Passphrase', { exact: true }).fill('wrong horse battery');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toContainText('This is not the passphrase');
  await page.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE);
  await page.keyboard.press('Enter');
  await expect(said(page).last()).toContainText('More');

  await fromMenu(page, OF_ALL, 'Passphrase');
  await openDialog(page).getByRole('button', { name: 'Remove the passphrase' }).click();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Lock now' })).toHaveCount(0);
  await page.reload();
  await expect(said(page).last()).toContainText('More');
  const refused = await refusalOf(page, (sill) => sill.conversations.write({ heads: [{ id: 'no id', version: 0, body: '' }] }));
  expect(refused.code).toBe('invalid_request');
});
