// Puts an end to a broken installation: copy it over the app's sw.js. Browsers look for a new service worker when the page is opened,
// at the latest after a day; this one throws away the stored copy of the app, unregisters itself and reloads the open pages.
// Models, conversations and settings stay. A later release brings its own sw.js, and everything is as before.
self.addEventListener('install', () => self.skipWaiting());

self.addEventListener('activate', (event) => {
  const clearAndLeave = async () => {
    const { scope } = self.registration;
    for (const name of await caches.keys()) {
      if (name.startsWith('workbox-') && name.endsWith(scope)) await caches.delete(name);
    }
    await self.registration.unregister();
    for (const client of await self.clients.matchAll({ type: 'window' })) await client.navigate(client.url);
  };
  event.waitUntil(clearAndLeave());
});
