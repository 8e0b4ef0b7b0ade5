import * as v from 'valibot';
import type { Admission, Grant, GuestRules } from '../core/guests.ts';
import { type Narrowing, type NarrowingData, NarrowingSchema } from '../core/narrowing.ts';
import { isOrigin } from '../core/origin.ts';
import { method } from './contract.ts';

export type { Admission, Grant, Narrowing, NarrowingData };

/** A page of another origin that the policy names, or that a person decided about. */
export interface GuestSummary {
  readonly origin: string;
  /** By whom it was let in or refused. */
  readonly by: 'operator' | 'person';
  /** `ask`: nobody has decided yet. */
  readonly state: Admission['state'];
  /** What it may, as it stands. */
  readonly grant?: Grant;
  /** What the policy or the person's consent gave it, before it was narrowed here. */
  readonly given?: Grant;
  /** What is not to hold on this device. */
  readonly narrowed?: Narrowing;
  /** Read and written for it since midnight (UTC). */
  readonly tokensToday: number;
  readonly requestsToday: number;
}

export interface GuestsReport extends Pick<GuestRules, 'unknownGuests'> {
  readonly guests: readonly GuestSummary[];
}

/** Pages of other origins that embed Sill. Who may is the operator's to say, or where they leave it so the person's. */
export interface GuestsSurface {
  /** Who was let in or refused on this device, by whom, and what they used today. */
  list(): Promise<GuestsReport>;
  /**
   * Takes something away from a guest on this device, in place of what was taken before; `{}` gives all of it back. Holds for its next request.
   * @throws SillError `invalid_request` where it would have more than the policy or the person's consent gave
   */
  narrow(origin: string, narrowing: NarrowingData): Promise<GuestSummary>;
  /** A person's word about an origin that the policy leaves to them: what they say when it asks, or said before they took it back. */
  decide(origin: string, allow: boolean): Promise<Admission>;
  /** Takes back what a person decided about an origin: they are asked again when it comes next. False where they never did. */
  withdraw(origin: string): Promise<boolean>;
}

const origin = v.pipe(v.string(), v.guard(isOrigin, 'is not an origin such as "https://intranet.example.org"'));
const nothing = v.strictObject({});

/** Between the engine and pages of its own origin: who of other origins may have what. Never served to a guest. */
export const guestMethods = {
  /** Reads the policy as it is served now. */
  'guests.admit': method<never, Admission>()(v.object({ origin })),
  /** A person's word about an origin that the policy leaves to them. */
  'guests.decide': method<never, Admission>()(v.object({ origin, allow: v.boolean() })),
  'guests.list': method<never, GuestsReport>()(nothing),
  'guests.narrow': method<never, GuestSummary>()(v.object({ origin, narrowing: NarrowingSchema })),
  /** The person is asked again when that origin comes next. */
  'guests.withdraw': method<never, boolean>()(v.object({ origin })),
};
