import type { RuntimeBuild } from '../core/builds.ts';
import type { ProbedDevice } from '../core/device.ts';

/** What the realm's storage manager tells. Asking for persistence is the page's part: a worker cannot. */
export interface StorageManagerPort {
  estimate(): Promise<{ readonly quotaBytes?: number; readonly usageBytes?: number }>;
  persisted(): Promise<boolean>;
}

/** Asks the browser what it can do. */
export type DeviceProbe = () => Promise<ProbedDevice>;

/** One holder of a name across all tabs of the origin. */
export interface Locks {
  /** Runs `work` while holding the lock, or returns undefined at once when somebody else holds it. */
  tryHold<T>(name: string, work: () => Promise<T>): Promise<{ readonly value: T } | undefined>;
  /** Runs `work` while holding the lock, once its turn comes. A tab that is closed or dies gives its lock to the next in line. */
  hold<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** Runs `work` while holding the lock together with any other sharer. */
  share<T>(name: string, work: () => Promise<T>): Promise<T>;
  isHeld(name: string): Promise<boolean>;
}

/** Messages to the engines of the origin's other tabs. Not delivered to the sender. */
export interface Broadcast {
  send(message: unknown): void;
  listen(listener: (message: unknown) => void): void;
}

/** What the browser knows of the way to the network. */
export interface Connection {
  /** False means that there is surely none; true promises nothing. */
  isOnline(): boolean;
  /** It costs by the byte, or the person asked to save data. */
  isMetered(): boolean;
  onChange(listener: () => void): void;
}

/** The runtime's own files, kept so that a model can start with no network. */
export interface RuntimeAssets {
  /** @throws SillError `network_unavailable` | `quota_exceeded` | `storage_unavailable` */
  ensure(build: RuntimeBuild, signal?: AbortSignal): Promise<void>;
  /** Drops the files that none of these builds needs. */
  keepOnly(builds: Iterable<RuntimeBuild>): Promise<void>;
  /** Whether this version's files of the build are kept. */
  has(build: RuntimeBuild): Promise<boolean>;
  /** Of the build's files, kept or not. */
  sizeBytes(build: RuntimeBuild): number;
}

export interface Random {
  /** Uniform over 0 to 2^32 - 1. */
  uint32(): number;
  uuid(): string;
}

/** Sizes of the files that are kept besides the database. */
export interface KeptFiles {
  /** The model runtime. */
  runtimeBytes(): Promise<number>;
  /** The app itself. */
  shellBytes(): Promise<number>;
}
