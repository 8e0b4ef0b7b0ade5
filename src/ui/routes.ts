import type { Task } from '../core/tasks.ts';

/** The views about what is on the device: one link in the main navigation, and a row of links of their own above each of them. */
export const MANAGE_ROUTES = ['models', 'import', 'downloads', 'versions', 'updates', 'benchmarks', 'embedding', 'storage'] as const;

export const ROUTES = ['write', 'search', 'transcribe', 'run', ...MANAGE_ROUTES, 'device'] as const;
export type RouteId = (typeof ROUTES)[number];

export const isManaged = (route: RouteId): boolean => MANAGE_ROUTES.some((managed) => managed === route);

/** The link of the main navigation under which a view lies. */
export const mainRoute = (route: RouteId): RouteId => (isManaged(route) ? 'models' : route);

export const MAIN_ROUTES: readonly RouteId[] = ROUTES.filter((route) => mainRoute(route) === route);

const OWN_VIEWS = { 'text-generation': 'write', 'feature-extraction': 'search', 'automatic-speech-recognition': 'transcribe' } as const;

const hasOwnView = (task: Task): task is keyof typeof OWN_VIEWS => Object.hasOwn(OWN_VIEWS, task);

/** Where a model of a task is used: some have a view made for them, all others the one for any task. */
export const viewOf = (task: Task): (typeof OWN_VIEWS)[keyof typeof OWN_VIEWS] | 'run' => (hasOwnView(task) ? OWN_VIEWS[task] : 'run');

/** `#/versions?model=tiny`: what a view shows of many is part of the address, so that a link can lead to it. */
export function routeHref(route: RouteId, params: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams(params).toString();
  return query ? `#/${route}?${query}` : `#/${route}`;
}

export const parseRoute = (hash: string): RouteId | undefined => ROUTES.find((route) => hash.split('?', 1)[0] === routeHref(route));

export const routeParams = (hash: string): URLSearchParams => new URLSearchParams(hash.slice(hash.split('?', 1)[0]?.length));
