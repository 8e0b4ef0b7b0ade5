import { SillError } from '../core/errors.ts';
import type { Connection } from './connection.ts';

/** How bytes lie in the database: a Blob is a file beside it. */
export type Stored = Blob | ArrayBuffer;

export const blobOf = (stored: Stored): Blob => (stored instanceof ArrayBuffer ? new Blob([stored]) : stored);

/** Connections to databases that take no Blobs. */
const refusing = new WeakSet<Connection>();

/**
 * Stores Blobs, or their bytes where the database takes none, as in a private window of WebKit (https://bugs.webkit.org/show_bug.cgi?id=156347). It is
 * found out by the first that is refused, so that nothing is spent on the question elsewhere.
 * @param store in one transaction; called a second time with the same in the other form when the first failed
 */
export async function storing<T>(
  connection: Connection,
  wished: readonly Stored[],
  store: (stored: readonly Stored[]) => Promise<T>,
): Promise<T> {
  const asBytes = async (): Promise<T> =>
    store(await Promise.all(wished.map(async (each) => (each instanceof Blob ? each.arrayBuffer() : each))));
  if (refusing.has(connection)) return asBytes();
  try {
    return await store(wished);
  } catch (reason) {
    if (!wished.some((each) => each instanceof Blob) || !(reason instanceof SillError) || reason.code !== 'storage_unavailable')
      throw reason;
    // Whatever fails with bytes too has another cause than Blobs.
    const stored = await asBytes().catch(() => Promise.reject(reason));
    refusing.add(connection);
    return stored;
  }
}
