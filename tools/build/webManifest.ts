import type { ManifestOptions } from 'vite-plugin-pwa';

/** Addresses are relative to the manifest, so the app installs under any path. */
export const WEB_MANIFEST: Partial<ManifestOptions> = {
  id: './',
  name: 'Sill',
  short_name: 'Sill',
  description: 'Small language models, installed and run entirely on this device.',
  lang: 'en',
  start_url: './',
  scope: './',
  display: 'standalone',
  background_color: '#f7f5f2',
  theme_color: '#f7f5f2',
  categories: ['productivity', 'utilities'],
  icons: [
    { src: 'icons/icon-192.png', sizes: '192x192', type: 'image/png' },
    { src: 'icons/icon-512.png', sizes: '512x512', type: 'image/png' },
    { src: 'icons/maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
    { src: 'icons/icon.svg', sizes: 'any', type: 'image/svg+xml' },
  ],
};
