import * as v from 'valibot';
import { CopiedConversationsSchema } from './chat/copied.ts';
import { DownloadSettingsSchema } from './downloadSettings.ts';
import { SillError } from './errors.ts';
import { isModelId, isRevisionId } from './ids.ts';
import { DerivedModelSchema } from './modelfile/derivedModel.ts';
import { NARROWED_KEY, NarrowingsSchema } from './narrowing.ts';
import { StoredSuiteSchema } from './ownSuite.ts';
import { UpdatePolicySchema } from './updatePolicy.ts';

export const OWN_DATA_FORMAT = 'sill-own-data';
export const OWN_DATA_VERSION = 1;
/** Read whole: more than this does not fit into the memory of the devices this is for. */
export const OWN_DATA_CAP_BYTES = 256 * 1024 * 1024;

const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER));
const name = v.pipe(v.string(), v.minLength(1), v.maxLength(255));

const DocumentSchema = v.object({
  id: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
  name,
  sizeBytes: count,
  addedAtMs: count,
  embeddedBy: v.object({ modelId: v.pipe(v.string(), v.guard(isModelId)), revision: v.pipe(v.string(), v.guard(isRevisionId)) }),
  /** Values of one passage. */
  dimensions: v.pipe(count, v.minValue(1), v.maxValue(65_536)),
  passages: v.pipe(
    v.array(
      v.object({
        text: v.string(),
        /** 32-bit floats, little-endian, in Base64 (RFC 4648). */
        vector: v.pipe(v.string(), v.base64()),
      }),
    ),
    v.minLength(1),
    v.maxLength(1_000_000),
  ),
});

/** By the names under which they are kept. What a later version adds is passed over. */
export const OWN_SETTINGS = {
  'update-policy': UpdatePolicySchema,
  downloads: DownloadSettingsSchema,
  'device-id': v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
  [NARROWED_KEY]: NarrowingsSchema,
} as const;

const OwnDataSchema = v.object({
  format: v.literal(OWN_DATA_FORMAT),
  version: v.literal(OWN_DATA_VERSION),
  exportedAtMs: count,
  documents: v.pipe(v.array(DocumentSchema), v.maxLength(100_000)),
  settings: v.object({
    'update-policy': v.exactOptional(OWN_SETTINGS['update-policy']),
    downloads: v.exactOptional(OWN_SETTINGS.downloads),
    'device-id': v.exactOptional(OWN_SETTINGS['device-id']),
    [NARROWED_KEY]: v.exactOptional(OWN_SETTINGS[NARROWED_KEY]),
  }),
  /** Models that were made here of others. Copies of before there were any have none. */
  modelfiles: v.optional(v.pipe(v.array(DerivedModelSchema), v.maxLength(1000)), []),
  /** As they are kept, so that those which a passphrase locks stay locked. Copies of before there were any have none. */
  conversations: v.exactOptional(CopiedConversationsSchema),
  /** Evaluation suites that were written here. Copies of before there were any have none. */
  suites: v.optional(v.pipe(v.array(StoredSuiteSchema), v.maxLength(1000)), []),
  /** Choices in the views, each as JSON. */
  preferences: v.record(v.pipe(v.string(), v.regex(/^[\w.:/-]{1,200}$/)), v.pipe(v.string(), v.maxLength(1_000_000))),
});

/** What a person made on a device, as the file in which it travels. Neither models nor keys. */
export type OwnData = v.InferOutput<typeof OwnDataSchema>;
export type OwnDocument = OwnData['documents'][number];

/** @throws SillError `invalid_backup`, with the path of the first fault */
export function parseOwnData(text: string): OwnData {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (cause) {
    throw invalidBackup('it is not one, or it was damaged on its way', {}, cause);
  }
  const result = v.safeParse(OwnDataSchema, data);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = v.getDotPath(issue) ?? 'the top level';
  if (path === 'version') throw invalidBackup('it was written by a later version of Sill', { path });
  throw invalidBackup(`${issue.message} (at ${path})`, { path });
}

export const invalidBackup = (why: string, details: Readonly<Record<string, string | number>> = {}, cause?: unknown): SillError =>
  new SillError('invalid_backup', `This file is no copy of own data that can be read: ${why}. Nothing was changed.`, { details, cause });
