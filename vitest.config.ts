import { availableParallelism } from 'node:os';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { findChromium } from './scripts/chromium.mjs';
import { WITHOUT_INTERFACE } from './scripts/chromiumFeatures.mjs';
import { VitestFailures } from './scripts/failures.mjs';

const chromium = findChromium();

/** Vitest's own limits, five seconds for a test and ten for what goes before or after it, are not enough for a busy machine: to be slow there is no failure. */
const limits = { testTimeout: 180_000, hookTimeout: 180_000 };

/**
 * Files whose modules remember nothing from one to the next: they run one after the other in the same process, which loads each module once. A process of its
 * own costs a file 0.17 s. Not those with a fixture that registers hooks where it is imported: that happens once in a process.
 */
const WITHOUT_STATE = [
  'src/{api,core,forge,platform,protocol,sdk,storage}/**/*.test.ts',
  'src/services/!(bundles)/**/*.test.ts',
  'src/services/*.test.ts',
];
const NOT_IN_NODE = ['**/node_modules/**', '**/*.browser.test.ts', '**/*.models.test.ts', '**/*.large.test.ts'];

export default defineConfig({
  test: {
    reporters: ['default', new VitestFailures()],
    // Vitest leaves a core to its main thread, which has little to do: of two that is half.
    // One figure for all, since projects with different ones may not run at once.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      {
        test: {
          name: 'node',
          ...limits,
          isolate: false,
          include: WITHOUT_STATE,
          exclude: NOT_IN_NODE,
        },
      },
      {
        test: {
          name: 'node-alone',
          ...limits,
          include: ['src/**/*.test.ts', 'tools/**/*.test.ts'],
          exclude: [...NOT_IN_NODE, ...WITHOUT_STATE],
        },
      },
      {
        test: {
          name: 'models',
          include: ['tools/**/*.models.test.ts', 'bench/**/*.models.test.ts'],
          // Converting and running real weights takes minutes on two cores, and two at once do not fit in a small machine's memory.
          testTimeout: 600_000,
          hookTimeout: 600_000,
          fileParallelism: false,
        },
      },
      {
        // The app's page is no test: without this its whole user interface would be crawled and bundled first.
        optimizeDeps: {
          entries: [],
          // All of them by name: where Vite finds another one while tests run it loads the page anew, and a test file fails that was being read.
          // What is not named is served as it is.
          noDiscovery: true,
          include: [
            '@awesome.me/webawesome/dist/components/button/button.js',
            '@awesome.me/webawesome/dist/components/icon/icon.js',
            '@awesome.me/webawesome/dist/components/icon/library.js',
            '@awesome.me/webawesome/dist/translations/de.js',
            '@bufbuild/protobuf',
            '@huggingface/jinja',
            '@huggingface/tokenizers',
            '@lit/context',
            '@lit/localize',
            '@noble/hashes/sha2.js',
            '@noble/hashes/utils.js',
            'canonicalize',
            'idb',
            'lit',
            'lit/decorators.js',
            'lit/directives/live.js',
            'lit/directives/repeat.js',
            'valibot',
            'workbox-window',
          ],
          exclude: ['@huggingface/transformers', 'onnxruntime-web'],
        },
        // Isolated, as the app is served, so that memory can be shared.
        server: { headers: { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' } },
        test: {
          name: 'browser',
          ...limits,
          include: ['src/**/*.browser.test.ts'],
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: {
                ...(chromium ? { executablePath: chromium } : {}),
                args: ['--no-sandbox', '--disable-quic', '--enable-unsafe-webgpu', WITHOUT_INTERFACE],
              },
            }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
});
