import * as v from 'valibot';
import type { Admission, Grant } from '../core/guests.ts';
import { isOrigin } from '../core/origin.ts';
import { method } from './contract.ts';

export type { Admission, Grant };

/** An origin that a person decided about, or that has asked for something of late. */
export interface GuestSummary {
  readonly origin: string;
  /** By whom it was let in or refused. */
  readonly by: 'operator' | 'person';
  readonly state: 'granted' | 'refused';
  readonly grant?: Grant;
  /** Read and written for it since midnight. */
  readonly tokensToday: number;
}

const origin = v.pipe(v.string(), v.guard(isOrigin, 'is not an origin such as "https://intranet.example.org"'));
const nothing = v.strictObject({});

/** Between the engine and pages of its own origin: who of other origins may have what. Never served to a guest, but for `guest.grant`. */
export const guestMethods = {
  /** Reads the policy as it is served now. */
  'guests.admit': method<never, Admission>()(v.object({ origin })),
  /** A person's word about an origin that the policy leaves to them. */
  'guests.decide': method<never, Admission>()(v.object({ origin, allow: v.boolean() })),
  'guests.list': method<never, readonly GuestSummary[]>()(nothing),
  /** The person is asked again when that origin comes next. */
  'guests.forget': method<never, boolean>()(v.object({ origin })),
};
