import type { Plugin } from 'vite';

/**
 * Puts what a worker's script shares with parts that it fetches later beside that script, never into it. WebKit runs a worker's script once more for a part that imports it:
 * two engines, or a second server in a model's worker, which answers that no model is loaded (docs/decisions/0076).
 */
export const scriptsRunOnce = (): Plugin => ({
  name: 'sill:scripts-run-once',
  // Here, since Vite leaves this one option of a worker to nobody.
  options: (options) => ({ ...options, preserveEntrySignatures: 'strict' }),
  generateBundle(_, bundle) {
    for (const part of Object.values(bundle)) {
      if (part.type !== 'chunk') continue;
      for (const name of [...part.imports, ...part.dynamicImports]) {
        const imported = bundle[name];
        // Itself it names in code for Node alone (`xgrammarForBrowsers`).
        if (imported !== part && imported?.type === 'chunk' && imported.isEntry)
          this.error(`${part.fileName} imports ${name}, which WebKit would run a second time`);
      }
    }
  },
});
