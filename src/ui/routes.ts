export const ROUTES = ['write', 'search', 'transcribe', 'models', 'device'] as const;
export type RouteId = (typeof ROUTES)[number];

export const routeHref = (route: RouteId): string => `#/${route}`;

export const parseRoute = (hash: string): RouteId | undefined => ROUTES.find((route) => hash === routeHref(route));
