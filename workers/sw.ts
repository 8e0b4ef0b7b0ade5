import * as v from 'valibot';
import { clientsClaim } from 'workbox-core';
import { addPlugins, cleanupOutdatedCaches, createHandlerBoundToURL, type PrecacheEntry, precacheAndRoute } from 'workbox-precaching';
import { NavigationRoute, registerRoute } from 'workbox-routing';
import { EMBED_PAGE, fileKind } from '../src/core/fileKind.ts';
import { openNetworkDoor, witness } from '../src/platform/networkDoor.ts';
import { RUNTIME_CACHE } from '../src/protocol/caches.ts';
import { BrokerMessageSchema, type Connect, newestHost } from '../src/protocol/hosting.ts';
import { createHttpDoor } from '../src/shell/httpDoor.ts';
import { createNoticeDoor } from '../src/shell/noticeDoor.ts';
import { openIdbNetwork } from '../src/storage/idbNetwork.ts';

declare const self: ServiceWorkerGlobalScope & { readonly __WB_MANIFEST: (PrecacheEntry | string)[] };

const POLICY_CACHE = 'sill-policy';
const EMBED_CACHE = 'sill-embed';
const scope = new URL(self.registration.scope);

const network = openIdbNetwork();
const write = (lines: Parameters<typeof network.put>[0]): void => void network.put(lines);
const requests = openNetworkDoor({ realm: 'service-worker', appUrl: scope.href, write });
// Whoever asks another origin passes by here, also code that is not of this app: the second witness of what the realms write down themselves.
self.addEventListener('fetch', ({ request }) => {
  if (new URL(request.url).origin !== scope.origin) write([witness(request)]);
});

/** The same answer with the security headers that the host did not send. */
function withSecurityHeaders(response: Response): Response {
  const headers = new Headers(response.headers);
  const kind = fileKind(new URL(response.url).pathname.slice(scope.pathname.length));
  for (const [name, value] of Object.entries(__SILL_HEADERS__[kind])) if (!headers.has(name)) headers.set(name, value);
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}

const door = createHttpDoor({ scopePath: scope.pathname, tab: (clientId) => self.clients.get(clientId) });
// Before all routes below: these are of any method, and also when a person opens one by its address.
self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  const path = url.origin === scope.origin ? door.pathOf(url) : undefined;
  if (path === undefined) return;
  event.stopImmediatePropagation();
  // Not waited for: a worker that is given the stream to wait for is ended after five minutes.
  event.respondWith(door.answer(event.request, path, event.clientId || event.resultingClientId));
});

// Headers are added to what is stored, not to each answer: a response straight from the cache keeps V8's code cache.
addPlugins([{ cacheWillUpdate: async ({ response }) => (response.ok ? withSecurityHeaders(response) : null) }]);
cleanupOutdatedCaches();
clientsClaim();
precacheAndRoute(self.__WB_MANIFEST, { cleanURLs: false, ignoreURLParametersMatching: [/./] });

const page = createHandlerBoundToURL('index.html');
registerRoute(
  new NavigationRoute(
    async (options) => {
      if (!options.url.pathname.slice(scope.pathname.length).includes('/')) return page(options);
      // A page further down would look for its scripts there: lead to the app instead.
      return requests.fetch(options.request).catch(() => Response.redirect(scope.href));
    },
    // Files that a person opens by their address; the rescue page above all must come from the network.
    { denylist: [/\/[^/?]+\.[^/?]+(\?|$)/] },
  ),
);

const inScope = (url: URL, path: string): boolean => url.origin === scope.origin && url.pathname === scope.pathname + path;

// Optimised code is kept by V8 for what comes from the network or the HTTP cache, not for what a cache of ours holds.
registerRoute(
  ({ url, sameOrigin }) => sameOrigin && url.pathname.startsWith(`${scope.pathname}assets/`) && url.pathname.endsWith('.wasm'),
  async ({ request }) => {
    try {
      return await requests.fetch(request, { cache: 'force-cache' });
    } catch (error) {
      const kept = await caches.match(request, { cacheName: RUNTIME_CACHE, ignoreVary: true });
      if (kept) return kept;
      throw error;
    }
  },
);

// A worker of an isolated page needs the headers too.
registerRoute(
  ({ url, sameOrigin }) => sameOrigin && url.pathname.startsWith(`${scope.pathname}assets/grammar.worker-`),
  async ({ request }) => {
    const kept = await caches.match(request, { cacheName: RUNTIME_CACHE, ignoreVary: true });
    return withSecurityHeaders(kept ?? (await requests.fetch(request)));
  },
);

// Who may frame it stands in its headers, which a policy changes and its content does not show: from the server as long as there is one.
const keepEmbedPage = async (request: Request | string): Promise<Response> => {
  const response = await requests.fetch(request, { cache: 'no-cache' });
  if (!response.ok) return response;
  const kept = withSecurityHeaders(response);
  await (await caches.open(EMBED_CACHE)).put(EMBED_PAGE, kept.clone());
  return kept;
};
self.addEventListener('install', (event) => event.waitUntil(keepEmbedPage(new URL(EMBED_PAGE, scope).href).catch(() => undefined)));
registerRoute(
  ({ url }) => inScope(url, EMBED_PAGE),
  async ({ request }) => {
    try {
      return await keepEmbedPage(request);
    } catch (error) {
      const kept = await (await caches.open(EMBED_CACHE)).match(EMBED_PAGE);
      if (kept) return kept;
      throw error;
    }
  },
);

// A kiosk is still a kiosk when the network is gone.
registerRoute(
  ({ url }) => inScope(url, 'sill.policy.json'),
  async ({ request }) => {
    const cache = await caches.open(POLICY_CACHE);
    try {
      const response = await requests.fetch(request, { cache: 'no-cache' });
      if (response.ok) await cache.put(request, response.clone());
      return response;
    } catch (error) {
      const kept = await cache.match(request);
      if (kept) return kept;
      throw error;
    }
  },
);

const notices = createNoticeDoor(self);
self.addEventListener('notificationclick', (event) => event.waitUntil(notices.onClick(event.notification)));

self.addEventListener('message', (event) => {
  const { data, ports, source } = event;
  const notified = notices.onMessage(data);
  if (notified) return event.waitUntil(notified);
  const message = v.safeParse(BrokerMessageSchema, data);
  if (!message.success) return;
  const [port] = ports;
  if (message.output.type === 'sill-connect') {
    if (port) event.waitUntil(introduce(message.output, port));
  } else if (message.output.type === 'sill-who-am-i') {
    if (source instanceof Client) port?.postMessage({ type: 'sill-you-are', clientId: source.id });
  }
  // Never on its own: the page asks when no answer is being written.
  else void self.skipWaiting();
});

/** Hands a tab's end of a channel to the tab that hosts its engine. Nothing is remembered: this worker may be ended at any moment. */
async function introduce(connect: Connect, port: MessagePort): Promise<void> {
  const { held = [] } = await navigator.locks.query();
  const address = newestHost(held, connect.app);
  const host = address && (await self.clients.get(address.clientId));
  if (host) host.postMessage(connect, [port]);
  else port.postMessage({ type: 'sill-unhosted' });
}
