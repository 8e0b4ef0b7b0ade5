import { expect, type Page } from '@playwright/test';

/**
 * The base model has no chat template; this brings one, as a person's own model does. Greedy, so that an answer can be told again.
 * @param tokens that an answer has
 */
export const teller = (tokens: number): string => `FROM stories15m
PARAMETER temperature 0
PARAMETER num_predict ${tokens}
TEMPLATE """{{ if .System }}{{ .System }} {{ end }}{{ range .Messages }}{{ .Content }} {{ end }}"""
`;

export const composer = (page: Page) => page.getByRole('textbox', { name: 'Your message', exact: true });
export const answers = (page: Page) => page.getByRole('article', { name: /^Answer of/ });
export const said = (page: Page) => page.getByRole('article', { name: 'You' });

/** Says it, and waits until the answer is whole. */
export async function say(page: Page, text: string): Promise<void> {
  await composer(page).fill(text);
  await composer(page).press('Enter');
  await expect(said(page).filter({ hasText: text })).toHaveCount(1);
  await whole(page);
}

export async function whole(page: Page): Promise<void> {
  await expect(page.getByRole('button', { name: 'Stop' })).toHaveCount(0, { timeout: 60_000 });
  await expect(answers(page).last()).toContainText('tokens/s');
}
