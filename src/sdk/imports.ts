import { type FileHandle, isFileHandle, mayRead } from '../ports/files.ts';
import type { Client } from '../protocol/client.ts';
import type { EngineContract } from '../protocol/engine.ts';
import type { FileImportProgress, ImportFiles } from '../protocol/importReports.ts';
import type { Importer, ModelFileSource } from '../protocol/imports.ts';
import type { PagePowers } from './sill.ts';

/** The page's half of importing model files. */
export function createImporter(client: Client<EngineContract>, page: Pick<PagePowers, 'persist'>): Importer {
  return {
    models: {
      inspectFile: async (from, { name, ...options } = {}) =>
        client.call('models.inspectFile', { from: await sourceOf(from), name }, options),
      async importFile(from, { name, variant, ...options } = {}) {
        await page.persist();
        return client.call('models.importFile', { from: await sourceOf(from), name, variant }, watched(options));
      },
    },
    imports: {
      list: () => client.call('imports.list', {}),
      pause: (id) => client.call('imports.pause', { id }),
      async resume(id, options = {}) {
        await allow(await client.call('imports.handles', { id }));
        return client.call('imports.resume', { id }, watched(options));
      },
      cancel: (id) => client.call('imports.cancel', { id }),
    },
  };
}

const sourceOf = async (from: ModelFileSource): Promise<ImportFiles> => {
  if (typeof from === 'string' || from instanceof URL) return { url: String(from) };
  const given: ReadonlyArray<File | FileHandle> = from instanceof File || isFileHandle(from) ? [from] : from;
  const handles = given.filter(isFileHandle);
  const files = await Promise.all(given.map(async (each) => (isFileHandle(each) ? each.getFile() : each)));
  return handles.length === files.length && handles.length > 0 ? { files, handles } : { files };
};

/** What the person does not allow the engine says. */
async function allow(handles: readonly FileHandle[]): Promise<void> {
  if (await mayRead(handles)) return;
  for (const handle of handles) await handle.requestPermission?.({ mode: 'read' }).catch(() => undefined);
}

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
