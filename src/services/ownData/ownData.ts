import * as v from 'valibot';
import { SillError } from '../../core/errors.ts';
import {
  invalidBackup,
  OWN_DATA_CAP_BYTES,
  OWN_DATA_FORMAT,
  OWN_DATA_VERSION,
  OWN_SETTINGS,
  type OwnDocument,
  parseOwnData,
} from '../../core/ownData.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Passage, RestoredData, Store, StoredDocument } from '../../ports/store.ts';
import type { OwnDataReport } from '../../protocol/storageReports.ts';
import type { Hub } from '../hub.ts';
import { fromBase64, toBase64 } from './base64.ts';
import { copiedConversations, keptConversations } from './copiedConversations.ts';

export interface OwnDataDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly hub: Hub;
}

interface ExportOptions {
  /** Choices that the page keeps. */
  readonly preferences: Readonly<Record<string, string>>;
  /** Also who this device is in rollouts: for one that takes the place of this one, never for a second one beside it. */
  readonly deviceId: boolean;
}

/** Documents with their passages, conversations, settings, and Modelfiles, as one JSON file. Neither weights nor keys. */
export async function exportOwnData({ store, clock }: OwnDataDeps, { preferences, deviceId }: ExportOptions): Promise<Blob> {
  const passages = new Map<string, Passage[]>();
  for (const passage of await store.documents.passages()) {
    const own = passages.get(passage.documentId);
    if (own) own.push(passage);
    else passages.set(passage.documentId, [passage]);
  }
  const settings: Record<string, unknown> = {};
  for (const [key, schema] of Object.entries(OWN_SETTINGS)) {
    const stored = v.safeParse(schema, await store.settings.get(key));
    if (stored.success && (key !== 'device-id' || deviceId)) settings[key] = stored.output;
  }
  const [modelfiles, suites] = [await store.modelfiles.list(), await store.suites.list()];
  const conversations = copiedConversations(await store.conversations.everything());
  const head = {
    ...{ format: OWN_DATA_FORMAT, version: OWN_DATA_VERSION, exportedAtMs: clock.now(), settings, modelfiles, suites },
    ...{ conversations, preferences },
  };
  // In parts, so that a library of documents never lies in memory as one text.
  const parts: BlobPart[] = [`${JSON.stringify(head).slice(0, -1)},"documents":[`];
  for (const [i, document] of (await store.documents.list()).entries()) {
    parts.push(`${i === 0 ? '' : ','}\n${JSON.stringify(written(document, passages.get(document.id) ?? []))}`);
  }
  return new Blob([...parts, ']}\n'], { type: 'application/json' });
}

/** One document alone in the same form, so that it can be put back as it was, to the last bit of its vectors. @throws SillError `invalid_request` */
export async function copyDocument({ store, clock }: OwnDataDeps, id: string): Promise<Blob> {
  const document = (await store.documents.list()).find((each) => each.id === id);
  if (!document) throw new SillError('invalid_request', 'There is no such document. Ask documents.list for those that are here.');
  const passages = (await store.documents.passages()).filter(({ documentId }) => documentId === id);
  const copy = {
    ...{ format: OWN_DATA_FORMAT, version: OWN_DATA_VERSION, exportedAtMs: clock.now(), settings: {}, preferences: {} },
    documents: [written(document, passages)],
  };
  return new Blob([JSON.stringify(copy)], { type: 'application/json' });
}

/**
 * Takes such a file: all of it, or nothing where anything in it is wrong. Documents of the same id are replaced, all others stay.
 * @returns also the page's preferences, for the page to keep
 * @throws SillError `invalid_backup` | `quota_exceeded` | `storage_unavailable`
 */
export async function importOwnData(
  { store, hub }: OwnDataDeps,
  file: Blob,
): Promise<OwnDataReport & { readonly preferences: Readonly<Record<string, string>> }> {
  if (file.size > OWN_DATA_CAP_BYTES) {
    throw invalidBackup(`it is larger than ${OWN_DATA_CAP_BYTES / 2 ** 20} MiB`, { sizeBytes: file.size, capBytes: OWN_DATA_CAP_BYTES });
  }
  const text = await file.text().catch((cause: unknown) => {
    throw invalidBackup('it can no longer be read from where it lies', {}, cause);
  });
  const { documents, settings, modelfiles, suites, conversations, preferences } = parseOwnData(text);
  const restored: RestoredData = {
    documents: documents.map(readDocument),
    settings: Object.entries(settings).map(([key, value]) => ({ key, value })),
    modelfiles,
    conversations: conversations && keptConversations(conversations),
    suites,
  };
  const known = new Set((await store.documents.list()).map(({ id }) => id));
  const taken = await store.restore(restored);
  hub.tell({ type: 'documents' });
  hub.tell({ type: 'conversations' });
  hub.tell({ type: 'updates' });
  hub.tell({ type: 'downloads' });
  hub.tell({ type: 'guests' });
  if (modelfiles.length > 0) hub.tell({ type: 'models' });
  if (suites.length > 0) hub.tell({ type: 'evaluations' });
  const replaced = documents.filter(({ id }) => known.has(id)).length;
  return {
    ...{ added: documents.length - replaced, replaced, models: modelfiles.length },
    ...(taken.conversations ? { conversations: conversations?.heads.length ?? 0 } : { conversations: 0, otherPassphrase: true }),
    ...{ settings: restored.settings.map(({ key }) => key), preferences },
  };
}

function written({ passages: _, ...document }: StoredDocument, passages: readonly Passage[]): OwnDocument {
  const ordered = [...passages].sort((a, b) => a.index - b.index);
  return {
    ...document,
    dimensions: ordered[0]?.vector.length ?? 0,
    passages: ordered.map(({ text, vector }) => ({ text, vector: toBase64(bytesOf(vector)) })),
  };
}

function readDocument({ dimensions, passages, ...document }: OwnDocument): RestoredData['documents'][number] {
  const read = passages.map(({ text, vector }, index): Passage => {
    const values = floatsOf(vector);
    if (values?.length !== dimensions || !values.every(Number.isFinite)) {
      throw invalidBackup(`a passage of ${document.name} is damaged`, { document: document.id, passage: index });
    }
    return { documentId: document.id, index, text, vector: values };
  });
  return { document: { ...document, passages: read.length }, passages: read };
}

const bytesOf = (vector: Float32Array): Uint8Array => new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);

function floatsOf(text: string): Float32Array | undefined {
  const bytes = fromBase64(text);
  return bytes.length % Float32Array.BYTES_PER_ELEMENT === 0 ? new Float32Array(bytes.buffer) : undefined;
}
