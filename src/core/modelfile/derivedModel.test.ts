import { describe, expect, test } from 'vitest';
import { parseModelId, parseRevisionId } from '../ids.ts';
import { adaptationOf, assertDerivable, assertRemovable, type DerivedModel, derivedFrom } from './derivedModel.ts';

const model = (id: string, modelfile: string): DerivedModel => ({
  id: parseModelId(id),
  modelfile,
  createdAtMs: 1,
  changedAtMs: 1,
  about: {
    name: 'Tiny',
    task: 'text-generation',
    parameters: 1,
    languages: [],
    licence: { spdx: 'MIT', text: 'MIT' },
    provenance: 'test',
    revision: parseRevisionId(`sha256:${'1'.repeat(64)}`),
  },
});
const MARIO = model(
  'mario',
  'FROM tiny\nPARAMETER temperature 0.5\nPARAMETER stop a\nPARAMETER stop b\nSYSTEM Mario\nMESSAGE user hi\nLICENSE A',
);
const LUIGI = model('luigi', 'FROM mario\nPARAMETER top_k 3\nPARAMETER stop c\nSYSTEM Luigi\nLICENSE B');
const isInstalled = (id: string) => id === 'tiny';
const among = (...derived: DerivedModel[]) => ({ derived, isInstalled });

describe('a derived model', () => {
  test('of a derived one says what it says, and leaves the rest to its base', () => {
    expect(adaptationOf(LUIGI, (id) => (id === 'mario' ? MARIO : undefined))).toEqual({
      base: 'tiny',
      parameters: { temperature: 0.5, topK: 3, stop: ['c'] },
      system: 'Luigi',
      messages: [{ role: 'user', content: 'hi' }],
      licences: ['B', 'A'],
    });
  });

  test('may be kept where its base is installed and its name is free', () => {
    expect(assertDerivable(LUIGI, among(MARIO)).base).toBe('tiny');
    expect(() => assertDerivable(LUIGI, among())).toThrow(
      expect.objectContaining({ code: 'model_not_installed', details: { id: 'mario', derived: 'luigi' } }),
    );
    expect(() => assertDerivable(model('tiny', 'FROM mario'), among(MARIO))).toThrow('the name of an installed model');
  });

  test('is never made from itself, at whatever distance', () => {
    expect(() => assertDerivable(model('mario', 'FROM luigi'), among(MARIO, LUIGI))).toThrow('mario from luigi from mario');
    expect(() => assertDerivable(model('mario', 'FROM mario'), among(MARIO))).toThrow('made from itself');
    const chain = Array.from({ length: 9 }, (_, i) => model(`m${i}`, `FROM ${i === 0 ? 'tiny' : `m${i - 1}`}`));
    expect(() => assertDerivable(chain[8] ?? MARIO, among(...chain))).toThrow('more than 8 times');
  });

  test('of a version is of a model with weights', () => {
    expect(assertDerivable(model('old', `FROM tiny@${'1'.repeat(12)}`), among()).version).toBe('1'.repeat(12));
    expect(() => assertDerivable(model('old', `FROM mario@${'1'.repeat(12)}`), among(MARIO))).toThrow('has no versions');
  });

  test('stays while others are made from it', () => {
    expect(() => assertRemovable(MARIO.id, [MARIO, LUIGI])).toThrow('luigi is made from mario');
    expect(() => assertRemovable(LUIGI.id, [MARIO, LUIGI])).not.toThrow();
    expect(derivedFrom(parseModelId('tiny'), [LUIGI, MARIO])).toEqual(['mario', 'luigi']);
  });
});
