import { beginningName, type Derived } from '../../core/derived.ts';
import { type Digest, isDigest, type RevisionId } from '../../core/ids.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Digests } from '../../ports/delivery.ts';
import type { GenerateRequest } from '../../ports/generation.ts';
import type { KeptBeginning, LoadedModel } from '../../ports/runtime.ts';
import type { Store } from '../../ports/store.ts';
import type { Session } from '../sessions/session.ts';

/** What of a session is needed here. */
type Evaluating = Pick<Session, 'installed'> & {
  readonly variant: Pick<Session['variant'], 'id'>;
  readonly model: Pick<LoadedModel, 'report' | 'beginningOf' | 'exportBeginning' | 'restoreBeginnings'>;
};

const RECIPE = 'prompt-beginning';
/** With the type of the numbers: what is kept of 16 bits is nothing to a cache of 32. */
const recipeOf = ({ model: { report } }: Evaluating): string => `${RECIPE} ${report.cacheType ?? ''}`.trimEnd();
/** Goes up when what is written here, or how a prompt is cut into blocks, changes. */
const FORMAT = 5;
/** Of all models together. A thousand tokens of a model of a billion parameters are 44 MiB. */
const MAX_BYTES = 128 * 2 ** 20;
/** What is read with a model before anybody asks. What was used last is, whatever it takes; the rest is read when it is asked for. */
const AHEAD_BYTES = 32 * 2 ** 20;
/** A use is written down once a day: with it all bytes are. */
const TOUCH_MS = 24 * 60 * 60 * 1000;

/** Beginnings of prompts that were evaluated, on the device for the next run. */
export interface KeptBeginnings {
  /**
   * Reads and verifies what is kept of a revision, for a model of it that is being loaded. Never fails: without it prompts are evaluated.
   * @returns hands it to that model, once it is loaded
   */
  ahead(revision: RevisionId): (session: Evaluating) => void;
  /** Its model let go of all that it had: it is given anew. */
  forgotten(session: Evaluating): void;
  of(session: Evaluating, request: { readonly input: GenerateRequest['input']; readonly cacheSalt?: string | undefined }): OfRequest;
}

/** Of one request. What goes wrong here costs time only: none of it rejects. */
interface OfRequest {
  /** Waits until the model has what an earlier run kept of it: at once where that was read with the model. */
  recall(): Promise<void>;
  /**
   * Takes from the model what is not kept yet, which is soon done.
   * @returns keeps it: that may take a disk seconds, and needs no model any more
   */
  take(): Promise<() => Promise<void>>;
}

interface KeptBeginningsDeps {
  readonly store: Pick<Store, 'derived'>;
  readonly digests: Digests;
  readonly clock: Clock;
  readonly versions: { readonly sill: string; readonly onnxruntime: string };
  /** Whether a request may leave something behind for the next run. */
  readonly mayKeep?: (input: GenerateRequest['input']) => Promise<boolean>;
}

/** Keys of what is kept of a model and was not read with it. */
type Unread = Set<string>;

