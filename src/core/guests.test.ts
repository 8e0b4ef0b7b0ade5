import { describe, expect, it } from 'vitest';
import { admissionOf, CONSENTED, type GuestRules, guestSalt } from './guests.ts';
import { parsePolicy } from './policy.ts';

const RULES: GuestRules = parsePolicy({
  schema: 1,
  guests: [
    'https://intranet.example',
    { origin: 'https://wiki.example:443', models: ['stories15m'], rights: ['install'], tokensPerDay: 9 },
  ],
});

describe('who of other origins may have what', () => {
  it('gives an origin of the policy what it says, and nothing of management by default', () => {
    expect(admissionOf(RULES, 'https://intranet.example', {})).toMatchObject({ state: 'granted', grant: { rights: [] } });
    expect(admissionOf(RULES, 'https://wiki.example', {})).toMatchObject({
      state: 'granted',
      grant: { models: ['stories15m'], rights: ['install'], tokensPerDay: 9, requestsPerMinute: 120 },
    });
  });

  it.each([
    'http://intranet.example',
    'https://intranet.example:8443',
    'https://intranet.example.evil.example',
    'https://x.intranet.example',
    'https://evil.example',
    'https://intranet.example/',
    'null',
    '',
  ])('refuses %j, which is another origin or none', (origin) => {
    expect(admissionOf(RULES, origin, {})).toEqual({ state: 'refused' });
    // Also where a person would be asked about strangers: none of these that is no origin is ever asked about.
    expect(admissionOf({ ...RULES, unknownGuests: 'ask' }, 'null', { null: true })).toEqual({ state: 'refused' });
  });

  it('asks a person about strangers where the policy says so, and keeps to what they said', () => {
    const asks: GuestRules = { ...RULES, unknownGuests: 'ask' };
    const origin = 'https://stranger.example';
    expect(admissionOf(asks, origin, {})).toEqual({ state: 'ask' });
    expect(admissionOf(asks, origin, { [origin]: false })).toEqual({ state: 'refused' });
    expect(admissionOf(asks, origin, { [origin]: true })).toEqual({ state: 'granted', grant: CONSENTED });
    expect(CONSENTED.rights).toEqual([]);
    // What a person once allowed counts no more where the operator refuses strangers.
    expect(admissionOf(RULES, origin, { [origin]: true })).toEqual({ state: 'refused' });
    expect(admissionOf(asks, 'constructor', {})).toEqual({ state: 'refused' });
  });

  it('salts what each sends so that no two share, whatever salt they name themselves', () => {
    const salts = ['https://a.example', 'https://b.example'].flatMap((origin) =>
      [undefined, '', 'x', guestSalt('https://b.example', 'x')].map((salt) => guestSalt(origin, salt)),
    );
    expect(new Set(salts).size).toBe(6);
    expect(salts).not.toContain('');
  });

  it('refuses a policy that names an origin twice, or a right that there is not', () => {
    expect(() => parsePolicy({ schema: 1, guests: ['https://a.example', { origin: 'https://a.example' }] })).toThrow('named twice');
    expect(() => parsePolicy({ schema: 1, guests: [{ origin: 'https://a.example', rights: ['everything'] }] })).toThrow('guests.0');
  });
});
