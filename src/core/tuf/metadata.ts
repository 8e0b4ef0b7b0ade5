import * as v from 'valibot';
import { isPlainPath } from '../manifest.ts';
import { canonicalJson } from './canonicalJson.ts';
import { type Role, refusal } from './refusal.ts';

const ESCAPES = 'a target lies outside of the folder';

// Objects are loose where the specification asks for it: fields of later versions are signed too, and ignored.
const hex = v.pipe(v.string(), v.regex(/^(?:[0-9a-f]{2})+$/), v.maxLength(1024));
const version = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(Number.MAX_SAFE_INTEGER));
const lengthBytes = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER));
const keyId = v.pipe(v.string(), v.minLength(1), v.maxLength(128));
const hashes = v.looseObject({ sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)) });

const SECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const time = v.pipe(
  v.string(),
  v.check(
    // `Date` takes the 30th of February for the 2nd of March: only what it writes back the same is a date.
    (text) => SECONDS.test(text) && !Number.isNaN(Date.parse(text)) && new Date(text).toISOString() === text.replace('Z', '.000Z'),
    'expected a time such as 2030-01-31T00:00:00Z',
  ),
  v.transform((text) => Date.parse(text)),
);

const common = <const Name extends Role>(role: Name) => ({
  _type: v.literal(role),
  spec_version: v.pipe(v.string(), v.regex(/^1\.\d+(?:\.\d+)?$/)),
  version,
  expires: time,
});

const KeySchema = v.looseObject({
  keytype: v.string(),
  scheme: v.string(),
  keyval: v.looseObject({ public: v.optional(v.pipe(v.string(), v.maxLength(4096))) }),
});
const RoleSchema = v.looseObject({
  keyids: v.pipe(v.array(keyId), v.maxLength(64)),
  threshold: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(64)),
});
const MetaSchema = v.looseObject({ version, length: v.optional(lengthBytes), hashes: v.optional(hashes) });

const RootSchema = v.looseObject({
  ...common('root'),
  consistent_snapshot: v.literal(true),
  keys: v.pipe(
    v.record(keyId, KeySchema),
    v.check((keys) => Object.keys(keys).length <= 256, 'too many keys'),
  ),
  roles: v.looseObject({ root: RoleSchema, timestamp: RoleSchema, snapshot: RoleSchema, targets: RoleSchema }),
});
const TimestampSchema = v.looseObject({ ...common('timestamp'), meta: v.looseObject({ 'snapshot.json': MetaSchema }) });
const SnapshotSchema = v.looseObject({
  ...common('snapshot'),
  meta: v.objectWithRest({ 'targets.json': MetaSchema }, MetaSchema),
});
const TargetSchema = v.looseObject({ length: lengthBytes, hashes, custom: v.optional(v.unknown()) });
const TargetsSchema = v.looseObject({
  ...common('targets'),
  targets: v.pipe(
    v.record(v.string(), TargetSchema),
    v.check((targets) => Object.keys(targets).every(isPlainPath), ESCAPES),
  ),
});

const EnvelopeSchema = v.looseObject({
  signed: v.record(v.string(), v.unknown()),
  signatures: v.pipe(v.array(v.looseObject({ keyid: keyId, sig: hex })), v.maxLength(64)),
});

export type PublicKeyData = v.InferOutput<typeof KeySchema>;
export type RootData = v.InferOutput<typeof RootSchema>;
export type MetaFile = v.InferOutput<typeof MetaSchema>;
export type SnapshotData = v.InferOutput<typeof SnapshotSchema>;
export type TargetsData = v.InferOutput<typeof TargetsSchema>;
export type TargetFile = TargetsData['targets'][string];
export type TimestampData = v.InferOutput<typeof TimestampSchema>;

export interface SignedData {
  readonly root: RootData;
  readonly timestamp: TimestampData;
  readonly snapshot: SnapshotData;
  readonly targets: TargetsData;
}

const READERS: { readonly [Name in Role]: (data: unknown) => SignedData[Name] } = {
  root: (data) => v.parse(RootSchema, data),
  timestamp: (data) => v.parse(TimestampSchema, data),
  snapshot: (data) => v.parse(SnapshotSchema, data),
  targets: (data) => v.parse(TargetsSchema, data),
};

/** A metadata file that was read, not yet verified. `expires` is in milliseconds since 1970. */
export interface Metadata<Name extends Role = Role> {
  readonly role: Name;
  /** As it came: what is stored. */
  readonly text: string;
  readonly signed: SignedData[Name];
  readonly signatures: ReadonlyArray<{ readonly keyid: string; readonly sig: string }>;
  /** What the signatures are over. */
  readonly signedBytes: Uint8Array<ArrayBuffer>;
}

/**
 * The only way in for a metadata file of the TUF specification 1.0 (section 4).
 * @param file name for the error's details
 * @throws SillError `untrusted_catalog` with attack `malformed` | `wrong_role` | `escaping_path`
 */
export function parseMetadata<Name extends Role>(role: Name, text: string, file = `${role}.json`): Metadata<Name> {
  try {
    const envelope = v.parse(EnvelopeSchema, JSON.parse(text));
    const { signed } = envelope;
    if (typeof signed._type === 'string' && signed._type !== role) throw refusal('wrong_role', file, { actual: signed._type.slice(0, 40) });
    const data = READERS[role](signed);
    return { role, text, signed: data, signatures: envelope.signatures, signedBytes: new TextEncoder().encode(canonicalJson(signed)) };
  } catch (reason) {
    if (v.isValiError(reason) && reason.message === ESCAPES) throw refusal('escaping_path', file);
    // JSON.parse, valibot, canonicalJson and a stack that ran out all say the same here: this is no metadata.
    if (!(reason instanceof Error) || reason.name === 'SillError') throw reason;
    throw refusal('malformed', file, { reason: reason.message.slice(0, 200) });
  }
}
