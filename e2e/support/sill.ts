import type { Page } from '@playwright/test';
import type {} from '../../src/protocol/sill.ts';

/** Installs a model through the public surface: the quick way for tests that are not about installing. */
export async function install(page: Page, id: string, options: { variant?: string } = {}): Promise<void> {
  await page.evaluate(
    async ([model, variant]) => {
      if (!globalThis.sill) throw new Error('globalThis.sill is missing');
      await globalThis.sill.models.install(model, variant === undefined ? {} : { variant });
    },
    [id, options.variant] as const,
  );
}

/** What a rejected call of the surface carries, as the page sees it. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
}
