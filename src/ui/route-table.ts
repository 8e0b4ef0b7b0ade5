import { msg } from '@lit/localize';
import { html, type TemplateResult } from 'lit';
import type { RouteId } from './routes.ts';

interface Route {
  readonly label: () => string;
  readonly icon: string;
  /** Views come on demand: the first load carries only the frame. */
  readonly load: () => Promise<unknown>;
  readonly render: (hidden: boolean) => TemplateResult;
}

export const ROUTE_TABLE: Readonly<Record<RouteId, Route>> = {
  chat: {
    label: () => msg('Chat'),
    icon: 'chat',
    load: () => import('./chat/chat-view.ts'),
    render: (hidden) => html`<sill-chat-view ?hidden=${hidden}></sill-chat-view>`,
  },
  write: {
    label: () => msg('Write'),
    icon: 'write',
    load: () => import('./write/write-view.ts'),
    render: (hidden) => html`<sill-write-view ?hidden=${hidden}></sill-write-view>`,
  },
  search: {
    label: () => msg('Search'),
    icon: 'search',
    load: () => import('./search/search-view.ts'),
    render: (hidden) => html`<sill-search-view ?hidden=${hidden}></sill-search-view>`,
  },
  transcribe: {
    label: () => msg('Transcribe'),
    icon: 'transcribe',
    load: () => import('./transcribe/transcribe-view.ts'),
    render: (hidden) => html`<sill-transcribe-view ?hidden=${hidden}></sill-transcribe-view>`,
  },
  run: {
    label: () => msg('Run'),
    icon: 'run',
    load: () => import('./run/run-view.ts'),
    render: (hidden) => html`<sill-run-view ?hidden=${hidden}></sill-run-view>`,
  },
  overview: {
    label: () => msg('Overview'),
    icon: 'home',
    load: () => import('./overview/overview-view.ts'),
    render: (hidden) => html`<sill-overview-view ?hidden=${hidden}></sill-overview-view>`,
  },
  models: {
    label: () => msg('Models'),
    icon: 'models',
    load: () => import('./models/models-view.ts'),
    render: (hidden) => html`<sill-models-view ?hidden=${hidden}></sill-models-view>`,
  },
  import: {
    label: () => msg('Import'),
    icon: 'upload',
    load: () => import('./imports/import-view.ts'),
    render: (hidden) => html`<sill-import-view ?hidden=${hidden}></sill-import-view>`,
  },
  downloads: {
    label: () => msg('Downloads'),
    icon: 'download',
    load: () => import('./downloads/downloads-view.ts'),
    render: (hidden) => html`<sill-downloads-view ?hidden=${hidden}></sill-downloads-view>`,
  },
  versions: {
    label: () => msg('Versions'),
    icon: 'versions',
    load: () => import('./versions/versions-view.ts'),
    render: (hidden) => html`<sill-versions-view ?hidden=${hidden}></sill-versions-view>`,
  },
  updates: {
    label: () => msg('Updates'),
    icon: 'refresh',
    load: () => import('./updates/updates-view.ts'),
    render: (hidden) => html`<sill-updates-view ?hidden=${hidden}></sill-updates-view>`,
  },
  benchmarks: {
    label: () => msg('Benchmarks'),
    icon: 'gauge',
    load: () => import('./benchmarks/benchmarks-view.ts'),
    render: (hidden) => html`<sill-benchmarks-view ?hidden=${hidden}></sill-benchmarks-view>`,
  },
  evaluations: {
    label: () => msg('Evaluations'),
    icon: 'list-checks',
    load: () => import('./evaluations/evaluations-view.ts'),
    render: (hidden) => html`<sill-evaluations-view ?hidden=${hidden}></sill-evaluations-view>`,
  },
  embedding: {
    label: () => msg('Embedding', { id: 'embedding-of-pages' }),
    icon: 'globe',
    load: () => import('./embedding/embedding-view.ts'),
    render: (hidden) => html`<sill-embedding-view ?hidden=${hidden}></sill-embedding-view>`,
  },
  storage: {
    label: () => msg('Storage'),
    icon: 'disk',
    load: () => import('./disk/storage-view.ts'),
    render: (hidden) => html`<sill-storage-view ?hidden=${hidden}></sill-storage-view>`,
  },
  device: {
    label: () => msg('Device'),
    icon: 'device',
    load: () => import('./device/device-view.ts'),
    render: (hidden) => html`<sill-device-view ?hidden=${hidden}></sill-device-view>`,
  },
  log: {
    label: () => msg('Log'),
    icon: 'log',
    load: () => import('./log/log-view.ts'),
    render: (hidden) => html`<sill-log-view ?hidden=${hidden}></sill-log-view>`,
  },
  network: {
    label: () => msg('Network'),
    icon: 'globe',
    load: () => import('./network/network-view.ts'),
    render: (hidden) => html`<sill-network-view ?hidden=${hidden}></sill-network-view>`,
  },
  settings: {
    label: () => msg('Settings'),
    icon: 'settings',
    load: () => import('./settings/settings-view.ts'),
    render: (hidden) => html`<sill-settings-view ?hidden=${hidden}></sill-settings-view>`,
  },
};
