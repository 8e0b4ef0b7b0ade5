import engineScript from '../workers/engine.worker.ts?worker&url';
import { storageErased, toSillError } from './core/errors.ts';
import { EMBED_PAGE } from './core/fileKind.ts';
import { webSealing } from './platform/webSealing.ts';
import { isWorkLock } from './protocol/locks.ts';
import type { Sill } from './protocol/sill.ts';
import { recordRequests } from './recordRequests.ts';
import { decodeAudio } from './sdk/audio.ts';
import { createSill } from './sdk/sill.ts';
import { eraseKept } from './shell/eraseKept.ts';
import { installedNote } from './shell/installedNote.ts';
import { openEngine } from './shell/openEngine.ts';
import { pageLooks } from './shell/pageLooks.ts';
import { persistStorage } from './shell/persistStorage.ts';
import { registerServiceWorker } from './shell/serviceWorker.ts';
import { watchSurroundings } from './shell/surroundings.ts';
import './ui/app.ts';
import { allPreferences, writePreferences } from './ui/preferences.ts';
import { type AppShell, INITIAL_SHELL } from './ui/shell.ts';

/** What a phone takes to draw the cards of a view, one after the other. */
const DRAWING_MS = 1_000;

const app = document.querySelector('sill-app');
if (!app) throw new Error('index.html lacks <sill-app>');

let shell: AppShell = {
  ...INITIAL_SHELL,
  insecure: !isSecureContext,
  // A page that was loaded past the service worker has none either.
  firstVisit: 'serviceWorker' in navigator && navigator.serviceWorker.controller === null && installedNote.open().models.length === 0,
};
const show = (change: Partial<AppShell>): void => {
  shell = { ...shell, ...change };
  app.shell = shell;
};
show({});
// Where a host sends no headers anybody could show the app in a frame, and lure a click that deletes models. The page that is made for it can do no harm.
if (isFramedByOthers()) location.replace(new URL(`${EMBED_PAGE}?view=chat`, document.baseURI));
else if (isSecureContext) start(app);

function isFramedByOthers(): boolean {
  try {
    return window.top?.location.origin !== location.origin;
  } catch {
    // Another origin's address cannot be read.
    return true;
  }
}

function start(root: HTMLElementTagNameMap['sill-app']): void {
  const engine = openEngine({
    script: new URL(engineScript, import.meta.url),
    powers: { decodeAudio: ({ file }) => decodeAudio(file), looks: pageLooks },
    ...(shell.firstVisit ? { after: root.drawn } : {}),
    onBroken: (reason) => show({ failure: reason.toData() }),
    // What this page shows is of before: it is to be loaded anew, not to go on in an engine that begins with nothing.
    mayConnect() {
      if (shell.storage === 'erased') throw storageErased();
    },
  });
  const { client, link } = engine.connect();
  const sill = createSill(client, {
    link,
    preferences: { read: allPreferences, write: writePreferences },
    persist: persistStorage,
    note: installedNote,
    async beginAnew() {
      installedNote.beginAnew();
      // The engine ends with the page: cut off in the middle of a cache, it would hold up every cache of the origin.
      await eraseKept();
      location.replace(location.pathname);
    },
    decodeAudio,
  });
  globalThis.sill = sill;
  root.sealing = webSealing();
  // After the frame was drawn: what the views ask of the engine at first is a task of its own.
  setTimeout(() => {
    root.sill = sill;
    if (new URLSearchParams(location.search).has('bench')) void measureUnattended(root, sill);
  });
  void client
    .call(
      'lifecycle',
      {},
      {
        onItem(state) {
          if (state === 'erased') engine.retire();
          if (shell.storage !== 'erased') show({ storage: state === 'opening' || state === 'open' ? 'usable' : state });
        },
      },
    )
    // Ends with the engine, which the page tells of by itself.
    .catch(() => undefined);
  void firstViewSettled(root, sill).then(() => keepOffline(sill));
  void root.drawn.then(() => recordRequests('page'));
  // An engine that cannot start has no use for it.
  let telling = new AbortController();
  void watchSurroundings((surroundings) => {
    telling.abort();
    telling = new AbortController();
    client.call('conditions', surroundings, { signal: telling.signal }).catch(() => undefined);
  });
}

/** A device lab opened the page by an address that asks for a benchmark. */
async function measureUnattended({ benchmarks }: HTMLElementTagNameMap['sill-app'], sill: Sill): Promise<void> {
  const { runUnattended } = await import('./ui/benchmarks/unattended.ts');
  await runUnattended(sill, benchmarks, location.search);
}

/**
 * A first visit draws what it shows before the service worker stores the app, which takes a weak processor as long as drawing does. Where no host sends
 * the headers of isolation, it is the service worker that brings them, with a reload: that is not put off.
 */
async function firstViewSettled(root: HTMLElementTagNameMap['sill-app'], sill: Sill): Promise<void> {
  if (!shell.firstVisit || !crossOriginIsolated) return;
  await root.drawn;
  // What the lists of a view are made of. Without an engine the app is stored all the same.
  await sill.models.list().catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, DRAWING_MS));
}

/** The badge says "ready" only when the app and the runtime are both on the device. */
async function keepOffline(sill: Sill): Promise<void> {
  let shellStored = false;
  const judge = async (): Promise<void> => {
    // Also before the shell is stored: each report notes what is installed, for the day on which the database is gone.
    const { runsOffline, runtimeMissingBytes } = await sill.storage();
    const offline = runsOffline ? 'ready' : runtimeMissingBytes === 0 ? 'stored' : 'preparing';
    show({ runtimeMissingBytes, ...(shellStored ? { offline } : {}) });
  };
  // Without a store nothing runs offline, and the views say why by themselves.
  const judgeQuietly = (): void => void judge().catch(() => show({ offline: 'preparing' }));
  sill.watch((event) => {
    if (event.type === 'models') judgeQuietly();
  });
  try {
    const control = await registerServiceWorker({
      onOfflineReady: () => {
        shellStored = true;
        judgeQuietly();
      },
      onUpdateReady: (apply) => show({ updateWaiting: true, applyUpdate: () => void apply() }),
      mayReload: async () => !((await navigator.locks.query()).held ?? []).some((lock) => isWorkLock(lock.name)),
    });
    if (!control) show({ offline: 'unsupported' });
  } catch (reason) {
    show({ offline: 'unsupported', failure: toSillError(reason).toData() });
  }
}
