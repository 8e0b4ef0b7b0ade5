import { html, type TemplateResult } from 'lit';
import type { RouteId } from './routes.ts';

interface Route {
  /** Views come on demand: the first load carries only the frame. */
  readonly load: () => Promise<unknown>;
  readonly render: (hidden: boolean) => TemplateResult;
}

export const ROUTE_TABLE: Readonly<Record<RouteId, Route>> = {
  chat: {
    load: () => import('./chat/chat-view.ts'),
    render: (hidden) => html`<sill-chat-view ?hidden=${hidden}></sill-chat-view>`,
  },
  write: {
    load: () => import('./write/write-view.ts'),
    render: (hidden) => html`<sill-write-view ?hidden=${hidden}></sill-write-view>`,
  },
  search: {
    load: () => import('./search/search-view.ts'),
    render: (hidden) => html`<sill-search-view ?hidden=${hidden}></sill-search-view>`,
  },
  transcribe: {
    load: () => import('./transcribe/transcribe-view.ts'),
    render: (hidden) => html`<sill-transcribe-view ?hidden=${hidden}></sill-transcribe-view>`,
  },
  run: {
    load: () => import('./run/run-view.ts'),
    render: (hidden) => html`<sill-run-view ?hidden=${hidden}></sill-run-view>`,
  },
  overview: {
    load: () => import('./overview/overview-view.ts'),
    render: (hidden) => html`<sill-overview-view ?hidden=${hidden}></sill-overview-view>`,
  },
  models: {
    load: () => import('./models/models-view.ts'),
    render: (hidden) => html`<sill-models-view ?hidden=${hidden}></sill-models-view>`,
  },
  import: {
    load: () => import('./imports/import-view.ts'),
    render: (hidden) => html`<sill-import-view ?hidden=${hidden}></sill-import-view>`,
  },
  downloads: {
    load: () => import('./downloads/downloads-view.ts'),
    render: (hidden) => html`<sill-downloads-view ?hidden=${hidden}></sill-downloads-view>`,
  },
  versions: {
    load: () => import('./versions/versions-view.ts'),
    render: (hidden) => html`<sill-versions-view ?hidden=${hidden}></sill-versions-view>`,
  },
  updates: {
    load: () => import('./updates/updates-view.ts'),
    render: (hidden) => html`<sill-updates-view ?hidden=${hidden}></sill-updates-view>`,
  },
  benchmarks: {
    load: () => import('./benchmarks/benchmarks-view.ts'),
    render: (hidden) => html`<sill-benchmarks-view ?hidden=${hidden}></sill-benchmarks-view>`,
  },
  evaluations: {
    load: () => import('./evaluations/evaluations-view.ts'),
    render: (hidden) => html`<sill-evaluations-view ?hidden=${hidden}></sill-evaluations-view>`,
  },
  embedding: {
    load: () => import('./embedding/embedding-view.ts'),
    render: (hidden) => html`<sill-embedding-view ?hidden=${hidden}></sill-embedding-view>`,
  },
  storage: {
    load: () => import('./disk/storage-view.ts'),
    render: (hidden) => html`<sill-storage-view ?hidden=${hidden}></sill-storage-view>`,
  },
  device: {
    load: () => import('./device/device-view.ts'),
    render: (hidden) => html`<sill-device-view ?hidden=${hidden}></sill-device-view>`,
  },
  log: {
    load: () => import('./log/log-view.ts'),
    render: (hidden) => html`<sill-log-view ?hidden=${hidden}></sill-log-view>`,
  },
  network: {
    load: () => import('./network/network-view.ts'),
    render: (hidden) => html`<sill-network-view ?hidden=${hidden}></sill-network-view>`,
  },
  settings: {
    load: () => import('./settings/settings-view.ts'),
    render: (hidden) => html`<sill-settings-view ?hidden=${hidden}></sill-settings-view>`,
  },
  help: {
    load: () => import('./help/help-view.ts'),
    render: (hidden) => html`<sill-help-view ?hidden=${hidden}></sill-help-view>`,
  },
};
