import { msg } from '@lit/localize';
import type { RouteId } from './routes.ts';

interface RouteWords {
  readonly label: () => string;
  readonly icon: string;
  /** What it is for, in a sentence or two. Not of the chat, which has its tools in that place. */
  readonly lead?: () => string;
}

/** How each view is called and drawn, wherever one leads to it. Apart from `ROUTE_TABLE`, which loads the views: they may lead to one another. */
export const ROUTE_WORDS: Readonly<Record<RouteId, RouteWords>> = {
  chat: { label: () => msg('Chat'), icon: 'chat' },
  write: {
    label: () => msg('Write'),
    icon: 'write',
    lead: () => msg('Begin a text and the model goes on with it. It completes, it does not converse.'),
  },
  search: {
    label: () => msg('Search'),
    icon: 'search',
    lead: () => msg('Finds passages by what they mean, not by their words. Your documents are read and kept on this device only.'),
  },
  transcribe: {
    label: () => msg('Transcribe'),
    icon: 'transcribe',
    lead: () => msg('Turns speech into text with times. The sound is listened to on this device and never sent.'),
  },
  run: {
    label: () => msg('Run'),
    icon: 'run',
    lead: () =>
      msg('Classifies, translates, finds and describes: whatever an installed model is made for. What you put in stays on this device.'),
  },
  overview: { label: () => msg('Overview'), icon: 'home', lead: () => msg('How this device is, and what needs you.') },
  models: {
    label: () => msg('Models'),
    icon: 'models',
    lead: () => msg('Everything here is stored on this device and runs on it. Nothing you write, search or say leaves it.'),
  },
  import: {
    label: () => msg('Import'),
    icon: 'upload',
    lead: () =>
      msg(
        'A language model in a GGUF file, as for llama.cpp, is rewritten into the form that is fastest on this device. The file stays where it is, and nothing leaves the device.',
      ),
  },
  downloads: {
    label: () => msg('Downloads'),
    icon: 'download',
    lead: () =>
      msg(
        'One at a time, carried by whichever tab of this site is open. What a closed browser leaves unfinished goes on at its next start.',
      ),
  },
  versions: {
    label: () => msg('Versions'),
    icon: 'versions',
    lead: () =>
      msg('A new version is tested beside the one in use and takes its place only if it passes. The one before is kept to go back to.'),
  },
  updates: {
    label: () => msg('Updates'),
    icon: 'refresh',
    lead: () => msg('What the publishers of your models offer, why not yet, and what this device does about it by itself.'),
  },
  benchmarks: {
    label: () => msg('Benchmarks'),
    icon: 'gauge',
    lead: () => msg('How fast a model runs on this device, in the terms of llama-bench. Results stay here; nothing is sent anywhere.'),
  },
  evaluations: {
    label: () => msg('Evaluations'),
    icon: 'list-checks',
    lead: () =>
      msg(
        'Whether a model still does what it should: cases with what each answer has to be. Updates are held to the same. Results stay here.',
      ),
  },
  embedding: {
    label: () => msg('Embedding', { id: 'embedding-of-pages' }),
    icon: 'window',
    lead: () => msg('Pages of other sites that show Sill in a frame and ask the models of this device: what each may, and what it used.'),
  },
  storage: {
    label: () => msg('Storage'),
    icon: 'disk',
    lead: () => msg('Everything that Sill keeps on this device, and what you can do about it.'),
  },
  device: {
    label: () => msg('Device'),
    icon: 'device',
    lead: () => msg('What this browser on this device can do, and what it means for the models.'),
  },
  log: {
    label: () => msg('Log'),
    icon: 'log',
    lead: () =>
      msg(
        'What happened on this device: installs, updates, losses, refusals. Nothing that you write, and nothing that a model answers, ever stands in it.',
      ),
  },
  network: {
    label: () => msg('Network'),
    icon: 'traffic',
    lead: () => msg('Every request that this app makes: its pages, its workers and its service worker. The list stays on this device.'),
  },
  settings: {
    label: () => msg('Settings'),
    icon: 'settings',
    lead: () => msg('What is set here holds for this device, at once and in every tab.'),
  },
  help: {
    label: () => msg('Help'),
    icon: 'help',
    lead: () => msg('What is where, and how to get there. This page is part of the app and needs no network.'),
  },
};
