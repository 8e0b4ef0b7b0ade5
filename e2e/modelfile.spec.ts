import type { Page } from '@playwright/test';
import type { ChatRequest } from '../src/protocol/openai.ts';
import { expect, test } from './support/fixtures.ts';
import { complete, refusalOf, textOf } from './support/sill.ts';

test.use({ installed: ['stories15m'] });

/** The base model has no chat template; this brings one in Go, as Ollama's do. */
const TELLER = `# A teller of tales
FROM stories15m
PARAMETER temperature 0
PARAMETER num_predict 12
PARAMETER stop "."
TEMPLATE """{{ if .System }}{{ .System }} {{ end }}{{ .Prompt }}{{ .Response }}"""
SYSTEM Once upon a time
`;

const create = (page: Page, name: string, modelfile: string) =>
  page.evaluate(([id, source]) => globalThis.sill?.models.create({ name: id, modelfile: source }), [name, modelfile] as const);

const chat = (page: Page, request: Partial<ChatRequest> & { model: string }) =>
  page.evaluate(async (given) => {
    if (!globalThis.sill) throw new Error('globalThis.sill is missing');
    const answer = await globalThis.sill.chat.completions.create({ messages: [{ role: 'user', content: 'there was' }], ...given, stream: false });
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
