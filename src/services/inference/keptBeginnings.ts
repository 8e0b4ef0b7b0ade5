import type { Derived } from '../../core/derived.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Digests } from '../../ports/delivery.ts';
import type { GenerateRequest } from '../../ports/generation.ts';
import type { LoadedModel } from '../../ports/runtime.ts';
import type { Store } from '../../ports/store.ts';
import type { Session } from '../sessions/session.ts';

/** What of a session is needed here. */
type Evaluating = Pick<Session, 'installed'> & {
  readonly variant: Pick<Session['variant'], 'id'>;
  readonly model: Pick<LoadedModel, 'report' | 'beginningOf' | 'exportBeginning' | 'importBeginning'>;
};

/** With the type of the numbers: what is kept of 16 bits is nothing to a cache of 32. */
const recipeOf = ({ model: { report } }: Evaluating): string => `prompt-beginning ${report.cacheType ?? ''}`.trimEnd();
/** Goes up when what is written here, or how a prompt is cut into blocks, changes. */
const FORMAT = 4;
/** Of all models together. A thousand tokens of a model of a billion parameters are 44 MiB. */
const MAX_BYTES = 128 * 2 ** 20;
/** A use is written down once a day: with it all bytes are. */
const TOUCH_MS = 24 * 60 * 60 * 1000;

/** Beginnings of prompts that were evaluated, on the device for the next run. */
export interface KeptBeginnings {
  /** Its model let go of what was recalled: it is recalled again when it is asked for. */
  forgotten(session: Evaluating): void;
  of(session: Evaluating, request: { readonly input: GenerateRequest['input']; readonly cacheSalt?: string | undefined }): KeptBeginning;
}

/** Of one request. What goes wrong here costs time only: neither call rejects. */
interface KeptBeginning {
  /** Gives the model what an earlier run kept of it, verified. */
  recall(): Promise<void>;
  /** Keeps what is not kept yet. */
  keep(): Promise<void>;
}

interface KeptBeginningsDeps {
  readonly store: Pick<Store, 'derived'>;
  readonly digests: Digests;
  readonly clock: Clock;
  readonly versions: { readonly sill: string; readonly onnxruntime: string };
  /** Whether a request may leave something behind for the next run. */
  readonly mayKeep?: (input: GenerateRequest['input']) => Promise<boolean>;
}

export function createKeptBeginnings({ store: { derived }, digests, clock, versions, mayKeep }: KeptBeginningsDeps): KeptBeginnings {
  /** What each session has of them, or was found not to be keepable. A session that ends takes its notes along. */
  const settled = new WeakMap<Evaluating, Set<string>>();

  /** Everything with which the numbers would be others, and whose they are. Without the tokens themselves: who reads it learns no prompt. */
  const keyOf = async ({ installed, variant, model: { report } }: Evaluating, ids: readonly number[], salt: string): Promise<string> => {
    const { build, device, threads, cacheType } = report;
    const ground = [FORMAT, installed.revision, variant.id, versions, build, device, threads, cacheType, salt, ids];
    return digests.sha256(new TextEncoder().encode(JSON.stringify(ground)));
  };

  const recall = async (session: Evaluating, key: string, ids: readonly number[], salt: string): Promise<boolean> => {
    const row = await derived.get(key);
    if (!row) return false;
    // A file of a Blob may be gone, and a disk may give back other bytes than it took.
    const bytes = await row.data.arrayBuffer().catch(() => undefined);
    const isSound = bytes !== undefined && row.about.recipe === recipeOf(session) && (await digests.sha256(bytes)) === row.about.result;
    if (bytes && isSound && (await session.model.importBeginning(ids, salt, new Uint8Array(bytes)))) {
      const nowMs = clock.now();
      if (Math.abs(nowMs - row.about.usedAtMs) > TOUCH_MS) await derived.touch(key, nowMs);
      return true;
    }
    await derived.delete(key);
    return false;
  };

  const keep = async (session: Evaluating, key: string, ids: readonly number[], salt: string): Promise<boolean> => {
    const { model, installed } = session;
    const bytes = await model.exportBeginning(ids, salt);
    // Not to be had, or more than all of them may take: then it is not tried at each request.
    if (!bytes || bytes.byteLength > MAX_BYTES) return true;
    const about: Derived = {
      ...{ key, recipe: recipeOf(session), source: installed.revision, result: await digests.sha256(bytes) },
      ...{ sizeBytes: bytes.byteLength, usedAtMs: clock.now() },
    };
    await derived.put(about, new Blob([bytes]), MAX_BYTES);
    return true;
  };

  return {
    forgotten: (session) => void settled.delete(session),
    of(session, { input, cacheSalt = '' }) {
      const done = settled.get(session) ?? new Set();
      settled.set(session, done);
      let beginning: Promise<{ readonly key: string; readonly ids: readonly number[] } | undefined> | undefined;
      const find = async () => {
        const ids = await session.model.beginningOf(input);
        return ids.length === 0 ? undefined : { key: await keyOf(session, ids, cacheSalt), ids };
      };
      const once = async (work: typeof recall): Promise<void> => {
        try {
          beginning ??= find();
          const found = await beginning;
          if (!found || done.has(found.key)) return;
          if (await work(session, found.key, found.ids, cacheSalt)) done.add(found.key);
        } catch {
          // The request itself says what is wrong with it, and a disk that is full or gone leaves everything as it was.
        }
      };
      return { recall: () => once(recall), keep: async () => ((await mayKeep?.(input)) === false ? undefined : once(keep)) };
    },
  };
}
