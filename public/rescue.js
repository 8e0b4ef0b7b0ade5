// Outside of the app and of its service worker's cache, so that it works when both are broken. No build step touches it.
(() => {
  const button = document.querySelector('#repair');
  const result = document.querySelector('#result');

  // Other apps, and other copies of this one, may live on the same origin under other paths: theirs is left alone.
  const scope = new URL('./', location.href).href;

  const emptyCache = async (name) => {
    if (name.startsWith('workbox-') && name.endsWith(scope)) return Number(await caches.delete(name));
    if (!name.startsWith('sill-')) return 0;
    const cache = await caches.open(name);
    const ours = (await cache.keys()).filter((request) => request.url.startsWith(scope));
    await Promise.all(ours.map((request) => cache.delete(request)));
    return ours.length;
  };

  const repair = async () => {
    let workers = 0;
    let copies = 0;
    if ('serviceWorker' in navigator) {
      for (const registration of await navigator.serviceWorker.getRegistrations()) {
        if (registration.scope === scope && (await registration.unregister())) workers++;
      }
    }
    if ('caches' in self) {
      for (const name of await caches.keys()) copies += await emptyCache(name);
    }
    return workers + copies;
  };

  button.addEventListener('click', async () => {
    button.disabled = true;
    result.textContent = 'Repairing …';
    try {
      const removed = await repair();
      result.textContent =
        removed > 0
          ? 'Done. Sill is fetched anew when you open it. Your models are still here.'
          : 'There was no stored copy to remove. If Sill still does not open, the fault lies elsewhere: ask whoever runs this site.';
    } catch (error) {
      result.textContent = `The browser did not allow it: ${error.message}. Close other tabs with Sill and try again.`;
      button.disabled = false;
    }
  });
})();
