import { SillError } from '../core/errors.ts';
import type { FrameReport } from '../protocol/embedding.ts';

/** What this frame finds of its surroundings. */
export const frameReport = async (): Promise<FrameReport> => ({ isolated: crossOriginIsolated, storage: await storageKind() });

/**
 * Whose storage this frame has. Storage is kept apart by the site of the page at the top, and where a site ends is known to the browser alone (co.uk is
 * none). It is asked by a cookie that only a frame of the same site may set; whether cookies of third parties are allowed does not matter to it.
 */
async function storageKind(): Promise<FrameReport['storage']> {
  if (window.parent === window) return 'own';
  // Locks go with storage: where that is denied they are refused at once, while a database may take its time.
  const isDenied = await navigator.locks.query().then(
    () => false,
    () => true,
  );
  if (isDenied) return 'denied';
  const name = `sill-site-${crypto.randomUUID()}`;
  const attributes = `; SameSite=Strict; path=${location.pathname}`;
  try {
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API sets these in any frame
    document.cookie = `${name}=1${attributes}`;
    const isSameSite = document.cookie.includes(name);
    // biome-ignore lint/suspicious/noDocumentCookie: as above
    document.cookie = `${name}=; max-age=0${attributes}`;
    // Where a person refuses all cookies this says the same of every frame.
    return isSameSite ? 'own' : navigator.cookieEnabled ? 'partitioned' : 'unknown';
  } catch {
    return 'unknown';
  }
}

/** The origin of the page that embeds this one, as far as the browser tells without its doing. */
export function parentOrigin(): string | undefined {
  const [nearest] = location.ancestorOrigins ?? [];
  if (nearest !== undefined) return nearest;
  const referrer = URL.parse(document.referrer);
  return referrer?.origin;
}

/** Says what can be done: nothing of it is the embedding page's to mend. */
export const storageDenied = (): SillError =>
  new SillError(
    'storage_unavailable',
    `The browser lets ${location.host} store nothing inside a page of another site, as it does where third-party cookies are blocked. Serve Sill from a host ` +
      'of the same site as the page, allow third-party site data for it, or open Sill in a window of its own.',
    { details: { storage: 'denied' } },
  );
