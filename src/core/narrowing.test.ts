import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Grant, RIGHTS } from './guests.ts';
import { parseModelId } from './ids.ts';
import { type Narrowing, narrowAdmission, narrowGrant, wideningOf } from './narrowing.ts';

const IDS = ['a', 'b', 'c'].map(parseModelId);
const count = fc.integer({ min: 1, max: 1000 });
const fields = { models: fc.subarray(IDS), requestsPerMinute: count, tokensPerDay: count, rights: fc.subarray([...RIGHTS]) };
const grants: fc.Arbitrary<Grant> = fc.record(fields, { requiredKeys: ['requestsPerMinute', 'rights'] });
const narrowings: fc.Arbitrary<Narrowing> = fc.record(fields, { requiredKeys: [] });

const isWithin = (grant: Grant, bound: Grant): boolean =>
  (bound.models === undefined || (grant.models?.every((id) => bound.models?.includes(id)) ?? false)) &&
  grant.requestsPerMinute <= bound.requestsPerMinute &&
  (bound.tokensPerDay === undefined || (grant.tokensPerDay ?? Number.POSITIVE_INFINITY) <= bound.tokensPerDay) &&
  grant.rights.every((right) => bound.rights.includes(right));

describe('a grant that is narrowed on the device', () => {
  it('never has more than the policy gave, whatever is asked of it and whatever the policy says by then', () => {
    fc.assert(fc.property(grants, narrowings, (grant, narrowing) => isWithin(narrowGrant(grant, narrowing), grant)));
  });

  it('has what was asked for wherever that is no more than was given', () => {
    fc.assert(
      fc.property(grants, narrowings, (grant, narrowing) => {
        fc.pre(wideningOf(grant, narrowing) === undefined);
        expect(narrowGrant(grant, narrowing)).toEqual({ ...grant, ...narrowing });
      }),
    );
  });

  it('says which field would have it widened', () => {
    const grant: Grant = { models: [...IDS.slice(0, 1)], requestsPerMinute: 10, tokensPerDay: 100, rights: ['install'] };
    expect(wideningOf(grant, { models: IDS })).toBe('models');
    expect(wideningOf(grant, { requestsPerMinute: 11 })).toBe('requestsPerMinute');
    expect(wideningOf(grant, { tokensPerDay: 101 })).toBe('tokensPerDay');
    expect(wideningOf(grant, { rights: ['manage'] })).toBe('rights');
    expect(wideningOf(grant, { refused: true })).toBeUndefined();
  });

  it('may be taken away as a whole, and lets nobody in who was not', () => {
    const grant: Grant = { requestsPerMinute: 10, rights: [] };
    expect(narrowAdmission({ state: 'granted', grant }, { refused: true })).toEqual({ state: 'refused' });
    expect(narrowAdmission({ state: 'ask' }, { requestsPerMinute: 1 })).toEqual({ state: 'ask' });
    expect(narrowAdmission({ state: 'refused' }, {})).toEqual({ state: 'refused' });
    expect(narrowAdmission({ state: 'granted', grant }, undefined)).toEqual({ state: 'granted', grant });
  });
});
