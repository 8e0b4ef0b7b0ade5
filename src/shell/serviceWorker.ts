import { Workbox } from 'workbox-window';
import { SillError } from '../core/errors.ts';

export interface ServiceWorkerOptions {
  /** A new version is stored and waits. `apply` activates it as soon as `mayReload` allows and reloads every tab of the app. */
  onUpdateReady(apply: () => Promise<void>): void;
  /** The app itself is stored, so that it opens without a network. Says nothing of the runtime or of models. */
  onOfflineReady(): void;
  /**
   * Whether a reload now would cut off nothing: no answer, no download, no benchmark. An update reloads all tabs, so this must
   * speak for all of them. Asked again until it is true.
   */
  mayReload(): boolean | Promise<boolean>;
}

export interface ServiceWorkerControl {
  /** Asks the server for a new version of the app. Rejects without a network. */
  checkForUpdate(): Promise<void>;
}

/** How often `mayReload` is asked while a reload waits: often enough that the page does not seem stuck. */
const ASK_AGAIN_MS = 500;
/** A kiosk's page is never opened anew, so it looks for a new version by itself. */
const UPDATE_CHECK_MS = 60 * 60 * 1000;
const ISOLATION_RELOAD = 'sill.reloaded-for-isolation';

/**
 * Registers the service worker that keeps the app for offline use and adds the security headers where the host cannot.
 *
 * @returns `undefined` where there are no service workers: insecure contexts, and the development server.
 * @throws SillError `storage_unavailable` when the browser refuses, as some do in private windows.
 */
export async function registerServiceWorker(options: ServiceWorkerOptions): Promise<ServiceWorkerControl | undefined> {
  if (import.meta.env.DEV || !('serviceWorker' in navigator)) return undefined;

  const reloadWhenQuiet = async (): Promise<void> => {
    await untilTrue(options.mayReload);
    location.reload();
  };

  let controlled = navigator.serviceWorker.controller !== null;
  navigator.serviceWorker.addEventListener('controllerchange', () => {
    // The first worker of an installation brings nothing new; any other means that the update was applied, here or in another tab.
    if (controlled) void reloadWhenQuiet();
    controlled = true;
  });

  const workbox = new Workbox(new URL('sw.js', document.baseURI).href);
  workbox.addEventListener('waiting', () => {
    options.onUpdateReady(async () => {
      await untilTrue(options.mayReload);
      workbox.messageSkipWaiting();
    });
  });
  let isReady = false;
  const becomeReady = async (): Promise<void> => {
    if (isReady) return;
    isReady = true;
    options.onOfflineReady();
    if (isolationNeedsReload()) await reloadWhenQuiet();
  };
  void navigator.serviceWorker.ready.then(becomeReady);
  try {
    const registration = await workbox.register({ immediate: true });
    // One that another tab kept from going, and that this page takes on, was active before: Chromium's `ready` says nothing of it.
    if (registration?.active) void becomeReady();
  } catch (cause) {
    throw new SillError(
      'storage_unavailable',
      'The browser did not let the app keep itself for offline use, as in a private window. It works while the network is there.',
      { cause },
    );
  }
  setInterval(() => {
    workbox.update().catch(() => {
      // Most likely there is no network, which is what this app is for. The next look will tell.
    });
  }, UPDATE_CHECK_MS);
  return { checkForUpdate: () => workbox.update() };
}

async function untilTrue(ask: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await ask())) await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
}

/**
 * True once per tab, on a host that sends no COOP and COEP: a page that came from the service worker has them, and WASM its threads.
 * Where even that does not isolate (an old browser), the page stays as it is. A frame depends on its parent: a reload cannot help.
 */
function isolationNeedsReload(): boolean {
  if (window.parent !== window) return false;
  if (crossOriginIsolated) {
    sessionStorage.removeItem(ISOLATION_RELOAD);
    return false;
  }
  if (sessionStorage.getItem(ISOLATION_RELOAD) !== null) return false;
  sessionStorage.setItem(ISOLATION_RELOAD, 'yes');
  return true;
}
