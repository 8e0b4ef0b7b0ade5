import type { Plugin } from 'vite';

/**
 * Fails a build of a worker whose parts import the worker's own script. WebKit runs that script once more for them: two engines, or a second
 * model's worker that answers that no model is loaded (docs/decisions/0076).
 */
export const scriptsRunOnce = (): Plugin => ({
  name: 'sill:scripts-run-once',
  generateBundle(_, bundle) {
    for (const part of Object.values(bundle)) {
      if (part.type !== 'chunk') continue;
      for (const name of [...part.imports, ...part.dynamicImports]) {
        const imported = bundle[name];
        if (imported?.type === 'chunk' && imported.isEntry)
          this.error(`${part.fileName} imports ${name}, which WebKit would run a second time`);
      }
    }
  },
});
