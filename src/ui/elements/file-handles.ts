import { type FileHandle, isFileHandle } from '../../ports/files.ts';

/** Chromium's ways to files that can be remembered, of which TypeScript's library does not know (https://wicg.github.io/file-system-access/). */
type Picker = (options: object) => Promise<unknown>;

const isPicker = (value: unknown): value is Picker => typeof value === 'function';

const picker = (): Picker | undefined => {
  const found: unknown = Reflect.get(window, 'showOpenFilePicker');
  return isPicker(found) ? found.bind(window) : undefined;
};

export const canPickHandles = (): boolean => picker() !== undefined;

/** @throws DOMException `AbortError` when the person chooses nothing, others where handles are not to be had */
export async function pickHandles(description: string, accept: string, multiple: boolean): Promise<FileHandle[]> {
  const types = [{ description, accept: { 'application/octet-stream': accept.split(',') } }];
  const picked = await picker()?.({ multiple, types });
  return Array.isArray(picked) ? picked.filter(isFileHandle) : [];
}

/** None where the browser gives none. To be called within the `drop` event. */
export async function droppedHandles(items: DataTransferItemList | undefined): Promise<FileHandle[]> {
  const asked = [...(items ?? [])].map((item): unknown => {
    const get: unknown = Reflect.get(item, 'getAsFileSystemHandle');
    return isPicker(get) ? get.call(item, {}) : undefined;
  });
  // A file that was made by a script lies nowhere.
  const found = await Promise.allSettled(asked);
  return found.flatMap((each) => (each.status === 'fulfilled' && isFileHandle(each.value) ? [each.value] : []));
}
