import * as v from 'valibot';
import { SillError } from './errors.ts';
import { guestOrigins, NamedGuestSchema, UNKNOWN_GUESTS } from './guests.ts';
import { isModelId } from './ids.ts';
import { KioskRulesSchema } from './kiosk/rules.ts';
import { DeviceRulesSchema } from './operatorRules.ts';
import { OriginSchema } from './origin.ts';

/** The policy format that this code writes and the only one that it reads. */
const POLICY_SCHEMA = 1;

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

const modelName = v.pipe(v.string(), v.guard(isModelId, 'expected a name such as "assistant"'));
// On this site itself: its server passes it on, and may add what a page must not hold.
const ownPath = v.pipe(
  v.string(),
  // Under `v1` and `api` the app itself answers.
  v.regex(/^(?!(?:v1|api)(?:\/|$))[\w~-][\w.~-]*(?:\/[\w~-][\w.~-]*)*\/?$/),
);

const UpstreamSchema = v.strictObject(
  {
    url: v.union(
      [folder, ownPath],
      'expected an address such as https://inference.example.org/v1, or a path on this site such as upstream/v1',
    ),
    name,
    models: v.pipe(
      v.array(
        v.strictObject({
          alias: v.pipe(
            modelName,
            v.check((alias) => !alias.includes(':'), 'expected a name without a colon'),
          ),
          /** As the server calls it; the alias by default. */
          model: v.exactOptional(v.pipe(v.string(), v.minLength(1), v.maxLength(300))),
          requests: v.exactOptional(v.pipe(v.array(v.picklist(['chat.completions', 'completions'])), v.minLength(1))),
          /** A model of this device that answers where the server cannot. */
          fallback: v.exactOptional(modelName),
        }),
      ),
      v.minLength(1),
      v.maxLength(64),
    ),
    /** Cookies of that server go along: it has to allow this app's origin by name. */
    credentials: v.exactOptional(v.boolean()),
    /** Of silence. */
    timeoutSeconds: v.exactOptional(v.pipe(v.number(), v.minValue(1), v.maxValue(600))),
  },
  ({ expected, received, message }) =>
    expected === 'never' && /key|token|auth|secret|header|password/i.test(received)
      ? `${received} is not allowed: this file is served to everybody, and so would be the key. See docs/operate.md for servers that want one`
      : message,
);

const FileSchema = v.strictObject({
  schema: v.literal(POLICY_SCHEMA),
  /** Where models may be fetched from, besides the app's own origin: a server in Hugging Face's layout by its origin, others described. */
  sources: v.optional(v.pipe(v.array(v.union([OriginSchema, SourceSchema])), v.maxLength(64)), []),
  /** Servers that speak OpenAI's API, for requests that name one of their aliases. */
  upstreams: v.optional(
    v.pipe(
      v.array(UpstreamSchema),
      v.maxLength(16),
      v.check((all) => {
        const aliases = all.flatMap(({ models }) => models.map(({ alias }) => alias));
        return (
          new Set(aliases).size === aliases.length &&
          all.every(({ models }) => models.every(({ fallback }) => !aliases.some((alias) => alias === fallback)))
        );
      }, 'an alias stands there twice, or is the fallback of another'),
    ),
    [],
  ),
  /** Pages of other origins that may embed Sill: by their origin alone, or with what they may do. */
  guests: v.optional(
    v.pipe(
      v.array(NamedGuestSchema),
      v.maxLength(64),
      v.check((guests) => new Set(guestOrigins({ guests })).size === guests.length, 'an origin is named twice'),
    ),
    [],
  ),
  /** Whether a person is asked about the page of any other origin. */
  unknownGuests: v.optional(v.picklist(UNKNOWN_GUESTS), 'refuse'),
  /** Nobody who stands before the device is to change what is on it: `true`, or with what the device is for. */
  kiosk: v.optional(v.union([v.boolean(), KioskRulesSchema]), false),
  /** What every device does by itself. */
  devices: v.optional(DeviceRulesSchema, { install: [] }),
});

const PolicySchema = v.pipe(
  FileSchema,
  v.transform(({ kiosk, ...policy }) => ({
    ...policy,
    kiosk: kiosk !== false,
    /** Present in a kiosk. */
    ...(kiosk === false ? {} : { held: kiosk === true ? {} : kiosk }),
  })),
);

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