export function createKeptBeginnings({ store: { derived }, digests, clock, versions, mayKeep }: KeptBeginningsDeps): KeptBeginnings {
  /** What each session was given, once it has it. */
  const given = new WeakMap<Evaluating, Promise<Unread>>();
  /** What each session has kept, or was found not to be keepable. A session that ends takes its notes along. */
  const settled = new WeakMap<Evaluating, Set<string>>();

  const digestOf = (text: string): Promise<Digest> => digests.sha256(new TextEncoder().encode(text));

  /** Everything with which the numbers would be others. */
  const groundOf = ({ installed, variant, model: { report } }: Evaluating): string => {
    const { build, device, threads, cacheType } = report;
    return JSON.stringify([FORMAT, installed.revision, variant.id, versions, build, device, threads, cacheType]);
  };

  /** Undefined, and deleted, where the disk does not give back what it took. */
  const read = async (about: Derived): Promise<KeptBeginning | undefined> => {
    const row = await derived.get(about.key);
    if (!row?.about.beginning) return undefined;
    // A file of a Blob may be gone, and a disk may give back other bytes than it took.
    const bytes = await row.data.arrayBuffer().catch(() => undefined);
    if (bytes && isDigest(about.key) && (await digests.sha256(bytes)) === row.about.result)
      return { key: about.key, tokens: row.about.beginning.tokens, bytes: new Uint8Array(bytes) };
    await derived.delete(about.key);
    return undefined;
  };

  const restore = async (session: Evaluating, kept: readonly KeptBeginning[]): Promise<void> => {
    if (kept.length === 0) return;
    for (const key of await session.model.restoreBeginnings(kept, groundOf(session))) await derived.delete(key);
  };

  const ahead: KeptBeginnings['ahead'] = (revision) => {
    const reading = (async () => {
      const all = (await derived.list()).filter(
        ({ recipe, source, beginning }) => beginning && recipe.startsWith(RECIPE) && source === revision,
      );
      const ready: Array<{ readonly about: Derived; readonly kept: KeptBeginning }> = [];
      const later: Derived[] = [];
      let sizeBytes = 0;
      for (const about of all.sort((a, b) => b.usedAtMs - a.usedAtMs)) {
        if (ready.length > 0 && sizeBytes + about.sizeBytes > AHEAD_BYTES) {
          later.push(about);
          continue;
        }
        const kept = await read(about);
        if (!kept) continue;
        ready.push({ about, kept });
        sizeBytes += about.sizeBytes;
      }
      return { ready, later };
    })();
    // Told below; a model that never comes has nobody who is told.
    reading.catch(() => undefined);
    return (session) => {
      const handOver = async (): Promise<Unread> => {
        const ground = await digestOf(groundOf(session));
        const isOwn = ({ beginning, recipe }: Derived) => beginning?.ground === ground && recipe === recipeOf(session);
        const { ready, later } = await reading;
        await restore(
          session,
          ready.flatMap(({ about, kept }) => (isOwn(about) ? [kept] : [])),
        );
        return new Set(later.filter(isOwn).map(({ key }) => key));
      };
      given.set(
        session,
        // A disk that is gone leaves everything as it was, and a model that is lost is told of by others.
        handOver().catch(() => new Set()),
      );
    };
  };

  const givenTo = (session: Evaluating): Promise<Unread> => {
    if (!given.has(session)) ahead(session.installed.revision)(session);
    return given.get(session) ?? Promise.resolve(new Set());
  };

  /** @returns absent where nothing is to be kept */
  const take = async (
    session: Evaluating,
    key: Digest,
    ids: readonly number[],
    salt: string,
  ): Promise<(() => Promise<void>) | undefined> => {
    const row = await derived.get(key);
    if (row?.about.recipe === recipeOf(session)) {
      const nowMs = clock.now();
      const isOld = Math.abs(nowMs - row.about.usedAtMs) > TOUCH_MS;
      return isOld ? () => derived.touch(key, nowMs) : undefined;
    }
    const bytes = await session.model.exportBeginning(ids, salt);
    // Not to be had, or more than all of them may take: then it is not tried at each request.
    return bytes && bytes.byteLength <= MAX_BYTES ? () => put(session, key, ids, bytes) : undefined;
  };

  const put = async (session: Evaluating, key: Digest, ids: readonly number[], bytes: Uint8Array<ArrayBuffer>): Promise<void> => {
    const { installed } = session;
    const about: Derived = {
      ...{ key, recipe: recipeOf(session), source: installed.revision, result: await digests.sha256(bytes) },
      ...{ sizeBytes: bytes.byteLength, usedAtMs: clock.now() },
      beginning: { ground: await digestOf(groundOf(session)), tokens: ids.length },
    };
    await derived.put(about, new Blob([bytes]), MAX_BYTES);
  };

  return {
    ahead,
    forgotten(session) {
      settled.delete(session);
      ahead(session.installed.revision)(session);
    },
    of(session, { input, cacheSalt = '' }) {
      const find = async () => {
        const ids = await session.model.beginningOf(input);
        return ids.length === 0 ? undefined : { key: await digestOf(beginningName(groundOf(session), cacheSalt, ids)), ids };
      };
      /** The request itself says what is wrong with it, and a disk that is full or gone leaves everything as it was. */
      const quietly = (work: () => Promise<void>): Promise<void> => work().catch(() => undefined);
      return {
        recall: () =>
          quietly(async () => {
            const unread = await givenTo(session);
            const found = unread.size === 0 ? undefined : await find();
            if (!found || !unread.delete(found.key)) return;
            const about = (await derived.get(found.key))?.about;
            const kept = about && (await read(about));
            if (kept) await restore(session, [kept]);
          }),
        async take() {
          let keep: (() => Promise<void>) | undefined;
          await quietly(async () => {
            const done = settled.get(session) ?? new Set();
            settled.set(session, done);
            const name = nameOf(input, cacheSalt);
            if ((name !== undefined && done.has(name)) || (await mayKeep?.(input)) === false) return;
            const found = await find();
            const taken = found && !done.has(found.key) ? await take(session, found.key, found.ids, cacheSalt) : undefined;
            const names = [...(found ? [found.key] : []), ...(name === undefined ? [] : [name])];
            // From here on: the next request of the same beginning may come before the disk is done.
            for (const each of names) done.add(each);
            keep =
              taken &&
              (() =>
                taken().catch(() => {
                  for (const each of names) done.delete(each);
                }));
          });
          return keep ?? (async () => undefined);
        },
      };
    },
  };
}

/** Of all conversations with the same beginning, without a look at their tokens. Undefined for what is kept as a whole. */
function nameOf(input: GenerateRequest['input'], salt: string): string | undefined {
  if (input.kind !== 'chat') return undefined;
  const first = input.messages.findIndex(({ role }) => role !== 'system');
  return JSON.stringify([salt, input.template, first < 0 ? input.messages : input.messages.slice(0, first)]);
}
