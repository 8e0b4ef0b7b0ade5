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
};
