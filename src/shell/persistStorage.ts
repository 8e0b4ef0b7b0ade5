/**
 * Asks the browser to keep what this site stores when space runs short; Firefox asks the person. Only a page may ask. False where it did not agree,
 * and in WebKitGTK, as in GNOME Web, which has no storage manager unless it is turned on.
 */
export async function persistStorage(): Promise<boolean> {
  const manager: StorageManager | undefined = navigator.storage;
  return (await manager?.persisted()) || ((await manager?.persist()) ?? false);
}
