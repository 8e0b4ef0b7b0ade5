import { describe, expect, it } from 'vitest';
import { parseModelId } from './ids.ts';
import { decidedByOperator, modelsToGive, NO_RULES, settingThatHolds } from './operatorRules.ts';
import { parsePolicy } from './policy.ts';

const A = parseModelId('a');
const B = parseModelId('b');
const nothing = { installed: new Set<typeof A>(), queued: new Set<typeof A>(), given: new Set<typeof A>() };
const rules = (policy: object) => parsePolicy({ schema: 1, ...policy });

describe('what the operator wants of every device', () => {
  it('is nothing where the file says nothing', () => {
    expect(rules({})).toMatchObject(NO_RULES);
    expect(decidedByOperator(NO_RULES)).toEqual([]);
  });

  it('cannot be changed in a kiosk, and only there', () => {
    const devices = { updates: { mode: 'idle' } };
    expect(decidedByOperator(rules({ kiosk: true, devices }))).toEqual(['updates']);
    expect(decidedByOperator(rules({ devices }))).toEqual([]);
  });

  it.each([
    [true, 'own', 'operator', 'operator'],
    [true, 'own', undefined, 'own'],
    [false, 'own', 'operator', 'own'],
    [false, undefined, 'operator', 'operator'],
    [true, undefined, undefined, 'default'],
  ])('kiosk %s, own %s, operator %s: %s holds', (kiosk, own, operators, holds) => {
    expect(settingThatHolds<string>(kiosk, own, operators, 'default')).toBe(holds);
  });

  it.each([
    [{ schema: 1, devices: { updates: { mode: 'sometimes' } } }, /^devices\.updates/],
    [{ schema: 1, devices: { install: ['../a'] } }, /^devices\.install\.0/],
    [{ schema: 1, devices: { install: ['hf:../a@x'] } }, /^devices\.install\.0/],
    [{ schema: 1, devices: { install: ['a@main'] } }, /^devices\.install\.0/],
    [{ schema: 1, devices: { install: ['hf:acme/a@../x'] } }, /^devices\.install\.0/],
    [{ schema: 1, devices: { install: ['hf:acme/a@x@y'] } }, /^devices\.install\.0/],
    [{ schema: 1, devices: { instal: [] } }, /^devices\.instal/],
  ])('is refused where %j is wrong, with the field', (json, field) => {
    expect(() => parsePolicy(json)).toThrow(expect.objectContaining({ details: { field: expect.stringMatching(field) } }));
  });
});

describe('models that every device is to have', () => {
  const policy = rules({ devices: { install: ['a', 'b', 'a'] } });

  it('are given once each, in the order of the file', () => {
    expect(modelsToGive(policy, nothing)).toEqual([{ id: A }, { id: B }]);
  });

  it('are not given where they are, or are under way', () => {
    expect(modelsToGive(policy, { ...nothing, installed: new Set([A]), queued: new Set([B]) })).toEqual([]);
  });

  it('are not forced upon a person who took them off, but come back in a kiosk', () => {
    const given = new Set([A, B]);
    expect(modelsToGive(policy, { ...nothing, given })).toEqual([]);
    expect(modelsToGive({ ...policy, kiosk: true }, { ...nothing, given })).toEqual([{ id: A }, { id: B }]);
  });

  it('may be of a server that nobody signs for, at a commit of it', () => {
    const id = parseModelId('hf:acme/a');
    const named = rules({ kiosk: { task: 'chat', model: 'hf:acme/a' }, devices: { install: ['hf:acme/a@0123abc', 'hf:acme/b'] } });
    expect(modelsToGive(named, nothing)).toEqual([{ id, commit: '0123abc' }, { id: parseModelId('hf:acme/b') }]);
    expect(modelsToGive(named, { ...nothing, installed: new Set([id]) })).toEqual([{ id: 'hf:acme/b' }]);
  });
});
