import * as v from 'valibot';
import { isModelId, type ModelId } from '../core/ids.ts';
import type { Broadcast } from '../ports/browser.ts';
import type { Clock } from '../ports/clock.ts';
import type { EngineEvent, InstallProgress } from '../protocol/reports.ts';

/** An install of another tab that told nothing for this long is taken for dead: the tab was closed or killed. */
const SILENT_AFTER_MS = 5000;

const id = v.pipe(v.string(), v.guard(isModelId));
const ProgressSchema = v.object({
  phase: v.picklist(['preparing', 'downloading', 'activating', 'trying']),
  storedBytes: v.number(),
  totalBytes: v.number(),
  bytesPerSecond: v.exactOptional(v.number()),
  secondsLeft: v.exactOptional(v.number()),
  trial: v.exactOptional(
    v.variant('check', [
      v.object({ check: v.picklist(['loading', 'smoke']) }),
      v.object({ check: v.picklist(['suite', 'comparing']), done: v.number(), total: v.number() }),
    ]),
  ),
});
const MessageSchema = v.variant('type', [
  v.object({ type: v.literal('models') }),
  v.object({ type: v.literal('documents') }),
  v.object({ type: v.literal('updates') }),
  v.object({ type: v.literal('install'), id, progress: ProgressSchema }),
  v.object({ type: v.literal('stop'), id }),
]);

/** What happened, told to this tab's page and to the engines of the other tabs, so that all show the same. */
export interface Hub {
  tell(event: EngineEvent): void;
  listen(listener: (event: EngineEvent) => void): () => void;
  /** Progress of an install that another tab runs, if it was heard of lately. */
  remoteProgress(modelId: ModelId): InstallProgress | undefined;
  /** Asks whichever tab installs the model to stop. */
  askToStop(modelId: ModelId): void;
  onStopAsked(listener: (modelId: ModelId) => void): void;
}

export function createHub(broadcast: Broadcast, clock: Clock): Hub {
  const listeners = new Set<(event: EngineEvent) => void>();
  const stopListeners = new Set<(modelId: ModelId) => void>();
  const remote = new Map<ModelId, { progress: InstallProgress; atMs: number }>();

  broadcast.listen((data) => {
    const parsed = v.safeParse(MessageSchema, data);
    // A tab with another version of the app may speak differently: what is not understood is not ours to act on.
    if (!parsed.success) return;
    const message = parsed.output;
    if (message.type === 'stop') {
      for (const listener of stopListeners) listener(message.id);
      return;
    }
    if (message.type === 'install') remote.set(message.id, { progress: message.progress, atMs: clock.now() });
    if (message.type === 'models') remote.clear();
    for (const listener of listeners) listener(message);
  });

  return {
    tell(event) {
      broadcast.send(event);
      for (const listener of listeners) listener(event);
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    remoteProgress(modelId) {
      const known = remote.get(modelId);
      return known && clock.now() - known.atMs < SILENT_AFTER_MS ? known.progress : undefined;
    },
    askToStop(modelId) {
      broadcast.send({ type: 'stop', id: modelId });
    },
    onStopAsked(listener) {
      stopListeners.add(listener);
    },
  };
}
