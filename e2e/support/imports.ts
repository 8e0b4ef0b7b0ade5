import type { Page } from '@playwright/test';

/** Making and scoring two forms, on a machine that does much else. */
export const MADE = { timeout: 90_000 };

/** Bytes of chunks that belong to nothing installed, and models that are. */
export const left = (page: Page) =>
  page.evaluate(async () => {
    const report = await globalThis.sill?.storage();
    return { unfinishedBytes: report?.unfinishedBytes, modelBytes: report?.modelBytes, unfinished: report?.unfinished.length };
  });
export const NOTHING = { unfinishedBytes: 0, modelBytes: 0, unfinished: 0 };
