import type { Client } from '../protocol/client.ts';
import type { EngineContract } from '../protocol/engine.ts';
import type { FileImportProgress } from '../protocol/importReports.ts';
import type { Importer, ModelFileSource } from '../protocol/imports.ts';
import type { PagePowers } from './sill.ts';

/** The page's half of importing model files. */
export function createImporter(client: Client<EngineContract>, page: Pick<PagePowers, 'persist'>): Importer {
  return {
    models: {
      inspectFile: (from, { name, ...options } = {}) => client.call('models.inspectFile', { from: sourceOf(from), name }, options),
      async importFile(from, { name, variant, ...options } = {}) {
        await page.persist();
        return client.call('models.importFile', { from: sourceOf(from), name, variant }, watched(options));
      },
    },
    imports: {
      list: () => client.call('imports.list', {}),
      pause: (id) => client.call('imports.pause', { id }),
      resume: (id, options = {}) => client.call('imports.resume', { id }, watched(options)),
      cancel: (id) => client.call('imports.cancel', { id }),
    },
  };
}

const sourceOf = (from: ModelFileSource) => {
  if (typeof from === 'string' || from instanceof URL) return { url: String(from) };
  return { files: from instanceof File ? [from] : [...from] };
};

const watched = ({
  signal,
  onProgress,
}: {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: FileImportProgress) => void;
}) => ({
  ...(signal ? { signal } : {}),
  ...(onProgress ? { onItem: onProgress } : {}),
});
