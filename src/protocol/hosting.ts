import * as v from 'valibot';
import { isOrigin } from '../core/origin.ts';

/**
 * How the tabs of an app share one engine. The tab that holds the host lock runs the engine worker. Others have the service worker
 * hand it one end of a channel: a BroadcastChannel carries no ports, and a shared worker could start no workers.
 * Who lives is known by locks, since a dying tab sends no message: each engine and each connection holds one of its own.
 */

/** Held by the tab that runs the engine. `app` names the build: tabs of another one have an engine of their own. */
export const hostLock = (app: string): string => HOST_PREFIX + app;
const HOST_PREFIX = 'sill-host:';
/** Whether a tab runs an engine or is about to, though the service worker may not know where yet. */
export const isHosted = (locks: ReadonlyArray<{ readonly name?: string }>, isOurs: (app: string) => boolean): boolean =>
  locks.some(({ name }) => name?.startsWith(HOST_PREFIX) === true && isOurs(name.slice(HOST_PREFIX.length)));

/** Held by the engine worker while it lives. */
export const engineLock = (engine: string): string => `sill-engine:${engine}`;

/** Held by a tab for each of its connections to an engine. */
export const connectionLock = (connection: string): string => `sill-connection:${connection}`;

/** How the names of the service worker's own connections begin; the id of the page that asks follows, and `~`. */
export const HTTP_CONNECTION = 'http-';

/** For whom a connection is: the service worker has one for each request, and a page that sends many is one asker all the same. */
export const askerOf = (connection: string): string =>
  connection.startsWith(HTTP_CONNECTION) ? (connection.split('~')[0] ?? '') : connection;

/** Where the service worker finds a host: its client there. */
export interface Address {
  readonly app: string;
  readonly engine: string;
  /** Grows with each host: one that was suspended and lost its place may still hold its lock. */
  readonly term: number;
  readonly clientId: string;
}

/** Held by the host once the service worker is there: the lock's name is what it has to tell. */
export const addressLock = ({ app, engine, term, clientId }: Address): string => `sill-hosted:${term}:${clientId}:${engine}:${app}`;

function parseAddress(name: string): Address | undefined {
  const match = /^sill-hosted:(\d{1,15}):([^:]+):([^:]+):(.*)$/s.exec(name);
  if (!match) return undefined;
  const [, term = '', clientId = '', engine = '', app = ''] = match;
  return { app, engine, term: Number(term), clientId };
}

/** The newest host of an app among the locks that are held. */
export const newestHost = (held: ReadonlyArray<{ readonly name?: string }>, app: string): Address | undefined =>
  newestHostOf(held, (each) => each === app);

/** As `newestHost`, of any app that is asked for. */
export function newestHostOf(held: ReadonlyArray<{ readonly name?: string }>, isOurs: (app: string) => boolean): Address | undefined {
  return held
    .map(({ name }) => (name === undefined ? undefined : parseAddress(name)))
    .filter((address) => address && isOurs(address.app))
    .sort((a, b) => (b?.term ?? 0) - (a?.term ?? 0))[0];
}

const id = v.pipe(v.string(), v.minLength(1), v.maxLength(200));
const app = v.pipe(v.string(), v.maxLength(2000));

/** The first message to an engine worker: its name, and that of the one whose place it takes by force. */
const BeginSchema = v.object({ type: v.literal('sill-begin'), engine: id, deposes: v.exactOptional(id) });
export type Begin = v.InferOutput<typeof BeginSchema>;

/** Wants a way to the engine; one end of a channel comes with it. Passed on as it is: tab, service worker, host tab, engine worker. */
export const ConnectSchema = v.object({
  type: v.literal('sill-connect'),
  app,
  connection: id,
  /** Of a connection that a frame makes for the page that embeds it: the origin of that page, as the browser named it to the frame. */
  guest: v.exactOptional(v.pipe(v.string(), v.guard(isOrigin))),
});
export type Connect = v.InferOutput<typeof ConnectSchema>;

/** A tab asks the service worker by which id it is known there; the answer comes through the port that it brings. */
const WhoAmISchema = v.object({ type: v.literal('sill-who-am-i') });
export const YouAreSchema = v.object({ type: v.literal('sill-you-are'), clientId: id });

/** The service worker's answer through the port when no tab hosts the engine at the moment. */
export const UnhostedSchema = v.object({ type: v.literal('sill-unhosted') });

/** An engine worker's first word to its page: it holds its lock, whose end tells of its own. */
export const IdentifiedSchema = v.object({ type: v.literal('sill-identified') });
export type Identified = v.InferOutput<typeof IdentifiedSchema>;

/** Comes with a port to the page that hosts the engine, see `pageContract`. */
const PageSchema = v.object({ type: v.literal('sill-page') });

export const EngineMessageSchema = v.variant('type', [BeginSchema, ConnectSchema, PageSchema]);
export const BrokerMessageSchema = v.variant('type', [ConnectSchema, WhoAmISchema, v.object({ type: v.literal('SKIP_WAITING') })]);
