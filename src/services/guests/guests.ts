import * as v from 'valibot';
import { type Allowance, createAllowance, type Spent } from '../../core/allowance.ts';
import {
  type Admission,
  admissionOf,
  type Grant,
  type GuestRules,
  GuestRulesSchema,
  guestOrigins,
  NO_GUESTS,
  RIGHTS,
  type Right,
} from '../../core/guests.ts';
import { NARROWED_KEY, type Narrowing, NarrowingsSchema, narrowAdmission, wideningOf } from '../../core/narrowing.ts';
import { parsePolicy } from '../../core/policy.ts';
import type { Clock } from '../../ports/clock.ts';
import type { SettingsStore } from '../../ports/store.ts';
import type { GuestSummary, GuestsReport } from '../../protocol/guests.ts';
import type { Hub } from '../hub.ts';
import { notAdmitted, notGranted, nothingToNarrow, notThisModel, tooOften, usedUp, wouldWiden } from './guestRefusals.ts';

const RULES_KEY = 'guest-rules';
const DECISIONS_KEY = 'guest-decisions';
const SPENT_KEY = 'guest-spent';
const DecisionsSchema = v.record(v.string(), v.boolean());
const SpentSchema = v.record(v.string(), v.object({ day: v.number(), tokens: v.number(), requests: v.optional(v.number(), 0) }));

/** A policy that was read so lately holds for whoever comes next. */
const READ_AGAIN_MS = 10_000;
/** A server that does not answer must not keep a guest waiting: what it said before holds. */
const READ_WITHIN_MS = 3000;
/** Set aside of a day's tokens for an answer that names no bound. */
const UNBOUNDED_TOKENS = 1024;
/** A page of the app's own origin could do everything anyway. */
const OWN: Grant = { requestsPerMinute: 6000, rights: RIGHTS };

export interface GuestsDeps {
  readonly settings: SettingsStore;
  readonly clock: Clock;
  readonly hub: Pick<Hub, 'tell'>;
  readonly ownOrigin: string;
  /** The served policy file, as it came. @throws SillError `network_unavailable` */
  readonly readPolicy: (signal: AbortSignal) => Promise<unknown>;
}

/** What a call of a guest needs of its grant. */
export interface Need {
  /** `infer`: what every guest may. `never`: what no grant gives. */
  readonly right: 'infer' | Right | 'never';
  /** The model that is asked or managed. */
  readonly model?: string | undefined;
  /** Takes one of the requests of a minute. */
  readonly counted: boolean;
}

/** Pages of other origins: who they are, what they may, what they used. */
export interface Guests {
  /** Reads the policy first, if that was not done just now. */
  admit(origin: string): Promise<Admission>;
  decide(origin: string, allow: boolean): Promise<Admission>;
  /** As the policy is served now. */
  list(): Promise<GuestsReport>;
  /** @throws SillError `invalid_request` for an origin that has nothing to narrow, and for what would widen */
  narrow(origin: string, narrowing: Narrowing): Promise<GuestSummary>;
  withdraw(origin: string): Promise<boolean>;
  /** @throws SillError `forbidden` | `busy` with `retryAfterSeconds` */
  enter(origin: string, need: Need): Promise<Grant>;
  /**
   * Has an answer written within what is left of the guest's tokens.
   * @param tokens `read`: about how many it is given to read; `wanted`: how many it may write at most, absent for as many as it likes
   * @param work gets how many it may write, where there is a bound; gives how many were read and written
   * @throws SillError `busy` when the day's tokens are used up
   */
  spend<T>(
    origin: string,
    tokens: { readonly read: number; readonly wanted?: number | undefined },
    work: (bound: number | undefined) => Promise<{ readonly result: T; readonly tokens: number }>,
  ): Promise<T>;
}

