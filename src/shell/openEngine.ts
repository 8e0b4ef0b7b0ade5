import type { SillError } from '../core/errors.ts';
import type { Client } from '../protocol/client.ts';
import type { EngineContract } from '../protocol/engine.ts';
import { engineFailover } from '../protocol/engineFailover.ts';
import { createFailoverClient } from '../protocol/failover.ts';
import type { PageContract } from '../protocol/page.ts';
import type { Handlers } from '../protocol/server.ts';
import { createBroker } from './broker.ts';
import { createEngineHost } from './engineHost.ts';
import { createEngineLink } from './engineLink.ts';
import { lendPage } from './lentPage.ts';

export interface EngineAccess {
  /** Of a tab of the app's own, or of a guest's frame with what that guest was granted. */
  client(guest?: string): Client<EngineContract>;
  /** Leaves the engine to another tab. */
  retire(): void;
}

export interface EngineAccessOptions {
  /** Of the engine's worker. The hash in its name names the build: pages of another one have an engine of their own. */
  readonly script: URL;
  /** What only a page can do, lent to the engine while it runs here. */
  readonly page: Handlers<PageContract>;
  /** The engine dies each time it is started: this page tries no more. */
  readonly onBroken: (reason: SillError) => void;
  /** Asked before each connection; throws where there is to be none any more. */
  readonly mayConnect?: () => void;
}

/** The engine of all tabs and frames of this origin, wherever it runs, and this page in the line of those that may run it. */
export function openEngine({ script, page, onBroken, mayConnect = () => undefined }: EngineAccessOptions): EngineAccess {
  // Threads are to be had by isolated pages only.
  const app = `${script.pathname}${crossOriginIsolated ? '' : ' not isolated'}`;
  const broker = createBroker();
  const clients = new Set<Client<EngineContract>>();
  const host = createEngineHost({
    app,
    broker,
    spawn: () => lendPage(new Worker(script, { type: 'module', name: 'engine' }), page),
    onBroken(reason) {
      for (const client of clients) client.close(reason);
      onBroken(reason);
    },
  });
  return {
    client(guest) {
      const link = createEngineLink({ app, host, broker, ...(guest === undefined ? {} : { guest }) });
      const client = createFailoverClient<EngineContract>({
        connect: async () => {
          mayConnect();
          return link.connect();
        },
        ...engineFailover,
      });
      clients.add(client);
      return client;
    },
    retire: host.retire,
  };
}
