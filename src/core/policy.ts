import * as v from 'valibot';
import { SillError } from './errors.ts';
import { GuestSchema, guestOrigins, UNKNOWN_GUESTS } from './guests.ts';
import { DeviceRulesSchema } from './operatorRules.ts';
import { OriginSchema } from './origin.ts';

/** The policy format that this code writes and the only one that it reads. */
export const POLICY_SCHEMA = 1;

/** Where the policy is served, relative to the app. */
export const POLICY_PATH = 'sill.policy.json';

const origins = v.pipe(v.array(OriginSchema), v.maxLength(64));

// The origin of it goes into the same header.
const FOLDER = /^https?:\/\/(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::[0-9]{1,5})?(?:\/[\w.~-]+)*\/?$/;
const folder = v.pipe(v.string(), v.regex(FOLDER, 'expected an address such as https://mirror.example.org/sill/models/, without a query'));
const name = v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(60)));

const SourceSchema = v.variant('kind', [
  v.strictObject({
    kind: v.literal('hub'),
    url: folder,
    name,
    /** Where the server sends the page on to for large files. */
    redirectsTo: v.optional(origins),
  }),
  v.strictObject({ kind: v.literal('mirror'), url: folder, name }),
  v.strictObject({
    kind: v.literal('catalog'),
    url: folder,
    name,
    /** Its first root of trust, as the publisher's tools wrote it. */
    root: v.looseObject({ signed: v.looseObject({}), signatures: v.array(v.unknown()) }),
  }),
]);
export type SourcePolicy = v.InferOutput<typeof SourceSchema>;

const PolicySchema = v.strictObject({
  schema: v.literal(POLICY_SCHEMA),
  /** Where models may be fetched from, besides the app's own origin: a server in Hugging Face's layout by its origin, others described. */
  sources: v.optional(v.pipe(v.array(v.union([OriginSchema, SourceSchema])), v.maxLength(64)), []),
  /** Origins of inference servers that requests may be passed on to. */
  upstreams: v.optional(origins, []),
  /** Pages of other origins that may embed Sill: by their origin alone, or with what they may do. */
  guests: v.optional(
    v.pipe(
      v.array(v.union([OriginSchema, GuestSchema])),
      v.maxLength(64),
      v.check((guests) => new Set(guestOrigins({ guests })).size === guests.length, 'an origin is named twice'),
    ),
    [],
  ),
  /** Whether a person is asked about the page of any other origin. */
  unknownGuests: v.optional(v.picklist(UNKNOWN_GUESTS), 'refuse'),
  /** Nobody who stands before the device is to change what `devices` says. */
  kiosk: v.optional(v.boolean(), false),
  /** What every device does by itself. */
  devices: v.optional(DeviceRulesSchema, { install: [] }),
});

export type Policy = v.InferOutput<typeof PolicySchema>;

/** Nothing but the app's own origin. */
export const DEFAULT_POLICY: Policy = {
  schema: POLICY_SCHEMA,
  sources: [],
  upstreams: [],
  guests: [],
  unknownGuests: 'refuse',
  kiosk: false,
  devices: { install: [] },
};

/**
 * Reads the operator's policy file.
 *
 * @param json the parsed JSON, as it came.
 * @throws SillError `invalid_request` naming the first field that is wrong.
 */
export function parsePolicy(json: unknown): Policy {
  const result = v.safeParse(PolicySchema, json);
  if (result.success) return result.output;
  const issue = result.issues[0];
  const field = v.getDotPath(issue) ?? 'the file itself';
  throw new SillError(
    'invalid_request',
    `${POLICY_PATH} is not a policy: ${field}: ${issue.message}. Mend it, or delete the field to get its default.`,
    { details: { field }, cause: result.issues },
  );
}
