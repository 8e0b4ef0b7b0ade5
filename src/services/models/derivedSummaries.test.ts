import { expect, test } from 'vitest';
import { parseModelId } from '../../core/ids.ts';
import type { ModelSummary } from '../../protocol/modelReports.ts';
import { derivedModel } from '../../storage/contract/samples.ts';
import { withDerived } from './derivedSummaries.ts';

const BASE = {
  ...{
    id: parseModelId('acme/tiny'),
    name: 'Tiny',
    description: 'A model for tests.',
    task: 'text-generation',
    state: 'installed',
    offered: true,
  },
  ...{ contextLength: 64, installed: { sizeBytes: 9 } },
} as unknown as ModelSummary;
const MARIO = derivedModel('mario', 'FROM acme/tiny');
const LUIGI = derivedModel('luigi', 'FROM mario');

const told = (models: readonly ModelSummary[]) => models.map(({ id, state, derived }) => [id, state, derived?.base, derived?.from]);

test('models that were made of others stand in the list with the state of their base, and hold nothing of their own', () => {
  const list = withDerived([BASE], [MARIO, LUIGI]);
  expect(told(list)).toEqual([
    ['acme/tiny', 'installed', undefined, undefined],
    ['mario', 'installed', 'acme/tiny', 'acme/tiny'],
    ['luigi', 'installed', 'acme/tiny', 'mario'],
  ]);
  expect(list[1]).toMatchObject({ name: 'mario', contextLength: 64, offered: false });
  expect(list[1]).not.toHaveProperty('installed');
});

test('without their base they are told from what was known of it, and as not to be had', () => {
  expect(withDerived([], [MARIO])).toMatchObject([{ id: 'mario', state: 'available', licence: { spdx: 'MIT' }, fits: [], tier: 'nano' }]);
});

test('one whose Modelfile brings a template holds conversations, whatever its base does; others are as their base', () => {
  const teller = derivedModel('teller', 'FROM mario\nTEMPLATE """{{ .Prompt }}"""');
  const talks = (base: Partial<ModelSummary>) =>
    withDerived([{ ...BASE, ...base }], [MARIO, teller]).map(({ id, holdsConversations }) => [id, holdsConversations]);
  expect(talks({ holdsConversations: false })).toEqual([
    ['acme/tiny', false],
    ['mario', false],
    ['teller', true],
  ]);
  expect(talks({ holdsConversations: true })[1]).toEqual(['mario', true]);
  expect(talks({})[1]).toEqual(['mario', undefined]);
});

test('a name stands in the list once', () => {
  const named = (state: ModelSummary['state']): ModelSummary => ({ ...BASE, id: MARIO.id, state });
  expect(told(withDerived([BASE, named('installed')], [MARIO]))).toEqual([
    ['acme/tiny', 'installed', undefined, undefined],
    ['mario', 'installed', undefined, undefined],
  ]);
  expect(told(withDerived([BASE, named('available')], [MARIO]))[1]).toEqual(['mario', 'installed', 'acme/tiny', 'acme/tiny']);
});

test('one that is made from itself since a copy was restored is there to be mended or removed', () => {
  expect(told(withDerived([BASE], [derivedModel('mario', 'FROM mario'), derivedModel('odd', 'no Modelfile')]))).toEqual([
    ['acme/tiny', 'installed', undefined, undefined],
    ['mario', 'available', 'mario', 'mario'],
    ['odd', 'available', 'odd', 'odd'],
  ]);
});
