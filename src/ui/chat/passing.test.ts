import { expect, it } from 'vitest';
import { passingConversations } from './passing.ts';

const head = (id: string, version = 0) => ({ id, version, body: `{"title":"${id}"}` });
const message = (conversation: string, id: string) => ({ conversation, id, body: '{}' });

it('conversations of a passer-by are kept as those of the device are, by the page alone', async () => {
  const passing = passingConversations();
  expect(await passing.write({ heads: [head('a'), head('b')], messages: [message('a', '1'), message('b', '1')] })).toBe('written');
  expect((await passing.list()).heads.map(({ id, version }) => [id, version])).toEqual([
    ['a', 1],
    ['b', 1],
  ]);
  // Somebody wrote meanwhile, and what was deleted stays so.
  expect(await passing.write({ heads: [head('a')] })).toBe('head_changed');
  expect(await passing.write({ removed: ['b'] })).toBe('written');
  expect(await passing.write({ messages: [message('b', '2')] })).toBe('gone');
  expect(await passing.messages(['a', 'b'])).toEqual([message('a', '1')]);
  expect((await passing.list(['b'])).heads).toEqual([]);
  // Nothing is sealed: there is no disk to read it from.
  expect(await passing.reseal({ from: { sequence: 2 }, heads: [], messages: [] })).toBe('vault_changed');
  await passing.clear();
  expect((await passing.list()).heads).toEqual([]);
  expect(await passing.messages()).toEqual([]);
});
