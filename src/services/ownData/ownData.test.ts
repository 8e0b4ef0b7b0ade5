import { beforeEach, expect, test } from 'vitest';
import { SillError } from '../../core/errors.ts';
import { parseModelId, parseRevisionId } from '../../core/ids.ts';
import type { Store } from '../../ports/store.ts';
import { vaultOf } from '../../storage/contract/conversations.ts';
import { derivedModel } from '../../storage/contract/samples.ts';
import { createMemoryStore } from '../../storage/memoryStore.ts';
import { createHub } from '../hub.ts';
import { copyDocument, exportOwnData, importOwnData } from './ownData.ts';

const clock = { now: () => 1000, monotonicMs: () => 1000 };
const hub = createHub({ send: () => undefined, listen: () => undefined }, clock);
const embeddedBy = { modelId: parseModelId('minilm'), revision: parseRevisionId(`sha256:${'1'.repeat(64)}`) };
const LIMIT = { bytesPerSecond: 100_000, metered: 'allow' } as const;
const POLICY = { mode: 'idle', channel: 'beta', idleMinutes: 7 } as const;

let store: Store;
const put = (to: Store, id: string, name: string, texts: readonly string[]) =>
  to.documents.put(
    { id, name, sizeBytes: 4, addedAtMs: 5, passages: texts.length, embeddedBy },
    texts.map((text, index) => ({ documentId: id, index, text, vector: Float32Array.from([0.5, -1 / 3, index]) })),
  );
const everything = async (of: Store) => ({
  documents: await of.documents.list(),
  passages: (await of.documents.passages()).sort((a, b) => (a.documentId + a.index < b.documentId + b.index ? -1 : 1)),
  policy: await of.settings.get('update-policy'),
  downloads: await of.settings.get('downloads'),
  modelfiles: await of.modelfiles.list(),
  conversations: await of.conversations.everything(),
  suites: await of.suites.list(),
  deviceId: await of.settings.get('device-id'),
});
const copyOf = (of: Store, deviceId = false) => exportOwnData({ store: of, clock, hub }, { preferences: { theme: '"dark"' }, deviceId });

beforeEach(async () => {
  store = createMemoryStore();
  await put(store, 'a', 'letter.txt', ['Dear “reader”', 'ünï\u0000code']);
  await put(store, 'b', 'notes.txt', ['one']);
  await store.settings.set('update-policy', POLICY);
  await store.settings.set('downloads', LIMIT);
  await store.settings.set('device-id', 'device-1');
  await store.settings.set('guest-narrowed', { 'https://wiki.example': { refused: true } });
  await store.settings.set('guest-decisions', { 'https://wiki.example': true });
  await store.settings.set('inspection', { secret: true });
  await store.conversations.write({
    heads: [{ id: 'c1', version: 0, body: '{"title":"zebra"}' }],
    messages: [{ conversation: 'c1', id: 'm1', body: '{}' }],
  });
  await store.restore({ documents: [], settings: [], modelfiles: [derivedModel('mario', 'FROM acme/tiny\nSYSTEM "hi"')] });
  await store.suites.put({ id: 'greetings', text: '{"id": "a"', savedAtMs: 7 });
});

test('documents, passages to the last bit, settings, Modelfiles, suites and choices come to another device', async () => {
  const other = createMemoryStore();
  const report = await importOwnData({ store: other, clock, hub }, await copyOf(store));
  expect(report).toEqual({
    ...{ added: 2, replaced: 0, models: 1, conversations: 1 },
    ...{ settings: ['update-policy', 'downloads', 'guest-narrowed'], preferences: { theme: '"dark"' } },
  });
  const { conversations, ...all } = await everything(store);
  expect(await everything(other)).toMatchObject({ ...all, deviceId: undefined });
  expect((await other.conversations.everything()).messages).toEqual(conversations.messages);
});

