import type { HeadRecord, MessageRecord, Vault } from '../../core/chat/records.ts';
import type { Store } from '../../ports/store.ts';
import type { Suite } from './suite.ts';

const head = (id: string, version = 0, body: HeadRecord['body'] = `"${id}"`): HeadRecord => ({ id, version, body });
const message = (conversation: string, id: string, body: MessageRecord['body'] = `"${id}"`): MessageRecord => ({ conversation, id, body });
const sealed = (...bytes: number[]) => Uint8Array.from(bytes);
export const vaultOf = (id: string): Vault => ({
  id,
  salt: new Uint8Array(16).fill(1),
  iterations: 600_000,
  check: new Uint8Array(32).fill(2),
});
const bodiesOf = async ({ conversations }: Store) => (await conversations.messages()).map(({ id, body }) => [id, body]).sort();

/** What every store of conversations does. */
export function conversationsContract({ test, equal }: Suite): void {
  test('two tabs that write into one conversation lose nothing of each other: messages add up, and a head is not written over unread', async (store) => {
    const { conversations } = store;
    equal(await conversations.write({ heads: [head('c1')], messages: [message('c1', 'm1')] }), 'written');
    equal(await conversations.write({ heads: [head('c1', 1, '"first tab"')], messages: [message('c1', 'm2')] }), 'written');
    equal(await conversations.write({ heads: [head('c1', 1, '"second tab"')], messages: [message('c1', 'm3')] }), 'head_changed');
    equal((await conversations.overview()).heads, [head('c1', 2, '"first tab"')]);
    equal(await bodiesOf(store), [
      ['m1', '"m1"'],
      ['m2', '"m2"'],
    ]);
    equal(await conversations.write({ heads: [head('c1', 2, '"second tab"')], messages: [message('c1', 'm3')] }), 'written');
    equal((await bodiesOf(store)).length, 3);
    equal((await conversations.overview(['c1', 'none'])).heads.length, 1);
  });

  test('a conversation goes with its messages and no others, is not brought back by a tab that still writes, and comes back whole', async (store) => {
    const { conversations } = store;
    await conversations.write({ heads: [head('c1'), head('c10')], messages: [message('c1', 'm1'), message('c10', 'm1')] });
    const kept = await conversations.messages(['c1']);
    equal(await conversations.write({ removed: ['c1'] }), 'written');
    equal(await conversations.write({ messages: [message('c1', 'm1', '"more"')] }), 'gone');
    equal(await conversations.write({ heads: [head('c1', 1)], messages: [] }), 'gone');
    equal(await conversations.messages(), [message('c10', 'm1')]);
    equal(await conversations.write({ heads: [head('c1')], messages: kept }), 'written');
    equal(await conversations.messages(['c1']), [message('c1', 'm1')]);
  });

  test('a passphrase seals all at once, or nothing where somebody wrote meanwhile; what is not sealed is refused from then on', async (store) => {
    const { conversations } = store;
    await conversations.write({ heads: [head('c1')], messages: [message('c1', 'm1')] });
    const { sequence } = await conversations.overview();
    const sealing = { vault: vaultOf('v1'), heads: [head('c1', 1, sealed(1))], messages: [message('c1', 'm1', sealed(2))] };
    await conversations.write({ messages: [message('c1', 'm2')] });
    equal(await conversations.reseal({ ...sealing, from: { sequence } }), 'head_changed');
    equal((await conversations.overview()).vault, undefined);

    const now = await conversations.overview();
    const whole = { ...sealing, messages: [...sealing.messages, message('c1', 'm2', sealed(3))] };
    equal(await conversations.reseal({ ...whole, vault: undefined, from: { sequence: now.sequence } }), 'vault_changed');
    equal(await conversations.reseal({ ...whole, from: { sequence: now.sequence } }), 'written');
    equal((await conversations.overview()).vault, vaultOf('v1'));
    equal(await bodiesOf(store), [
      ['m1', sealed(2)],
      ['m2', sealed(3)],
    ]);
    equal(await conversations.write({ messages: [message('c1', 'm3')] }), 'vault_changed');
    equal(await conversations.write({ vault: 'v1', messages: [message('c1', 'm3')] }), 'vault_changed');
    equal(await conversations.write({ vault: 'v0', messages: [message('c1', 'm3', sealed(4))] }), 'vault_changed');
    equal(await conversations.write({ vault: 'v1', messages: [message('c1', 'm3', sealed(4))] }), 'written');
    await conversations.clear();
    equal(await conversations.everything().then(({ heads, messages, vault }) => [heads.length, messages.length, vault]), [0, 0, undefined]);
    equal(await conversations.write({ heads: [head('c1')], messages: [message('c1', 'm1')] }), 'written');
  });

  test('conversations of a copy stand beside those that are here, and are left out where another key opens them', async (store) => {
    const { conversations } = store;
    const restore = (copy: NonNullable<Parameters<Store['restore']>[0]['conversations']>) =>
      store.restore({ documents: [], settings: [], modelfiles: [], conversations: copy });
    const copy = { heads: [head('c1', 7), head('c2', 3)], messages: [message('c1', 'm1'), message('c2', 'm1')] };
    await conversations.write({ heads: [head('c1')], messages: [message('c1', 'm2')] });
    equal(await restore(copy), { conversations: true });
    equal((await conversations.messages()).length, 3);
    // Whoever read it before does not write over it.
    equal(await conversations.write({ heads: [head('c1', 1)] }), 'head_changed');
    const locked = { vault: vaultOf('v1'), heads: [head('c3', 1, sealed(1))], messages: [] };
    equal(await restore(locked), { conversations: false });
    equal((await conversations.overview()).heads.length, 2);
    await conversations.clear();
    equal(await restore(locked), { conversations: true });
    equal((await conversations.overview()).vault, vaultOf('v1'));

    // A passphrase that has nothing to lock yet is not taken away by a copy that has none.
    await conversations.write({ vault: 'v1', removed: ['c3'] });
    equal(await restore({ heads: [], messages: [] }), { conversations: true });
    equal(await restore(copy), { conversations: false });
    equal((await conversations.overview()).vault, vaultOf('v1'));
    equal(await restore({ ...locked, vault: vaultOf('v2') }), { conversations: true });
    equal((await conversations.overview()).vault, vaultOf('v2'));
  });
}
