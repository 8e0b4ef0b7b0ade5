import { type FileHandle, isFileHandle, mayRead } from '../ports/files.ts';
import type { Client } from '../protocol/client.ts';
import type { EngineContract } from '../protocol/engine.ts';
import type { FileImportProgress, ImportFiles } from '../protocol/importReports.ts';
import type { Importer, ModelFileSource } from '../protocol/imports.ts';
import { askToKeep } from './keep.ts';
import type { PagePowers } from './sill.ts';

/** The page's half of importing model files. */
export function createImporter(client: Client<EngineContract>, page: Pick<PagePowers, 'persist' | 'link'>): Importer {
  // A handle does not cross to another origin: there its files alone go on their way.
  const isOwn = page.link !== undefined;
  const sourceOf = async (from: ModelFileSource): Promise<ImportFiles> => {
    const { handles, ...source } = await read(from);
    return 'files' in source && isOwn && handles.length > 0 ? { ...source, handles } : source;
  };
  return {
    models: {
      inspectFile: async (from, { name, ...options } = {}) =>
        client.call('models.inspectFile', { from: await sourceOf(from), name }, watched(options)),
      async importFile(from, { name, variant, ...options } = {}) {
        askToKeep(page);
        return client.call('models.importFile', { from: await sourceOf(from), name, variant }, watched(options));
      },
    },
    imports: {
      list: () => client.call('imports.list', {}),
      pause: (id) => client.call('imports.pause', { id }),
      async resume(id, options = {}) {
        if (isOwn) await allow(await client.call('imports.handles', { id }));
        return client.call('imports.resume', { id }, watched(options));
      },
      cancel: (id) => client.call('imports.cancel', { id }),
    },
  };
}

/** With the handles of all of its files, or none. */
async function read(
  from: ModelFileSource,
): Promise<({ readonly url: string } | { readonly files: File[] }) & { readonly handles: FileHandle[] }> {
  if (typeof from === 'string' || from instanceof URL) return { url: String(from), handles: [] };
  const given: ReadonlyArray<File | FileHandle> = from instanceof File || isFileHandle(from) ? [from] : from;
  const handles = given.filter(isFileHandle);
  const files = await Promise.all(given.map(async (each) => (isFileHandle(each) ? each.getFile() : each)));
  return { files, handles: handles.length === files.length ? handles : [] };
}

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
