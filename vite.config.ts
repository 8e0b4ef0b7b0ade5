import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import * as v from 'valibot';
import { defineConfig, type PluginOption, type UserConfig } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import { EMBED_PAGE } from './src/core/fileKind.ts';
import { securityHeaders } from './src/core/headers.ts';
import { sourcesOf } from './src/core/sources.ts';
import { upstreamsOf } from './src/core/upstreams.ts';
import { contentPolicy } from './tools/build/contentPolicy.ts';
import { licences } from './tools/build/licences.ts';
import { policyFile, readPolicyFile } from './tools/build/policyFile.ts';
import { runtimeSizes } from './tools/build/runtimeSizes.ts';
import { screenshots } from './tools/build/screenshots.ts';
import { scriptsRunOnce } from './tools/build/scriptsRunOnce.ts';
import { readShippedTrust } from './tools/build/shippedTrust.ts';
import { transformersRuntime } from './tools/build/transformersRuntime.ts';
import { WEB_MANIFEST } from './tools/build/webManifest.ts';
import { xgrammarForBrowsers } from './tools/build/xgrammarForBrowsers.ts';

const root = import.meta.dirname;
const PackageSchema = v.object({
  version: v.string(),
  dependencies: v.object({ 'onnxruntime-web': v.string(), '@huggingface/transformers': v.string() }),
});
const { version, dependencies } = v.parse(PackageSchema, JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8')));
/** The pins are exact, so that they are the versions. */
const versions = { sill: version, onnxruntime: dependencies['onnxruntime-web'], transformers: dependencies['@huggingface/transformers'] };
/** An operator may keep the policy of a site outside of the checkout. */
const policyPath = resolve(root, process.env.SILL_POLICY ?? 'public/sill.policy.json');
const policy = readPolicyFile(policyPath);

const trust = readShippedTrust(resolve(root, process.env.SILL_TRUST || 'public/trust'));

const pictures = screenshots(resolve(root, 'docs/screenshots'));

const inServiceWorker = ['workbox-core', 'workbox-precaching', 'workbox-routing', 'workbox-strategies'];
const notices = licences(inServiceWorker.map((name) => resolve(root, 'node_modules', name)));

/** Names without a hash are asked for anew each time; everything under assets/ is immutable. */
const OUTPUT_NAMES = {
  entryFileNames: 'assets/[name]-[hash].js',
  chunkFileNames: 'assets/[name]-[hash].js',
  assetFileNames: 'assets/[name]-[hash][extname]',
};

/**
 * By default each set of modules that the same views share becomes a file: a first visit fetched 45, most of a kilobyte, in turns over HTTP/1.1. What the
 * page and the embedded page begin with is one file, what else each of them begins with another, and small sets join the next like them. The entries
 * hold nothing that others import: the embedded page is never to run the page.
 */
const SHARED_LEAST_BYTES = 24_000;
const isNoEntry = (id: string) => !/[\\/]src[\\/](?:main|embed)\.ts$|\.html/.test(id);

const pwa: PluginOption = VitePWA({
  integration: {
    configureCustomSWViteBuild(options) {
      options.logLevel = 'error';
      // The plugin still asks for one file by the option's old name, which Vite 8 warns about.
      const output = options.build?.rollupOptions?.output;
      if (!output || Array.isArray(output)) return;
      delete output.inlineDynamicImports;
      output.codeSplitting = false;
    },
  },
  strategies: 'injectManifest',
  srcDir: 'workers',
  filename: 'sw.ts',
  injectRegister: false,
  manifest: { ...WEB_MANIFEST, ...(pictures.entries.length > 0 ? { screenshots: pictures.entries } : {}) },
  includeManifestIcons: false,
  injectManifest: {
    // The shell only: the engine keeps the runtime's wasm, models never come here.
    globPatterns: ['**/*.{html,js,mjs,css,svg,png,json,wav,webmanifest}'],
    // The engine keeps what holds answers to their form beside the runtime.
    globIgnores: [
      'sdk/**',
      'embed.html',
      'assets/grammar.worker-*',
      'models/**',
      'trust/**',
      'screenshots/**',
      'rescue*',
      'sill.policy.json',
      'sw.js',
    ],
    dontCacheBustURLsMatching: /^assets\//,
    maximumFileSizeToCacheInBytes: 4 * 1024 * 1024,
  },
});

export default defineConfig(
  (): UserConfig => ({
    root,
    base: './',
    // Not 'spa': a page in place of a file that is missing hides what the publisher signs next (docs/publish.md).
    appType: 'mpa',
    define: {
      __SILL_VERSIONS__: JSON.stringify(versions),
      __SILL_RUNTIME_BYTES__: JSON.stringify(runtimeSizes(resolve(root, 'node_modules'))),
      __SILL_SOURCES__: JSON.stringify(sourcesOf(policy)),
      __SILL_UPSTREAMS__: JSON.stringify(upstreamsOf(policy)),
      __SILL_HEADERS__: JSON.stringify({
        own: securityHeaders(policy),
        embed: securityHeaders(policy, {}, 'embed'),
        sdk: securityHeaders(policy, {}, 'sdk'),
      }),
      __SILL_TRUST__: JSON.stringify(trust),
    },
    plugins: [transformersRuntime(), contentPolicy(policy), policyFile(policyPath), notices.page(), pictures.files, pwa],
    // Lit's decorators in their TypeScript form: standard ones with `accessor` reach the browser untransformed.
    oxc: {
      decorator: { legacy: true, emitDecoratorMetadata: false },
      assumptions: { setPublicClassFields: true },
      typescript: { removeClassFieldsWithoutInitializer: true },
    },
    resolve: {
      alias: [{ find: /^lit(-html)?\/directives\/style-map\.js$/, replacement: resolve(root, 'src/ui/vendor/styleMap.ts') }],
      // Without it onnxruntime-web comes with its glue code and a wasm of its own choice bundled in.
      conditions: ['onnxruntime-web-use-extern-wasm', 'module', 'browser', 'development|production'],
    },
    build: {
      target: 'es2023',
      assetsInlineLimit: 0,
      // A view asks for its own parts: putting a link for each of them into the page held it up for longer than that saved.
      modulePreload: { polyfill: false, resolveDependencies: (_, files, { hostType }) => (hostType === 'html' ? files : []) },
      reportCompressedSize: false,
      chunkSizeWarningLimit: 1200,
      rolldownOptions: {
        input: { index: resolve(root, 'index.html'), embed: resolve(root, EMBED_PAGE) },
        output: {
          ...OUTPUT_NAMES,
          chunkFileNames: ({ name }) => `assets/${name.split('~', 1)[0]}-[hash].js`,
          strictExecutionOrder: true,
          codeSplitting: {
            includeDependenciesRecursively: false,
            groups: [
              { name: 'common', tags: ['$initial'], test: isNoEntry, minShareCount: 2, priority: 3 },
              { name: 'app', tags: ['$initial'], test: isNoEntry, priority: 2, entriesAware: true },
              {
                name: 'views',
                test: isNoEntry,
                minShareCount: 2,
                entriesAware: true,
                entriesAwareMergeThreshold: SHARED_LEAST_BYTES,
                priority: 1,
              },
            ],
          },
        },
        checks: { pluginTimings: false },
      },
    },
    worker: {
      format: 'es',
      plugins: () => [transformersRuntime(), xgrammarForBrowsers(), notices.worker(), scriptsRunOnce()],
      rolldownOptions: { output: OUTPUT_NAMES, checks: { pluginTimings: false } },
    },
    // The optimizer would bundle the runtime before the plugin above sees who imports it.
    optimizeDeps: { exclude: ['@huggingface/transformers', 'onnxruntime-web'] },
    server: {
      headers: { ...securityHeaders(policy, { dev: true }) },
      watch: { ignored: ['**/.cache/**', '**/dist/**', '**/release/**', '**/test-results/**', '**/playwright-report/**'] },
    },
    preview: { headers: { ...securityHeaders(policy) } },
  }),
);
