import type { PageContract } from '../protocol/page.ts';
import type { Handlers } from '../protocol/server.ts';

/** Tells how this page is looked at until nobody asks any more: an engine that it hosts computes with what a browser leaves it. */
export const pageLooks: Handlers<PageContract>['looks'] = (_, { emit, signal }) =>
  new Promise((resolve) => {
    const tell = (): void => void emit({ hidden: document.visibilityState === 'hidden' }).catch(() => undefined);
    document.addEventListener('visibilitychange', tell, { signal });
    signal.addEventListener('abort', () => resolve(null), { once: true });
    tell();
  });
