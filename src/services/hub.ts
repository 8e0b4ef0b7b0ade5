import * as v from 'valibot';
import { isModelId, type ModelId } from '../core/ids.ts';
import type { Broadcast } from '../ports/browser.ts';
import type { Clock } from '../ports/clock.ts';
import type { EngineEvent } from '../protocol/engineReports.ts';
import type { FileImportProgress } from '../protocol/importReports.ts';
import type { InstallProgress } from '../protocol/modelReports.ts';

/** An install of another tab that told nothing for this long is taken for dead: the tab was closed or killed. */
const SILENT_AFTER_MS = 5000;

/** A score is told of when it begins, and takes as long as this on a slow device. */
const MAKING_SILENT_AFTER_MS = 120_000;

const id = v.pipe(v.string(), v.guard(isModelId));
const ProgressSchema = v.object({
  phase: v.picklist(['preparing', 'queued', 'downloading', 'transcoding', 'activating', 'trying']),
  waiting: v.exactOptional(v.picklist(['turn', 'metered', 'network'])),
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
const ImportProgressSchema = v.object({
  phase: v.picklist(['waiting', 'fetching', 'looking', 'reference', 'transcoding', 'scoring', 'activating']),
  doneBytes: v.number(),
  totalBytes: v.number(),
  bytesPerSecond: v.exactOptional(v.number()),
  secondsLeft: v.exactOptional(v.number()),
});
const MessageSchema = v.variant('type', [
  v.object({ type: v.literal('models') }),
  v.object({ type: v.literal('documents') }),
  v.object({ type: v.literal('events') }),
  v.object({ type: v.literal('updates') }),
  v.object({ type: v.literal('downloads') }),
  v.object({ type: v.literal('imports') }),
  v.object({ type: v.literal('import'), id, progress: ImportProgressSchema }),
  v.object({ type: v.literal('making'), id, progress: v.exactOptional(ImportProgressSchema) }),
  v.object({ type: v.literal('memory') }),
  v.object({ type: v.literal('kiosk') }),
  v.object({ type: v.literal('benchmarks') }),
  v.object({ type: v.literal('log') }),
  v.object({ type: v.literal('conversations'), by: v.optional(v.string()), ids: v.exactOptional(v.array(v.string())) }),
  v.object({ type: v.literal('evaluations') }),
  v.object({ type: v.literal('guests') }),
  v.object({ type: v.literal('upstreams') }),
  v.object({ type: v.literal('install'), id, progress: ProgressSchema }),
]);

/** What happened, told to this tab's page and to the engines of the other tabs, so that all show the same. */
export interface Hub {
  tell(event: EngineEvent): void;
  listen(listener: (event: EngineEvent) => void): () => void;
  /** Progress of an install that another tab runs, if it was heard of lately. */
  remoteProgress(modelId: ModelId): InstallProgress | undefined;
  /** Of a form that is made so that the model can run, in whichever tab. */
  makingOf(modelId: ModelId): FileImportProgress | undefined;
}

export function createHub(broadcast: Broadcast, clock: Clock): Hub {
  const listeners = new Set<(event: EngineEvent) => void>();
  const remote = new Map<ModelId, { progress: InstallProgress; atMs: number }>();

  const making = new Map<ModelId, { progress: FileImportProgress; atMs: number }>();
  const noteMaking = (event: EngineEvent): void => {
    if (event.type !== 'making') return;
    if (event.progress) making.set(event.id, { progress: event.progress, atMs: clock.now() });
    else making.delete(event.id);
  };

  broadcast.listen((data) => {
    const parsed = v.safeParse(MessageSchema, data);
    // A tab with another version of the app may speak differently: what is not understood is not ours to act on.
    if (!parsed.success) return;
    const message = parsed.output;
    if (message.type === 'install') remote.set(message.id, { progress: message.progress, atMs: clock.now() });
    noteMaking(message);
    for (const listener of listeners) listener(message);
  });

  return {
    tell(event) {
      broadcast.send(event);
      noteMaking(event);
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
    makingOf(modelId) {
      const known = making.get(modelId);
      return known && clock.now() - known.atMs < MAKING_SILENT_AFTER_MS ? known.progress : undefined;
    },
  };
}
