import * as v from 'valibot';
import { type ErrorCode, SillError } from '../../core/errors.ts';
import type { ModelId } from '../../core/ids.ts';
import type { ExecutionDevice } from '../../core/manifest.ts';
import type { InstalledRevision } from '../../core/slots.ts';
import { afterAnswer, afterLoss, currentTrouble, refuseCrashLoop, type Trouble, TroubleSchema } from '../../core/trouble.ts';
import type { Locks } from '../../ports/browser.ts';
import type { Clock } from '../../ports/clock.ts';
import type { SettingsStore } from '../../ports/store.ts';
import { startingLock } from '../../protocol/locks.ts';

const troubleKey = (id: ModelId): string => `trouble:${id}`;
const startingKey = (id: ModelId): string => `starting:${id}`;

/** The model's worker is gone or not to be trusted, which another worker in a lighter form may mend. */
const LOSSES: ReadonlySet<ErrorCode> = new Set(['worker_lost', 'out_of_memory', 'runtime_failed', 'device_lost']);

export const isLoss = (reason: unknown, device: ExecutionDevice): reason is SillError =>
  reason instanceof SillError && (LOSSES.has(reason.code) || (reason.code === 'unsupported_device' && device === 'webgpu'));

/** What this device remembers of models that failed, over restarts: a kiosk that reloads after a crash must not crash for ever. */
export interface Troubles {
  /** What still counts against it. @throws SillError `crash_loop` */
  admit(id: ModelId, installed: InstalledRevision): Promise<Trouble | undefined>;
  /** Whether anything still counts against it. */
  isTroubled(id: ModelId, installed: InstalledRevision): Promise<boolean>;
  /** Runs a start of the model in such a way that one which ends the whole page is counted too. */
  starting<T>(id: ModelId, work: () => Promise<T>): Promise<T>;
  noteLoss(id: ModelId, installed: InstalledRevision, reason: SillError): Promise<void>;
  noteAnswer(id: ModelId): Promise<void>;
  forgive(id: ModelId): Promise<void>;
}

export function createTroubles({ settings, locks, clock }: { settings: SettingsStore; locks: Locks; clock: Clock }): Troubles {
  const known = new Map<ModelId, Trouble | undefined>();

  const read = async (id: ModelId): Promise<Trouble | undefined> => {
    if (known.has(id)) return known.get(id);
    const stored = v.safeParse(TroubleSchema, await settings.get(troubleKey(id)));
    const trouble = stored.success ? stored.output : undefined;
    known.set(id, trouble);
    return trouble;
  };
  const write = async (id: ModelId, trouble: Trouble | undefined): Promise<void> => {
    known.set(id, trouble);
    await (trouble ? settings.set(troubleKey(id), trouble) : settings.delete(troubleKey(id)));
  };

  const noteLoss: Troubles['noteLoss'] = async (id, installed, reason) => {
    const nowMs = clock.now();
    await write(id, afterLoss(currentTrouble(await read(id), installed, nowMs), installed, reason.toData(), nowMs));
  };

  /** A start that neither ended nor goes on in another tab took its page with it. */
  const diedStarting = async (id: ModelId): Promise<boolean> =>
    (await settings.get(startingKey(id))) !== undefined && !(await locks.isHeld(startingLock(id)));

  return {
    async admit(id, installed) {
      if (await diedStarting(id)) {
        await settings.delete(startingKey(id));
        // Whoever closes a tab while a model loads ends a start too: one alone makes nothing lighter.
        const lost = new SillError('worker_lost', 'The page ended while the model was started.');
        const before = currentTrouble(await read(id), installed, clock.now());
        const after = afterLoss(before, installed, lost.toData(), clock.now());
        await write(id, before ? after : { ...after, lighter: 0 });
      }
      const trouble = currentTrouble(await read(id), installed, clock.now());
      refuseCrashLoop(id, trouble, clock.now());
      return trouble;
    },
    isTroubled: async (id, installed) => currentTrouble(await read(id), installed, clock.now()) !== undefined,
    starting: <T>(id: ModelId, work: () => Promise<T>) =>
      new Promise<T>((resolve, reject) => {
        const whole = locks.share(startingLock(id), async () => {
          // Beside the work, which takes longer; a note that cannot be written must not keep the model from its start.
          const noted = settings.set(startingKey(id), clock.now()).catch(() => undefined);
          try {
            // What has started need not wait for what follows.
            resolve(await work());
          } finally {
            // Before the lock is given back: a note without its holder is a start that died.
            await noted.then(() => settings.delete(startingKey(id))).catch(() => undefined);
          }
        });
        whole.catch(reject);
      }),
    noteLoss,
    async noteAnswer(id) {
      const trouble = await read(id);
      if (trouble && trouble.losses > 0) await write(id, afterAnswer(trouble));
    },
    forgive: async (id) => {
      if (await read(id)) await write(id, undefined);
    },
  };
}
