import type { BrowserContext, Page } from '@playwright/test';
import { build } from 'vite';
import type {} from './clientsPage.ts';
import { onceForRun } from './runFolder.ts';
import type { Site } from './site.ts';

/** The clients as a module. */
export const clientsBundle = (): Promise<string> => onceForRun('clients.js', bundle);

async function bundle(): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      write: false,
      target: 'es2023',
      minify: false,
      lib: { entry: new URL('./clientsPage.ts', import.meta.url).pathname, formats: ['es'], fileName: 'clients' },
      rolldownOptions: { output: { codeSplitting: false } },
    },
  });
  for (const { output } of [built].flat().filter((each) => 'output' in each)) {
    for (const file of output) if (file.type === 'chunk') return file.code;
  }
  throw new Error('the clients were not bundled');
}

/** A page of somebody else on the same site, with the official clients in `globalThis.clients`. Not a page of the app: it runs no engine. */
export async function openClients(context: BrowserContext, site: Site): Promise<Page> {
  const code = await clientsBundle();
  site.answer(({ path }) => {
    if (path === 'clients.html')
      return { type: 'text/html', body: '<!doctype html><title>Clients</title><script type="module" src="clients.js"></script>' };
    if (path === 'clients.js') return { type: 'text/javascript', body: code };
    return undefined;
  });
  const page = await context.newPage();
  await page.goto(`${site.url}clients.html`);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null && 'clients' in globalThis);
  return page;
}
