import { routeHref } from './routes.ts';
import { SECTIONS } from './settings/sections.ts';

/** Of views that are long: the names that addresses have for their sections, in their order. */
export const VIEW_SECTIONS = {
  storage: ['lost', 'trust', 'disk', 'persistence', 'runtime', 'versions', 'space', 'own-data', 'erase'],
  device: ['graphics', 'processor', 'speed', 'storage', 'placement', 'engine', 'memory', 'requests', 'events', 'kiosk', 'versions'],
  embedding: ['guests', 'developers'],
  settings: SECTIONS,
} as const;

/** Those that are only there when they have something to say. */
const COMING: ReadonlySet<string> = new Set(['storage:lost', 'storage:trust', 'storage:runtime', 'device:speed', 'device:events']);
/** Not there on a device that its operator or a kiosk holds. */
const OF_OWNERS: ReadonlySet<string> = new Set([
  ...['storage:space', 'storage:own-data', 'storage:erase'],
  ...['settings:notifications', 'settings:log'],
]);

export type SectionedRoute = keyof typeof VIEW_SECTIONS;
export type SectionOf<R extends SectionedRoute> = (typeof VIEW_SECTIONS)[R][number];

/** `#/device?section=requests`. */
export const sectionHref = <R extends SectionedRoute>(route: R, section: SectionOf<R>): string => routeHref(route, { section });

/** Those of a view that are there whatever a device has to say, in their order. */
export const standingSections = <R extends SectionedRoute>(route: R, locked: boolean): ReadonlyArray<SectionOf<R>> =>
  VIEW_SECTIONS[route].filter((section) => !COMING.has(`${route}:${section}`) && !(locked && OF_OWNERS.has(`${route}:${section}`)));
