import { routeHref } from './routes.ts';
import { SECTIONS } from './settings/sections.ts';

/** Of views that are long: the names that addresses have for their sections, in their order. Some are only there when they have something to say. */
export const VIEW_SECTIONS = {
  storage: ['lost', 'trust', 'disk', 'persistence', 'runtime', 'versions', 'space', 'own-data', 'erase'],
  device: ['graphics', 'processor', 'speed', 'storage', 'placement', 'engine', 'memory', 'requests', 'events', 'kiosk', 'versions'],
  embedding: ['guests', 'developers'],
  settings: SECTIONS,
} as const;

export type SectionedRoute = keyof typeof VIEW_SECTIONS;
export type SectionOf<R extends SectionedRoute> = (typeof VIEW_SECTIONS)[R][number];

/** `#/device?section=requests`. */
export const sectionHref = <R extends SectionedRoute>(route: R, section: SectionOf<R>): string => routeHref(route, { section });
