import type { ModelId } from '../../core/ids.ts';
import { unreadable } from '../../core/importing.ts';
import { type FileHandle, isFileHandle, mayRead } from '../../ports/files.ts';
import type { SettingsStore } from '../../ports/store.ts';

const keyOf = (id: ModelId): string => `import-files:${id}`;

/** Where the files of an unfinished import lie, in browsers that can remember it. */
export interface ImportHandles {
  /** Empty where the browser gave none. */
  of(id: ModelId): Promise<readonly FileHandle[]>;
  /** What it takes to read the files again. */
  goesOn(id: ModelId): Promise<'now' | 'permission' | 'file'>;
  /** In place of what was known before; none forgets it. Never rejects: without them the files are chosen again. */
  keep(id: ModelId, handles: readonly FileHandle[]): Promise<void>;
  /**
   * The files as they are now; undefined while the person has to allow it first.
   * @throws SillError `invalid_request` with `details.reason` `unreadable` for one that is not there any more
   */
  read(handles: readonly FileHandle[]): Promise<File[] | undefined>;
}

export function createImportHandles(settings: SettingsStore): ImportHandles {
  const of = async (id: ModelId): Promise<FileHandle[]> => {
    const stored = await settings.get(keyOf(id));
    return Array.isArray(stored) ? stored.filter(isFileHandle) : [];
  };
  return {
    of,
    async goesOn(id) {
      const handles = await of(id);
      if (handles.length === 0) return 'file';
      return (await mayRead(handles)) ? 'now' : 'permission';
    },
    async keep(id, handles) {
      await (handles.length > 0 ? settings.set(keyOf(id), handles) : settings.delete(keyOf(id))).catch(() => undefined);
    },
    async read(handles) {
      if (handles.length === 0 || !(await mayRead(handles))) return undefined;
      return Promise.all(handles.map((handle) => handle.getFile())).catch((reason: unknown) => {
        if (reason instanceof DOMException && reason.name === 'NotAllowedError') return undefined;
        throw unreadable(reason);
      });
    },
  };
}
