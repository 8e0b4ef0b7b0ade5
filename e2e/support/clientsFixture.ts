import type { Page } from '@playwright/test';
import { openClients } from './clients.ts';
import { test as base } from './fixtures.ts';

/** A page with the clients, beside the app in another tab. */
export const test = base.extend<{ clientsPage: Page }>({
  clientsPage: async ({ page: app, context, site }, use) => {
    await app.evaluate(() => navigator.serviceWorker.ready);
    await use(await openClients(context, site));
  },
});
