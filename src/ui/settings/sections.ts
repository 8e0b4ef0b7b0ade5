import { msg } from '@lit/localize';

/** In their order, by the names that addresses have for them. */
export const SECTIONS = ['appearance', 'keyboard', 'notifications', 'updates', 'downloads', 'memory', 'log'] as const;
export type Section = (typeof SECTIONS)[number];

export const sectionWords = (section: Section): string =>
  ({
    appearance: msg('Language and appearance'),
    keyboard: msg('Keyboard'),
    notifications: msg('Notifications'),
    updates: msg('Updates of models'),
    downloads: msg('Downloads'),
    memory: msg('Models in memory'),
    log: msg('Log'),
  })[section];
