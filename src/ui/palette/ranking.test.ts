import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rank } from './ranking.ts';

const item = (label: string, also?: string) => ({ id: label, label, ...(also === undefined ? {} : { also }) });
const ITEMS = [
  item('Chat'),
  item('Storage', 'Disk use, own data'),
  item('Benchmark Stories 15M'),
  item('Evaluate Stories 15M'),
  item('Load Stories 15M'),
  item('Appearance: dark', 'theme'),
  item('Language: Deutsch'),
  item('Ρυθμίσεις'),
  item('Öffnen'),
  item('Check for updates'),
];
const found = (words: string, recent: readonly string[] = []): string[] => rank(ITEMS, words, recent).map(({ item: { label } }) => label);

describe('the palette finds a command', () => {
  it('by its beginning, by initials, and by words in any order', () => {
    expect(found('chat')[0]).toBe('Chat');
    expect(found('cfu')[0]).toBe('Check for updates');
    expect(found('stories bench')[0]).toBe('Benchmark Stories 15M');
  });

  it('without accents, in each language', () => {
    expect(found('ρυθμισεις')).toEqual(['Ρυθμίσεις']);
    expect(found('offnen')).toEqual(['Öffnen']);
  });

  it('by other words for it, after what is called so', () => {
    expect(found('theme')[0]).toBe('Appearance: dark');
    expect(found('own data')[0]).toBe('Storage');
  });

  it('and nothing where letters are only strewn over it', () => {
    expect(found('zzz')).toEqual([]);
    expect(found('cpt')).not.toContain('Appearance: dark');
  });

  it('first, where it was used of late and fits as well', () => {
    expect(found('stories')[0]).not.toBe('Benchmark Stories 15M');
    expect(found('stories', ['Benchmark Stories 15M'])[0]).toBe('Benchmark Stories 15M');
    expect(found('chat', ['Check for updates'])[0]).toBe('Chat');
  });

  it('whose typed characters are marked', () => {
    const [{ marks } = { marks: new Set() }] = rank(ITEMS, 'cfu', []);
    expect([...marks]).toEqual([0, 6, 10]);
  });
});

describe('without words', () => {
  it('what was used of late comes first, then all others once, as they come', () => {
    expect(found('', ['Storage', 'gone'])).toEqual(['Storage', ...ITEMS.map(({ label }) => label).filter((label) => label !== 'Storage')]);
  });
});

it('nothing is found twice, whatever is typed', () => {
  fc.assert(
    fc.property(fc.string(), fc.shuffledSubarray(ITEMS.map(({ id }) => id)), (words, recent) => {
      const all = found(words, recent);
      expect(new Set(all).size).toBe(all.length);
    }),
  );
});
