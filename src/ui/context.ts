import { createContext } from '@lit/context';
import type { Sealing } from '../ports/sealing.ts';
import type { Sill } from '../protocol/sill.ts';
import type { Activity } from './activity.ts';
import type { BenchmarksStore } from './benchmarks-store.ts';
import type { EvaluationsStore } from './evaluations-store.ts';
import type { KioskStore } from './kiosk-store.ts';
import type { ModelsStore } from './models-store.ts';
import type { NoticesStore } from './notices/notices-store.ts';
import type { AppShell } from './shell.ts';
import type { UpdatesStore } from './updates-store.ts';

/** Undefined until the engine answers. */
export const sillContext = createContext<Sill | undefined>(Symbol('sill'));
export const appContext = createContext<AppShell>(Symbol('app'));
export const modelsContext = createContext<ModelsStore>(Symbol('models'));
export const updatesContext = createContext<UpdatesStore>(Symbol('updates'));
export const benchmarksContext = createContext<BenchmarksStore>(Symbol('benchmarks'));
/** How a passphrase locks what is private: the page's own, never the engine's. */
export const sealingContext = createContext<Sealing>(Symbol('sealing'));
export const evaluationsContext = createContext<EvaluationsStore>(Symbol('evaluations'));
export const kioskContext = createContext<KioskStore>(Symbol('kiosk'));
export const noticesContext = createContext<NoticesStore>(Symbol('notices'));
export const activityContext = createContext<Activity>(Symbol('activity'));
