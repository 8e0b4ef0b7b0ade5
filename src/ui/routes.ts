import type { Task } from '../core/tasks.ts';
import type { ModelSummary } from '../protocol/modelReports.ts';

/** The views about what is on the device, in the order of their group in the navigation. The first is where the group begins. */
export const MANAGE_ROUTES = [
  'overview',
  'models',
  'import',
  'downloads',
  'versions',
  'updates',
  'benchmarks',
  'evaluations',
  'embedding',
  'storage',
  'device',
  'log',
  'network',
  'settings',
  'help',
] as const;

/** A view is one name here and one row of `ROUTE_TABLE`: navigation, addresses, landing and tests follow. */
export const ROUTES = ['chat', 'write', 'search', 'transcribe', 'run', ...MANAGE_ROUTES] as const;
export type RouteId = (typeof ROUTES)[number];

export const isManaged = (route: RouteId): boolean => MANAGE_ROUTES.some((managed) => managed === route);

/** The views in which models are used. */
export const MAIN_ROUTES: readonly RouteId[] = ROUTES.filter((route) => !isManaged(route));

/** Of a locked device: nothing in them is for whoever stands before it, since all of it changes something, or tells of others. */
const STAFF_ROUTES: ReadonlySet<RouteId> = new Set<RouteId>(['import', 'benchmarks', 'evaluations', 'embedding', 'log', 'network']);
export const isForStaff = (route: RouteId): boolean => STAFF_ROUTES.has(route);

const OWN_VIEWS = { 'text-generation': 'write', 'feature-extraction': 'search', 'automatic-speech-recognition': 'transcribe' } as const;

const hasOwnView = (task: Task): task is keyof typeof OWN_VIEWS => Object.hasOwn(OWN_VIEWS, task);

/** Where a model of a task is used: some have a view made for them, all others the one for any task. */
export const viewOf = (task: Task): (typeof OWN_VIEWS)[keyof typeof OWN_VIEWS] | 'run' => (hasOwnView(task) ? OWN_VIEWS[task] : 'run');

/** Where a person asks a model: in Chat where it holds conversations, else where models of its task are used. */
export const askedIn = ({
  task,
  holdsConversations,
}: Pick<ModelSummary, 'task' | 'holdsConversations'>): ReturnType<typeof viewOf> | 'chat' => (holdsConversations ? 'chat' : viewOf(task));

/** `#/versions?model=tiny`: what a view shows of many is part of the address, so that a link can lead to it. */
export function routeHref(route: RouteId, params: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams(params).toString();
  return query ? `#/${route}?${query}` : `#/${route}`;
}

export const parseRoute = (hash: string): RouteId | undefined => ROUTES.find((route) => hash.split('?', 1)[0] === routeHref(route));

export const routeParams = (hash: string): URLSearchParams => new URLSearchParams(hash.slice(hash.split('?', 1)[0]?.length));
