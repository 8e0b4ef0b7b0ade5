import type { Plugin } from 'vite';

const EMPTY = '\0sill:no-node';

/** xgrammar asks Node for two modules where it runs in Node; a browser never comes that way, and the bundler need not say that it has none. */
export const xgrammarForBrowsers = (): Plugin => ({
  name: 'sill:xgrammar-for-browsers',
  enforce: 'pre',
  resolveId: (source, importer) => (importer?.includes('@mlc-ai/web-xgrammar') && (source === 'url' || source === 'module') ? EMPTY : null),
  load: (id) => (id === EMPTY ? 'export default {};' : null),
});
