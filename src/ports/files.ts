/**
 * A file that a person chose, as the browser can remember it: it is read anew where it lies, after a reload too, as long as the person lets the page
 * (https://wicg.github.io/file-system-access/). Only a page may ask for that, and only right after a click.
 */
export interface FileHandle {
  readonly kind: 'file';
  readonly name: string;
  getFile(): Promise<File>;
  queryPermission?(wanted: { readonly mode: 'read' }): Promise<'granted' | 'denied' | 'prompt'>;
  requestPermission?(wanted: { readonly mode: 'read' }): Promise<'granted' | 'denied' | 'prompt'>;
}

export const isFileHandle = (value: unknown): value is FileHandle =>
  typeof value === 'object' &&
  value !== null &&
  Reflect.get(value, 'kind') === 'file' &&
  typeof Reflect.get(value, 'name') === 'string' &&
  typeof Reflect.get(value, 'getFile') === 'function';

/** Where the browser knows no permissions whoever has a handle may read. */
export const mayRead = async (handles: readonly FileHandle[]): Promise<boolean> =>
  (await Promise.all(handles.map(async (handle) => (await handle.queryPermission?.({ mode: 'read' })) ?? 'granted'))).every(
    (state) => state === 'granted',
  );

/** A file of the app's own on the disk, written front to back: what comes from elsewhere need not be in memory to be read again. */
export interface DiskFile {
  /** @throws DOMException `QuotaExceededError` where there is no room: what was written before stays */
  write(bytes: Uint8Array<ArrayBuffer>): void;
  /** Ends it. @returns what was written, readable until it is removed */
  close(): Promise<Blob>;
  remove(): Promise<void>;
}

/** Undefined where the browser has no such files. */
export type OpenDiskFile = () => Promise<DiskFile | undefined>;
