import * as v from 'valibot';
import { isModelId } from './ids.ts';
import { canonicalOrigin, isOrigin, OriginSchema } from './origin.ts';

/**
 * What a page of another origin may do beside asking models that are on the device. `install`: put the models that it may ask onto the device
 * and into memory. `manage`: all that the views for models, updates, downloads and memory can do. What belongs to the person (documents, copies of
 * own data, erasing) is nobody's to grant.
 */
export const RIGHTS = ['install', 'manage'] as const;
export type Right = (typeof RIGHTS)[number];

const count = v.pipe(v.number(), v.integer(), v.minValue(1));
export const guestLimits = {
  /** Absent: every model. */
  models: v.exactOptional(
    v.pipe(v.array(v.pipe(v.string(), v.guard(isModelId, 'expected a model id such as "stories15m"'))), v.maxLength(64)),
  ),
  requestsPerMinute: v.exactOptional(count),
  /** Tokens read and written; absent: without a bound. */
  tokensPerDay: v.exactOptional(count),
  rights: v.exactOptional(v.array(v.picklist(RIGHTS))),
};

/** One guest of the policy file. */
const GuestSchema = v.strictObject({ origin: OriginSchema, ...guestLimits });

/** With what it may, or by its origin alone. Not a union, whose refusal would say neither what is wrong nor where. */
export const NamedGuestSchema = v.lazy((given) => (typeof given === 'string' ? OriginSchema : GuestSchema));

export const UNKNOWN_GUESTS = ['refuse', 'ask'] as const;

/** Who may embed Sill, as the policy has it. */
export const GuestRulesSchema = v.object({
  guests: v.array(NamedGuestSchema),
  unknownGuests: v.picklist(UNKNOWN_GUESTS),
});
export type GuestRules = v.InferOutput<typeof GuestRulesSchema>;

export const NO_GUESTS: GuestRules = { guests: [], unknownGuests: 'refuse' };

/** What one origin may do. */
export interface Grant {
  /** Absent: every model. */
  readonly models?: readonly string[];
  readonly requestsPerMinute: number;
  readonly tokensPerDay?: number;
  readonly rights: readonly Right[];
}

/** Of a guest of whom the policy says no more than its origin: far above what a person asks, far below what would hold up others. */
const USUAL: Grant = { requestsPerMinute: 120, rights: [] };
/** Of an origin that a person let in where the operator said nothing of it. */
export const CONSENTED: Grant = { requestsPerMinute: 30, tokensPerDay: 50_000, rights: [] };

export type Admission =
  | { readonly state: 'granted'; readonly grant: Grant }
  /** A person is to decide. */
  | { readonly state: 'ask' }
  | { readonly state: 'refused' };

export const guestOrigins = ({ guests }: Pick<GuestRules, 'guests'>): string[] =>
  guests.map((guest) => (typeof guest === 'string' ? guest : guest.origin));

/**
 * What an origin may do.
 * @param origin as the browser names it; an opaque one (`null`) may do nothing, since anybody can have it
 * @param decisions of a person about origins that the policy does not name
 */
export function admissionOf(rules: GuestRules, origin: string, decisions: Readonly<Record<string, boolean>>): Admission {
  if (!isOrigin(origin)) return { state: 'refused' };
  const guest = rules.guests.find((each) => canonicalOrigin(typeof each === 'string' ? each : each.origin) === canonicalOrigin(origin));
  if (guest !== undefined) {
    const { origin: _, ...said } = typeof guest === 'string' ? { origin: guest } : guest;
    return { state: 'granted', grant: { ...USUAL, ...said } };
  }
  if (rules.unknownGuests === 'refuse') return { state: 'refused' };
  if (!Object.hasOwn(decisions, origin)) return { state: 'ask' };
  return decisions[origin] ? { state: 'granted', grant: CONSENTED } : { state: 'refused' };
}

/** Only requests of the same salt share beginnings of prompts: no guest gives one that is another's, or the app's own. */
export const guestSalt = (origin: string, salt: string | null | undefined): string => JSON.stringify(['guest', origin, salt ?? '']);
