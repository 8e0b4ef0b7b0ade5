import * as v from 'valibot';
import { type Admission, type Grant, guestLimits } from './guests.ts';

/** What of a grant is not to hold on this device. It takes away and never gives: the smaller of both holds, whatever the policy says later. */
export const NarrowingSchema = v.strictObject({
  /** Nothing is left. */
  refused: v.exactOptional(v.literal(true)),
  ...guestLimits,
});
export type Narrowing = v.InferOutput<typeof NarrowingSchema>;
/** As it is given. */
export type NarrowingData = v.InferInput<typeof NarrowingSchema>;

/** By origin, as it is kept, and as a copy of one's own data takes it along: it takes away only, so that no file can let anybody in. */
export const NarrowingsSchema = v.record(v.string(), NarrowingSchema);
export const NARROWED_KEY = 'guest-narrowed';

/** What is left of a grant. */
export function narrowGrant(grant: Grant, { models, requestsPerMinute, tokensPerDay, rights }: Narrowing): Grant {
  const kept = models === undefined ? grant.models : models.filter((id) => grant.models?.includes(id) ?? true);
  const tokens = Math.min(grant.tokensPerDay ?? Number.POSITIVE_INFINITY, tokensPerDay ?? Number.POSITIVE_INFINITY);
  return {
    ...(kept === undefined ? {} : { models: kept }),
    requestsPerMinute: Math.min(grant.requestsPerMinute, requestsPerMinute ?? grant.requestsPerMinute),
    ...(Number.isFinite(tokens) ? { tokensPerDay: tokens } : {}),
    rights: rights === undefined ? grant.rights : grant.rights.filter((right) => rights.includes(right)),
  };
}

/** Who is let in after that. What is not granted is not narrowed either. */
export function narrowAdmission(admission: Admission, narrowing: Narrowing | undefined): Admission {
  if (admission.state !== 'granted' || narrowing === undefined) return admission;
  return narrowing.refused ? { state: 'refused' } : { state: 'granted', grant: narrowGrant(admission.grant, narrowing) };
}

/** The first field that asks for more than was granted; undefined where all of it takes away. */
export function wideningOf(grant: Grant, { models, requestsPerMinute, tokensPerDay, rights }: Narrowing): keyof Narrowing | undefined {
  if (models?.some((id) => grant.models && !grant.models.includes(id))) return 'models';
  if (requestsPerMinute !== undefined && requestsPerMinute > grant.requestsPerMinute) return 'requestsPerMinute';
  if (tokensPerDay !== undefined && grant.tokensPerDay !== undefined && tokensPerDay > grant.tokensPerDay) return 'tokensPerDay';
  return rights?.some((right) => !grant.rights.includes(right)) ? 'rights' : undefined;
}