export function createGuests({ settings, clock, hub, ownOrigin, readPolicy }: GuestsDeps): Guests {
  const allowances = new Map<string, Promise<Allowance>>();
  let readAtMs = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;

  const stored = async <S extends v.GenericSchema>(key: string, schema: S, otherwise: v.InferOutput<S>): Promise<v.InferOutput<S>> => {
    const parsed = v.safeParse(schema, await settings.get(key));
    return parsed.success ? parsed.output : otherwise;
  };
  const rulesNow = () => stored(RULES_KEY, GuestRulesSchema, NO_GUESTS);
  const decisionsNow = () => stored(DECISIONS_KEY, DecisionsSchema, {});
  const narrowedNow = () => stored(NARROWED_KEY, NarrowingsSchema, {});

  const readRules = async (): Promise<void> => {
    const { guests, unknownGuests } = parsePolicy(await readPolicy(AbortSignal.timeout(READ_WITHIN_MS)));
    const next: GuestRules = { guests, unknownGuests };
    readAtMs = clock.monotonicMs();
    if (JSON.stringify(next) !== JSON.stringify(await rulesNow())) await settings.set(RULES_KEY, next);
  };
  /** A file that is broken or cannot be had changes nothing: what it said before holds. */
  const refresh = async (): Promise<void> => {
    if (clock.monotonicMs() - readAtMs < READ_AGAIN_MS) return;
    reading ??= readRules()
      .catch(() => undefined)
      .finally(() => {
        reading = undefined;
      });
    await reading;
  };

  const admissionNow = async (origin: string): Promise<Admission> => {
    if (origin === ownOrigin) return { state: 'granted', grant: OWN };
    const [rules, decisions, narrowed] = await Promise.all([rulesNow(), decisionsNow(), narrowedNow()]);
    return narrowAdmission(admissionOf(rules, origin, decisions), narrowed[origin]);
  };

  const grantOf = async (origin: string): Promise<Grant> => {
    const admission = await admissionNow(origin);
    if (admission.state === 'granted') return admission.grant;
    throw notAdmitted(origin, admission.state);
  };

  const allowanceOf = (origin: string): Promise<Allowance> => {
    const known = allowances.get(origin) ?? stored(SPENT_KEY, SpentSchema, {}).then((all) => createAllowance(all[origin]));
    allowances.set(origin, known);
    return known;
  };
  /** One after the other: each writes all of them. */
  let keeping: Promise<void> = Promise.resolve();
  const keepSpent = (origin: string, spent: Spent): Promise<void> => {
    keeping = keeping
      .then(async () => {
        const all = await stored(SPENT_KEY, SpentSchema, {});
        const today = Object.entries(all).filter(([, each]) => each.day === spent.day);
        await settings.set(SPENT_KEY, { ...Object.fromEntries(today), [origin]: spent });
        hub.tell({ type: 'guests' });
      })
      // A disk that is full or gone: it is counted in memory all the same.
      .catch(() => undefined);
    return keeping;
  };

  return {
    async admit(origin) {
      await refresh();
      return admissionNow(origin);
    },
    async decide(origin, allow) {
      await settings.set(DECISIONS_KEY, { ...(await decisionsNow()), [origin]: allow });
      hub.tell({ type: 'guests' });
      return admissionNow(origin);
    },
    async list() {
      await refresh();
      const [rules, decisions, narrowed] = await Promise.all([rulesNow(), decisionsNow(), narrowedNow()]);
      const named = guestOrigins(rules);
      const decided = Object.keys(decisions).filter((origin) => !named.includes(origin));
      const summary = async (origin: string): Promise<GuestSummary> => {
        const given = admissionOf(rules, origin, decisions);
        const now = narrowAdmission(given, narrowed[origin]);
        const used = (await allowanceOf(origin)).spent(clock.now());
        return {
          origin,
          // Where strangers are refused, what a person once said of one holds no more.
          by: named.includes(origin) || rules.unknownGuests === 'refuse' ? 'operator' : 'person',
          state: now.state,
          ...(now.state === 'granted' ? { grant: now.grant } : {}),
          ...(given.state === 'granted' ? { given: given.grant } : {}),
          ...(narrowed[origin] === undefined ? {} : { narrowed: narrowed[origin] }),
          tokensToday: used.tokens,
          requestsToday: used.requests,
        };
      };
      return { guests: await Promise.all([...named, ...decided].map(summary)), unknownGuests: rules.unknownGuests };
    },
    async narrow(origin, narrowing) {
      const [rules, decisions] = await Promise.all([rulesNow(), decisionsNow()]);
      const given = admissionOf(rules, origin, decisions);
      if (given.state !== 'granted') throw nothingToNarrow(origin);
      const wider = wideningOf(given.grant, narrowing);
      if (wider) throw wouldWiden(origin, wider);
      const { [origin]: _, ...others } = await narrowedNow();
      await settings.set(NARROWED_KEY, Object.keys(narrowing).length === 0 ? others : { ...others, [origin]: narrowing });
      hub.tell({ type: 'guests' });
      const summary = (await this.list()).guests.find((each) => each.origin === origin);
      if (!summary) throw nothingToNarrow(origin);
      return summary;
    },
    async withdraw(origin) {
      const { [origin]: decided, ...others } = await decisionsNow();
      if (decided === undefined) return false;
      await settings.set(DECISIONS_KEY, others);
      const { [origin]: _, ...narrowed } = await narrowedNow();
      await settings.set(NARROWED_KEY, narrowed);
      hub.tell({ type: 'guests' });
      return true;
    },
    async enter(origin, { right, model, counted }) {
      const grant = await grantOf(origin);
      if (right === 'never' || (right !== 'infer' && !allows(grant, right))) throw notGranted(origin, right);
      if (model !== undefined && right !== 'manage' && grant.models && !grant.models.includes(model)) throw notThisModel(origin, model);
      const waitSeconds = counted ? (await allowanceOf(origin)).takeRequest(clock.now(), grant.requestsPerMinute) : undefined;
      if (waitSeconds !== undefined) throw tooOften(origin, grant.requestsPerMinute, waitSeconds);
      return grant;
    },
    async spend(origin, { read, wanted = UNBOUNDED_TOKENS }, work) {
      const { tokensPerDay } = await grantOf(origin);
      const allowance = await allowanceOf(origin);
      const reserved = tokensPerDay === undefined ? 0 : allowance.reserve(clock.now(), tokensPerDay, read + wanted);
      if (tokensPerDay !== undefined && reserved <= read) {
        allowance.settle(clock.now(), reserved, 0);
        throw usedUp(origin, tokensPerDay);
      }
      /** What was stopped or failed on the way may have been written in part: it counts as all of it. */
      let tokens = reserved;
      try {
        const done = await work(tokensPerDay === undefined ? undefined : reserved - read);
        tokens = done.tokens;
        return done.result;
      } finally {
        await keepSpent(origin, allowance.settle(clock.now(), reserved, tokens));
      }
    },
  };
}

const allows = ({ rights }: Grant, right: Right): boolean => rights.includes(right) || (right === 'install' && rights.includes('manage'));
