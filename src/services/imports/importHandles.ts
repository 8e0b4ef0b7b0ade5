import type { ModelId } from '../../core/ids.ts';
import { unreadable } from '../../core/importing.ts';
import { type FileHandle, isFileHandle, mayRead } from '../../ports/files.ts';
import type { SettingsStore } from '../../ports/store.ts';

const keyOf = (id: ModelId): string => `import-files:${id}`;

/** Where the files of an unfinished import lie, in browsers that can remember it. */
export interface ImportHandles {
  /** Empty where the browser gave none. */
  of(id: ModelId): Promise<readonly FileHandle[]>;
  /** In place of what was known before; none forgets it. Never rejects: without them the files are chosen again. */
  keep(id: ModelId, handles: readonly FileHandle[]): Promise<void>;
  /**
   * The files as they are now; undefined while the person has to allow it first.
   * @throws SillError `invalid_request` with `details.reason` `unreadable` for one that is not there any more
   */
  read(handles: readonly FileHandle[]): Promise<File[] | undefined>;
}

export const createImportHandles = (settings: SettingsStore): ImportHandles => ({
  async of(id) {
    const stored = await settings.get(keyOf(id));
    return Array.isArray(stored) ? stored.filter(isFileHandle) : [];
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
});
