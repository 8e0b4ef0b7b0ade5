import { defineConfig } from '@playwright/test';
import { findChromium } from './scripts/chromium.mjs';
import { WITHOUT_INTERFACE } from './scripts/chromiumFeatures.mjs';

const executablePath = findChromium();

export default defineConfig({
  testDir: 'e2e',
  globalSetup: './e2e/support/runFolder.ts',
  // What takes minutes is for `npm run test:soak`, what takes gigabytes for `npm run test:large`.
  testIgnore: [...(process.env.SILL_SOAK ? [] : ['**/soak/**']), ...(process.env.SILL_LARGE ? [] : ['**/large/**'])],
  // Each test has a browser and a server of its own. Most wait more than they compute: on two cores, two at once take half the time of one by one.
  workers: process.env.SILL_SOAK ? 1 : 2,
  // One that passes only the second time is listed as flaky: a fault to be found, but no reason to doubt everything else.
  retries: process.env.SILL_SOAK ? 0 : 1,
  // Speed is measured in `bench`: here a wait ends what hangs, and a busy machine of two cores has taken 15 s for what takes 3 on a quiet one.
  timeout: 300_000,
  expect: { timeout: 45_000 },
  forbidOnly: process.env.CI !== undefined,
  reporter: [['list'], ['html', { open: 'never' }], ['./scripts/failures.mjs']],
  use: {
    screenshot: 'only-on-failure',
    actionTimeout: 45_000,
    launchOptions: {
      ...(executablePath === undefined ? {} : { executablePath }),
      args: [
        '--no-sandbox',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        WITHOUT_INTERFACE,
      ],
    },
  },
});
