import { ERA_KEY } from './installedNote.ts';

/** Chromium has been seen not to answer for minutes while another tab had the app open. */
const UNREGISTER_MS = 2000;
const OWN_PREFIXES = ['sill.', 'sill-'];

const isOwn = (key: string): boolean => key !== ERA_KEY && OWN_PREFIXES.some((prefix) => key.startsWith(prefix));

/**
 * Deletes what this app keeps beside its database: caches, service worker, what was noted and chosen. Other apps, and other copies of this one,
 * may live on the same origin under other paths: theirs is left alone.
 *
 * The app's own files stay, which are the same for everybody: the page is loaded anew right after this and stores them again, but for where another
 * tab keeps the service worker from going. Then that one is taken on by the next page, does not install again, and would have nothing to serve.
 */
export async function eraseKept(scope = new URL('./', document.baseURI).href): Promise<void> {
  if ('serviceWorker' in navigator) {
    const registrations = await navigator.serviceWorker.getRegistrations();
    const unregistered = Promise.all(registrations.filter((each) => each.scope === scope).map((each) => each.unregister()));
    // It stands in line behind whatever else is being done to the service worker, and is done before the next page registers one again.
    await Promise.race([unregistered, new Promise((resolve) => setTimeout(resolve, UNREGISTER_MS))]);
  }
  for (const name of await caches.keys()) {
    if (name.startsWith('sill-')) await emptyOfOurs(name, scope);
  }
  for (const storage of [localStorage, sessionStorage]) {
    for (const key of Object.keys(storage)) if (isOwn(key)) storage.removeItem(key);
  }
}

/** The cache itself stays, with nothing in it: to delete it, Chromium may wait for a service worker that was just ended, and all caches wait with it. */
async function emptyOfOurs(name: string, scope: string): Promise<void> {
  const cache = await caches.open(name);
  for (const request of await cache.keys()) if (request.url.startsWith(scope)) await cache.delete(request);
}
