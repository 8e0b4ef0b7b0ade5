/** Cache Storage that holds the runtime's files: filled by the engine, read by the service worker. */
export const RUNTIME_CACHE = 'sill-runtime';

/** How the caches begin in which Workbox keeps the app itself. */
export const SHELL_CACHE_PREFIX = 'workbox-';
