import type { SillError } from '../core/errors.ts';
import type { Client } from '../protocol/client.ts';
import type { EngineContract } from '../protocol/engine.ts';
import { engineFailover } from '../protocol/engineFailover.ts';
import { createFailoverClient } from '../protocol/failover.ts';
import type { PageContract } from '../protocol/page.ts';
import type { Handlers } from '../protocol/server.ts';
import { createBroker } from './broker.ts';
import { createEngineHost } from './engineHost.ts';
import { createEngineLink, type EngineLink } from './engineLink.ts';
import { lendPage } from './lentPage.ts';

export interface EngineConnection {
  readonly client: Client<EngineContract>;
  readonly link: EngineLink;
}

export interface OpenedEngine {
  /** Of a tab of the app's own, or of a guest's frame with what that guest was granted. */
  connect(guest?: string): EngineConnection;
  /** Leaves the engine to another tab. */
  retire(): void;
}

export interface OpenEngineOptions {
  /** Of the engine's worker. The hash in its name names the build: pages of another one have an engine of their own. */
  readonly script: URL;
  /** What an engine that runs in this page may ask of it. */
  readonly powers: Handlers<PageContract>;
  /** Of a first visit, where nothing is stored yet: what the page shows comes before the script of the engine, which is larger. */
  readonly after?: Promise<void>;
  /** The engine dies each time it is started: this page tries no more. */
  readonly onBroken: (reason: SillError) => void;
  /** Asked before each connection; throws where there is to be none any more. */
  readonly mayConnect?: () => void;
}

/** The engine of all tabs and frames of this origin, wherever it runs, and this page in the line of those that may run it. */
export function openEngine(options: OpenEngineOptions): OpenedEngine {
  const { script, powers, after = Promise.resolve(), onBroken, mayConnect = () => undefined } = options;
  // Threads are to be had by isolated pages only.
  const app = `${script.pathname}${crossOriginIsolated ? '' : ' not isolated'}`;
  const broker = createBroker();
  const clients = new Set<Client<EngineContract>>();
  const host = createEngineHost({
    app,
    broker,
    after,
    spawn: () => lendPage(new Worker(script, { type: 'module', name: 'engine' }), powers),
    onBroken(reason) {
      for (const client of clients) client.close(reason);
      onBroken(reason);
    },
  });
  return {
    connect(guest) {
      const link = createEngineLink({ app, host, broker, ...(guest === undefined ? {} : { guest }) });
      const client = createFailoverClient<EngineContract>({
        connect: async () => {
          mayConnect();
          return link.connect();
        },
        ...engineFailover,
      });
      clients.add(client);
      return { client, link };
    },
    retire: host.retire,
  };
}
