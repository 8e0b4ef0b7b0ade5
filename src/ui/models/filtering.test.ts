import { describe, expect, it } from 'vitest';
import { parseModelId, parseVariantId } from '../../core/ids.ts';
import type { ModelSummary } from '../../protocol/modelReports.ts';
import { canFilter, facetsOf, MANY, matches } from './filtering.ts';

type Model = Parameters<typeof matches>[0];

const model = (id: string, change: Partial<Model> = {}): Model => ({
  id: parseModelId(id),
  name: id,
  description: 'Goes on with stories.',
  task: 'text-generation',
  tier: 'nano',
  licence: { spdx: 'MIT', text: '' },
  fits: [fit('fits')],
  ...change,
});
const fit = (verdict: 'fits' | 'tight' | 'no'): ModelSummary['fits'][number] => ({
  variant: parseVariantId('int8-wasm'),
  dtype: 'int8',
  device: 'wasm',
  verdict,
  reasons: [],
  sizeBytes: 1,
  fetchBytes: 1,
  memoryBytes: 1,
});
const stories = model('stories');
const minilm = model('minilm', {
  task: 'feature-extraction',
  licence: { spdx: 'Apache-2.0', text: '' },
  description: 'Finds what means the same.',
});
const big = model('owner/big', { tier: 'small', fits: [fit('no')] });
const all = [stories, minilm, big];
const shown = (filter: Parameters<typeof matches>[1]) => all.filter((each) => matches(each, filter)).map(({ id }) => id);

describe('a filter', () => {
  it('that asks for nothing shows everything', () => expect(shown({})).toEqual(['stories', 'minilm', 'owner/big']));
  it('shows what is all that was asked for', () => {
    expect(shown({ task: 'text-generation' })).toEqual(['stories', 'owner/big']);
    expect(shown({ task: 'text-generation', fit: 'fits' })).toEqual(['stories']);
    expect(shown({ licence: 'Apache-2.0', size: 'small' })).toEqual([]);
    expect(shown({ place: 'here' })).toEqual([]);
  });
  it('finds words in name, id and description, whatever their case and order', () => {
    expect(shown({ words: 'STORIES on' })).toEqual(['stories', 'owner/big']);
    expect(shown({ words: 'owner' })).toEqual(['owner/big']);
    expect(shown({ words: ' ' })).toHaveLength(3);
  });
});

describe('the facets', () => {
  it('are those in which the models differ, from small to large', () => {
    expect(facetsOf(all, {})).toEqual([
      { facet: 'task', values: ['text-generation', 'feature-extraction'] },
      { facet: 'size', values: ['nano', 'small'] },
      { facet: 'licence', values: ['Apache-2.0', 'MIT'] },
      { facet: 'fit', values: ['fits', 'no'] },
    ]);
    expect(facetsOf([stories], {})).toEqual([]);
    expect([canFilter([stories], {}), canFilter(all, {}), canFilter(Array(MANY).fill(stories), {})]).toEqual([false, true, true]);
  });
  it('keep what was chosen, so that it can be taken back', () => {
    expect(facetsOf([stories], { size: 'large' })).toEqual([{ facet: 'size', values: ['nano', 'large'] }]);
  });
});
