import * as v from 'valibot';
import { type ErrorData, SillError, toSillError } from '../core/errors.ts';
import { isModelId, type ModelId } from '../core/ids.ts';
import type { KioskRules } from '../core/kiosk/rules.ts';
import {
  type Decided,
  decidedByOperator,
  isPassing,
  type ModelToGive,
  modelsToGive,
  NO_RULES,
  type OperatorRules,
  OperatorRulesSchema,
} from '../core/operatorRules.ts';
import { parsePolicy } from '../core/policy.ts';
import { isFirstUse } from '../core/sources.ts';
import type { Locks } from '../ports/browser.ts';
import type { Clock } from '../ports/clock.ts';
import type { SettingsStore, Store } from '../ports/store.ts';
import type { OperatorReport } from '../protocol/engineReports.ts';
import { OPERATOR_LOCK } from '../protocol/locks.ts';
import type { Installs } from './downloads/installs.ts';
import type { Hub } from './hub.ts';
import type { TakeNote } from './log/log.ts';
import type { Adoptions } from './sources/adoptions.ts';

const RULES_KEY = 'operator-rules';
const GIVEN_KEY = 'operator-given';
const GivenSchema = v.array(v.pipe(v.string(), v.guard(isModelId)));

/** Often enough that a fleet follows within the hour, seldom enough to cost nothing. */
const READ_EVERY_MS = 15 * 60_000;

/** What the operator's file said when it was last read; kept, since a device without a network is the operator's still. */
export async function operatorRules(settings: SettingsStore): Promise<OperatorRules> {
  const stored = v.safeParse(OperatorRulesSchema, await settings.get(RULES_KEY));
  return stored.success ? stored.output : NO_RULES;
}

/** For a device that lost what it knew: until the file is read again it is held to what it was held to. */
export async function restoreHeld(settings: SettingsStore, held: KioskRules): Promise<void> {
  if ((await settings.get(RULES_KEY)) === undefined) await settings.set(RULES_KEY, { ...NO_RULES, kiosk: true, held });
}

/** @throws SillError `forbidden` where only the operator decides */
export async function assertOwn(settings: SettingsStore, what: Decided): Promise<void> {
  if (!decidedByOperator(await operatorRules(settings)).includes(what)) return;
  throw new SillError('forbidden', `The operator of this site decides about ${what} on this device. Ask them to change sill.policy.json.`, {
    details: { what },
  });
}

export interface OperatorDeps {
  readonly store: Store;
  readonly installs: Pick<Installs, 'install'>;
  readonly adoptions: Pick<Adoptions, 'install'>;
  readonly locks: Locks;
  readonly clock: Clock;
  readonly hub: Hub;
  /** The served policy file, as it came. @throws SillError `network_unavailable` */
  readonly readPolicy: (signal: AbortSignal) => Promise<unknown>;
  /** Absent where no log is kept. */
  readonly note?: TakeNote;
}

/** Brings what the operator's file wants of every device about. */
export interface Operator {
  /** Reads the file when that is due, and installs what is missing; to be called every minute or so. Never rejects. */
  tick(signal?: AbortSignal): Promise<void>;
  report(): Promise<OperatorReport>;
}

export function createOperator({ store, installs, adoptions, locks, clock, hub, readPolicy, note: log }: OperatorDeps): Operator {
  let dueAtMs = Number.NEGATIVE_INFINITY;
  let lastError: OperatorReport['lastError'];
  /** Of the models that could not be installed, until they are tried again. */
  const refused = new Map<ModelId, ErrorData>();
  /** As what that was written down last: it is tried again and again. */
  const noted = new Map<ModelId, ErrorData['code']>();
  /** They may wait for a network or a person for days, and other ticks come by. */
  const giving = new Set<ModelId>();

  const read = async (signal: AbortSignal) => {
    const { kiosk, held, devices } = parsePolicy(await readPolicy(signal));
    const next: OperatorRules = { kiosk, ...(held ? { held } : {}), devices };
    if (JSON.stringify(next) === JSON.stringify(await operatorRules(store.settings))) return;
    await store.settings.set(RULES_KEY, next);
    log?.({ code: 'policy-changed', details: { kiosk, decides: decidedByOperator(next) } });
    hub.tell({ type: 'updates' });
    hub.tell({ type: 'downloads' });
    hub.tell({ type: 'memory' });
    hub.tell({ type: 'kiosk' });
  };

  const give = async ({ id, commit }: ModelToGive, signal: AbortSignal) => {
    giving.add(id);
    try {
      const call = { by: 'device', signal } as const;
      if (isFirstUse(id)) await adoptions.install(id, { ...call, ...(commit === undefined ? {} : { commit }) });
      else await installs.install(id, call);
      const given = await givenModels();
      if (!given.has(id)) await store.settings.set(GIVEN_KEY, [...given, id]);
      noted.delete(id);
      hub.tell({ type: 'models' });
    } finally {
      giving.delete(id);
    }
  };

  const givenModels = async (): Promise<Set<ModelId>> => {
    const stored = v.safeParse(GivenSchema, await store.settings.get(GIVEN_KEY));
    return new Set(stored.success ? stored.output : []);
  };

  const missing = async (): Promise<ModelToGive[]> => {
    const [rules, slots, journal, given] = await Promise.all([
      operatorRules(store.settings),
      store.models.allSlots(),
      store.models.journal(),
      givenModels(),
    ]);
    return modelsToGive(rules, {
      installed: new Set(slots.flatMap((each) => (each.active ? [each.modelId] : []))),
      // What failed is tried again; what a person paused is not.
      queued: new Set([...giving, ...journal.flatMap((entry) => (entry.state === 'failed' ? [] : [entry.modelId]))]),
      given,
    });
  };

  const note = (reason: unknown) => {
    lastError = toSillError(reason).toData();
    // Without a network what it said before holds, as ever.
    if (lastError.code !== 'network_unavailable') log?.({ code: 'policy-unreadable', details: { error: lastError.code } });
    // A kiosk without a model says why.
    hub.tell({ type: 'kiosk' });
  };

  /** Nothing is wrong with the file that names it. */
  const refuse = (id: ModelId, reason: unknown) => {
    const error = toSillError(reason).toData();
    refused.set(id, error);
    if (!isPassing(error.code) && noted.get(id) !== error.code) {
      log?.({ code: 'policy-model-refused', model: id, details: { error: error.code } });
      noted.set(id, error.code);
    }
    hub.tell({ type: 'kiosk' });
  };

  return {
    async tick(signal = new AbortController().signal) {
      if (clock.monotonicMs() < dueAtMs) return;
      dueAtMs = clock.monotonicMs() + READ_EVERY_MS;
      try {
        await locks.tryHold(OPERATOR_LOCK, async () => {
          lastError = undefined;
          // A broken file changes nothing: what it said before goes on to hold.
          await read(signal).catch(note);
          for (const model of await missing()) {
            refused.delete(model.id);
            void give(model, signal).catch((reason: unknown) => refuse(model.id, reason));
          }
        });
      } catch (reason) {
        note(reason);
      }
    },
    async report() {
      const rules = await operatorRules(store.settings);
      // A person may have installed it meanwhile, or the file may name it no more.
      const wanted = new Set(refused.size > 0 ? (await missing()).map(({ id }) => id) : []);
      const failed = [...refused].flatMap(([id, error]) => (wanted.has(id) ? [{ id, error }] : []));
      return {
        kiosk: rules.kiosk,
        decides: decidedByOperator(rules),
        install: rules.devices.install,
        ...(lastError ? { lastError } : {}),
        ...(failed.length > 0 ? { failed } : {}),
      };
    },
  };
}