test('a copy of one document puts back that one as it was, and nothing else', async () => {
  const before = await everything(store);
  const copy = await copyDocument({ store, clock, hub }, 'a');
  expect(await copy.text()).not.toMatch(/notes|zebra|mario|greetings|wiki/);
  await store.documents.delete('a');
  await store.settings.set('update-policy', { ...POLICY, idleMinutes: 9 });
  expect(await importOwnData({ store, clock, hub }, copy)).toMatchObject({ added: 1, replaced: 0, models: 0, settings: [] });
  const { policy, documents, ...others } = before;
  expect(await everything(store)).toMatchObject(others);
  expect((await store.documents.list()).map(({ id }) => id).sort()).toEqual(documents.map(({ id }) => id).sort());
  expect(await store.settings.get('update-policy')).toMatchObject({ idleMinutes: 9 });
  await expect(copyDocument({ store, clock, hub }, 'gone')).rejects.toMatchObject({ code: 'invalid_request' });
});

test('who the device is goes along only where that is asked for, and what is no setting of a person never', async () => {
  expect(await (await copyOf(store)).text()).not.toMatch(/device-1|secret/);
  const other = createMemoryStore();
  await importOwnData({ store: other, clock, hub }, await copyOf(store, true));
  expect((await everything(other)).deviceId).toBe('device-1');
});

test('conversations that a passphrase locks travel locked, and are left out where others are', async () => {
  const vault = vaultOf('v1');
  const { sequence } = await store.conversations.overview();
  const heads = [{ id: 'c1', version: 1, body: Uint8Array.from([1, 2, 255]) }];
  await store.conversations.reseal({ from: { sequence }, vault, heads, messages: [] });
  const copy = await copyOf(store);
  expect(await copy.text()).not.toContain('zebra');
  const other = createMemoryStore();
  expect(await importOwnData({ store: other, clock, hub }, copy)).toMatchObject({ conversations: 1 });
  expect(await other.conversations.everything()).toMatchObject({ vault, heads: [{ id: 'c1', body: heads[0]?.body }] });

  const own = createMemoryStore();
  await own.conversations.write({ heads: [{ id: 'c9', version: 0, body: '{}' }] });
  expect(await importOwnData({ store: own, clock, hub }, copy)).toMatchObject({ added: 2, conversations: 0, otherPassphrase: true });
  expect((await own.conversations.overview()).heads).toHaveLength(1);
});

test('what is on the device stays, and a document of the same id is replaced', async () => {
  const other = createMemoryStore();
  await put(other, 'a', 'older.txt', ['old', 'older', 'oldest']);
  await put(other, 'z', 'own.txt', ['own']);
  expect(await importOwnData({ store: other, clock, hub }, await copyOf(store))).toMatchObject({ added: 1, replaced: 1 });
  expect((await other.documents.list()).map(({ name }) => name).sort()).toEqual(['letter.txt', 'notes.txt', 'own.txt']);
  expect(await other.documents.passages()).toHaveLength(4);
});

test.each<[string, (text: string) => string | Promise<string>]>([
  ['is no file of this kind', () => 'hello'],
  ['is cut off', (text) => text.slice(0, -20)],
  ['comes from a later version', (text) => text.replace('"version":1', '"version":2')],
  ['has a passage of another length', (text) => text.replace(/"dimensions":3/, '"dimensions":4')],
  ['has a vector that is none', (text) => text.replace(/"vector":"[^"]+"/, '"vector":"%%%"')],
  ['has a vector with values that are no numbers', (text) => text.replace(/"vector":"[^"]+"/, '"vector":"AADAfwAAwH8AAMB/"')],
  ['has a policy that does not exist', (text) => text.replace('"mode":"idle"', '"mode":"whenever"')],
  ['has conversations with an id that is none', (text) => text.replace('"id":"c1"', '"id":"../c1"')],
  ['has a message of no conversation', (text) => text.replace('"conversation":"c1"', '"conversation":"c2"')],
  ['has a document without an id', (text) => text.replace('"id":"b"', '"id":""')],
])('a copy that %s changes nothing, not even what is right in it', async (_what, damage) => {
  const other = createMemoryStore();
  const before = await everything(other);
  const file = new Blob([await damage(await (await copyOf(store)).text())]);
  const reason: unknown = await importOwnData({ store: other, clock, hub }, file).catch((thrown: unknown) => thrown);
  expect(reason).toBeInstanceOf(SillError);
  expect(reason).toMatchObject({ code: 'invalid_backup' });
  expect(await everything(other)).toEqual(before);
});
