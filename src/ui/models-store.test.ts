import { describe, expect, it } from 'vitest';
import { parseModelId, parseRevisionId, parseVariantId } from '../core/ids.ts';
import type { ModelList, ModelSummary } from '../protocol/modelReports.ts';
import { withRemembered } from './models-store.ts';

const revision = parseRevisionId(`sha256:${'0'.repeat(64)}`);
const catalogError = { code: 'network_unavailable', message: 'offline' } as const;

const model = (id: string, state: ModelSummary['state'], offered = true): ModelSummary => ({
  id: parseModelId(id),
  name: id,
  description: id,
  task: 'text-generation',
  tier: 'nano',
  parameters: 1,
  languages: [],
  licence: { spdx: 'MIT', text: 'MIT' },
  provenance: 'a test',
  revision,
  offered,
  state,
  trust: 'signed',
  fits: [],
  ...(state === 'installed' && { installed: { revision, variant: parseVariantId('int8-wasm'), sizeBytes: 1, installedAtMs: 1 } }),
});
const shown = ({ models }: ModelList) => models.map(({ id, state, offered }) => ({ id, state, offered }));

describe('models while the catalog cannot be reached', () => {
  it('keep those that were offered before in sight, in their place', () => {
    const before = { models: [model('a', 'available'), model('b', 'installed')] };
    const now = { models: [model('b', 'installed', false)], catalogError };
    expect(shown(withRemembered(now, before))).toEqual([
      { id: 'a', state: 'available', offered: true },
      { id: 'b', state: 'installed', offered: true },
    ]);
  });

  it('show an install that lost the network as one that can be continued', () => {
    const before = { models: [model('a', 'installing')] };
    expect(shown(withRemembered({ models: [], catalogError }, before))).toEqual([{ id: 'a', state: 'unfinished', offered: true }]);
  });

  it('do not bring back one that was removed meanwhile', () => {
    expect(withRemembered({ models: [], catalogError }, { models: [model('a', 'installed')] }).models).toEqual([]);
  });

  it('are taken as they come once it can be reached', () => {
    const now = { models: [model('b', 'available')] };
    expect(withRemembered(now, { models: [model('a', 'available')] })).toBe(now);
  });
});
