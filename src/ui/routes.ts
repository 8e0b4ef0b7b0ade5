/** The views about what is on the device: one link in the main navigation, and a row of links of their own above each of them. */
export const MANAGE_ROUTES = ['models', 'downloads', 'versions', 'updates', 'storage'] as const;

export const ROUTES = ['write', 'search', 'transcribe', ...MANAGE_ROUTES, 'device'] as const;
export type RouteId = (typeof ROUTES)[number];

export const isManaged = (route: RouteId): boolean => MANAGE_ROUTES.some((managed) => managed === route);

/** The link of the main navigation under which a view lies. */
export const mainRoute = (route: RouteId): RouteId => (isManaged(route) ? 'models' : route);

export const MAIN_ROUTES: readonly RouteId[] = ROUTES.filter((route) => mainRoute(route) === route);

/** `#/versions?model=tiny`: what a view shows of many is part of the address, so that a link can lead to it. */
export function routeHref(route: RouteId, params: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams(params).toString();
  return query ? `#/${route}?${query}` : `#/${route}`;
}

export const parseRoute = (hash: string): RouteId | undefined => ROUTES.find((route) => hash.split('?', 1)[0] === routeHref(route));

export const routeParams = (hash: string): URLSearchParams => new URLSearchParams(hash.slice(hash.split('?', 1)[0]?.length));
