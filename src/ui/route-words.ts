import { msg } from '@lit/localize';
import type { RouteId } from './routes.ts';

interface RouteWords {
  readonly label: () => string;
  readonly icon: string;
}

/** How each view is called and drawn, wherever one leads to it. Apart from `ROUTE_TABLE`, which loads the views: they may lead to one another. */
export const ROUTE_WORDS: Readonly<Record<RouteId, RouteWords>> = {
  chat: { label: () => msg('Chat'), icon: 'chat' },
  write: { label: () => msg('Write'), icon: 'write' },
  search: { label: () => msg('Search'), icon: 'search' },
  transcribe: { label: () => msg('Transcribe'), icon: 'transcribe' },
  run: { label: () => msg('Run'), icon: 'run' },
  overview: { label: () => msg('Overview'), icon: 'home' },
  models: { label: () => msg('Models'), icon: 'models' },
  import: { label: () => msg('Import'), icon: 'upload' },
  downloads: { label: () => msg('Downloads'), icon: 'download' },
  versions: { label: () => msg('Versions'), icon: 'versions' },
  updates: { label: () => msg('Updates'), icon: 'refresh' },
  benchmarks: { label: () => msg('Benchmarks'), icon: 'gauge' },
  evaluations: { label: () => msg('Evaluations'), icon: 'list-checks' },
  embedding: { label: () => msg('Embedding', { id: 'embedding-of-pages' }), icon: 'window' },
  storage: { label: () => msg('Storage'), icon: 'disk' },
  device: { label: () => msg('Device'), icon: 'device' },
  log: { label: () => msg('Log'), icon: 'log' },
  network: { label: () => msg('Network'), icon: 'traffic' },
  settings: { label: () => msg('Settings'), icon: 'settings' },
  help: { label: () => msg('Help'), icon: 'help' },
};
