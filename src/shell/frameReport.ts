import type { FrameReport } from '../protocol/embedding.ts';

/** What this frame finds of its surroundings. */
export const frameReport = (): FrameReport => ({ isolated: crossOriginIsolated, storage: storageKind() });

/**
 * Whose storage this frame has. Storage is kept apart by the site of the page at the top, and where a site ends is known to the browser alone (co.uk is
 * none). It is asked by a cookie that only a frame of the same site may set; whether cookies of third parties are allowed does not matter to it.
 */
function storageKind(): FrameReport['storage'] {
  if (window.parent === window) return 'own';
  const name = `sill-site-${crypto.randomUUID()}`;
  const attributes = `; SameSite=Strict; path=${location.pathname}`;
  try {
    document.cookie = `${name}=1${attributes}`;
    const isSameSite = document.cookie.includes(name);
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
