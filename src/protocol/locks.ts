/** Names of the Web Locks by which the tabs of the origin know of each other. */

/** Shared by every answer under way: while anybody holds it, the app must not reload. */
export const ANSWERING_LOCK = 'sill-answering';

/** Shared by the service worker while somebody reads an answer that goes through it. */
export const STREAMING_LOCK = 'sill-streaming';

/** Held by the tab that writes this answer of a conversation: it tells all others that the answer was not cut off. */
export const writingLock = (messageId: string): string => `sill-writing:${messageId}`;

/** Shared by every page of a kiosk with a person before it. */
export const VISIT_LOCK = 'sill-visit';

const INSTALL_PREFIX = 'sill-install:';
const TRIAL_PREFIX = 'sill-trial:';

/** Held by the one engine that downloads, while there is something to download. The others wait in line for it. */
export const DOWNLOADER_LOCK = 'sill-downloader';

/** Held by it for the model whose install is under way. */
export const installLock = (modelId: string): string => INSTALL_PREFIX + modelId;

const REPAIR_PREFIX = 'sill-repair:';

/** Held by the one engine that repairs the model. */
export const repairLock = (modelId: string): string => REPAIR_PREFIX + modelId;

/** Held by the one engine that fetches what is damaged: downloads give way meanwhile. */
export const REPAIRING_LOCK = 'sill-repairing';

/** Shared by every engine that has the model in memory. */
export const loadedLock = (modelId: string): string => `sill-loaded:${modelId}`;

/** Shared by every engine that starts the model. */
export const startingLock = (modelId: string): string => `sill-starting:${modelId}`;

/** Held by the one engine that reads what is installed again. */
export const INSPECTION_LOCK = 'sill-inspection';

/** Held by the one engine that puts an update of the model on trial. */
export const trialLock = (modelId: string): string => TRIAL_PREFIX + modelId;

/** Held by the one engine that looks after updates by itself. */
export const UPDATER_LOCK = 'sill-updater';

/** Held by the one engine that reads what the operator wants of every device. */
export const OPERATOR_LOCK = 'sill-operator';

/** Held by the one engine that fetches the model runtime before anything is installed. */
export const RUNTIME_LOCK = 'sill-runtime';

/** Held by whoever changes who keeps the device to what, or tries a PIN: one at a time, in whatever tab. */
export const KIOSK_LOCK = 'sill-kiosk';

/** Held while what a person left at a kiosk is deleted. */
export const SESSION_END_LOCK = 'sill-session-end';

/** Held by the one engine that imports a bundle. */
export const IMPORT_LOCK = 'sill-import';

/** Held by the one engine that runs a benchmark: two at once would measure each other. */
export const BENCHMARK_LOCK = 'sill-benchmark';

/** Held by the one engine that runs an evaluation suite. */
export const EVALUATION_LOCK = 'sill-evaluation';

/** Held by the one engine that imports a model file. */
export const FORGE_LOCK = 'sill-forge';

/** True for a lock whose holder a reload would cut off. */
export const isWorkLock = (name: string | undefined): boolean =>
  name === ANSWERING_LOCK ||
  name === STREAMING_LOCK ||
  name === VISIT_LOCK ||
  name === IMPORT_LOCK ||
  name === BENCHMARK_LOCK ||
  name === EVALUATION_LOCK ||
  name === FORGE_LOCK ||
  [INSTALL_PREFIX, REPAIR_PREFIX, TRIAL_PREFIX].some((prefix) => name?.startsWith(prefix) === true);
