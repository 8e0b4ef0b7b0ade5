import * as v from 'valibot';

/** JSON text, or what it became when it was sealed: the IV of AES-GCM (12 bytes), then the sealed bytes with their tag. */
const BodySchema = v.union([v.pipe(v.string(), v.maxLength(16_000_000)), v.instance(Uint8Array)]);
export type Body = v.InferOutput<typeof BodySchema>;

/** Given by whoever makes the record. */
export const RecordIdSchema = v.pipe(
  v.string(),
  v.minLength(1),
  v.maxLength(100),
  v.regex(/^[\w-]+$/, 'must be letters, digits, "_" and "-"'),
);

const version = v.pipe(v.number(), v.integer(), v.minValue(0));

/** What a conversation is beside its messages: title, model, instructions. */
export const HeadRecordSchema = v.object({
  id: RecordIdSchema,
  /** Grows with each write, so that nobody writes over what they have not read. */
  version,
  body: BodySchema,
});
export type HeadRecord = v.InferOutput<typeof HeadRecordSchema>;

/** A message under an id of its own: two tabs that write into one conversation add to it, neither replaces it. */
export const MessageRecordSchema = v.object({ conversation: RecordIdSchema, id: RecordIdSchema, body: BodySchema });
export type MessageRecord = v.InferOutput<typeof MessageRecordSchema>;

const bytes = (least: number, most: number) =>
  v.pipe(
    v.instance(Uint8Array),
    v.check((value) => value.length >= least && value.length <= most, 'is not of the right length'),
  );

/** How a passphrase becomes the key of all records: PBKDF2 over SHA-256 (RFC 8018). Holds nothing that opens anything. */
export const VaultSchema = v.object({
  id: RecordIdSchema,
  salt: bytes(16, 64),
  /** Bounded above: a file from elsewhere is not to keep a device busy for minutes. */
  iterations: v.pipe(v.number(), v.integer(), v.minValue(600_000), v.maxValue(10_000_000)),
  /** A known word, sealed: opens with the right key alone. */
  check: bytes(28, 200),
});
export type Vault = v.InferOutput<typeof VaultSchema>;

/** What one transaction does to conversations. */
export interface ConversationChange {
  /** The vault with whose key the bodies were sealed; absent where they are plain. */
  readonly vault?: string | undefined;
  /** Written where the stored one still has this version, or where there is none and it is 0. */
  readonly heads?: readonly HeadRecord[] | undefined;
  /** Left out where their conversation is gone. */
  readonly messages?: readonly MessageRecord[] | undefined;
  /** Conversations that go, with their messages. */
  readonly removed?: readonly string[] | undefined;
}

/**
 * `head_changed`: somebody else wrote a head meanwhile; `vault_changed`: a passphrase was set, changed or removed meanwhile; `gone`: a message's
 * conversation was deleted. Then nothing was written.
 */
export type WriteOutcome = 'written' | 'head_changed' | 'vault_changed' | 'gone';

/** Everything under another key, or under none: as a passphrase is set, changed or removed. */
export interface Resealing {
  /** What held when it was read. */
  readonly from: { readonly vault?: string | undefined; readonly sequence: number };
  readonly vault?: Vault | undefined;
  readonly heads: readonly HeadRecord[];
  readonly messages: readonly MessageRecord[];
}

/** True where the body is of the kind that a vault asks for, or its absence. */
export const isSealedAs = (vault: string | undefined, { body }: { readonly body: Body }): boolean =>
  (typeof body === 'string') === (vault === undefined);
