import type { BrowserContext } from '@playwright/test';
import type { Site } from './site.ts';

/** A browser that several tests use, one after the other, with the site that it was opened at. */
export interface Kept {
  readonly site: Site;
  readonly context: BrowserContext;
  /** What went wrong in it since the last test. */
  readonly faults: string[];
  close(): Promise<void>;
}

/** One at a time: the browser of the last file is closed when the next one asks. */
export interface Keeper {
  of(key: string, open: () => Promise<Kept>): Promise<Kept>;
  /** Before another server listens at the same port. */
  close(): Promise<void>;
}

export function createKeeper(): Keeper {
  let kept: { readonly key: string; readonly browser: Kept } | undefined;
  const close = async (): Promise<void> => {
    await kept?.browser.close();
    kept = undefined;
  };
  return {
    async of(key, open) {
      if (kept?.key !== key) {
        await close();
        kept = { key, browser: await open() };
      }
      return kept.browser;
    },
    close,
  };
}

/** As it was opened, but for what the device stores: one tab, with nothing in it. */
export async function clear({ context, site, faults }: Kept): Promise<void> {
  const page = await context.newPage();
  for (const other of context.pages()) if (other !== page) await other.close();
  await context.unrouteAll({ behavior: 'ignoreErrors' });
  await context.setOffline(false);
  await site.reset();
  faults.length = 0;
}
