import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { followed, isSingle, type Press, stepOf } from './keys.ts';

const press = (key: string, more: Partial<Press> = {}): Press => ({
  ...{ key, code: /^[a-z]$/i.test(key) ? `Key${key.toUpperCase()}` : '' },
  ...{ ctrl: false, meta: false, alt: false, shift: false },
  ...more,
});

describe('a press', () => {
  it('is named by what it writes, and by the modifier that commands have on this machine', () => {
    expect(stepOf(press('g'), false)).toBe('g');
    expect(stepOf(press('k', { ctrl: true }), false)).toBe('Mod+k');
    expect(stepOf(press('k', { meta: true }), true)).toBe('Mod+k');
    expect(stepOf(press('K', { ctrl: true }), false)).toBe('Mod+k');
  });

  it('of a sign counts wherever the layout has it', () => {
    expect(stepOf(press('?', { shift: true, code: 'Slash' }), false)).toBe('?');
    expect(stepOf(press('?', { shift: true, code: 'Minus' }), false)).toBe('?');
    expect(stepOf(press('/', { shift: true, code: 'Digit7' }), false)).toBe('/');
  });

  it('of a letter counts in a layout of another script by its place', () => {
    expect(stepOf(press('γ', { code: 'KeyG' }), false)).toBe('g');
    expect(stepOf(press('κ', { code: 'KeyK', ctrl: true }), false)).toBe('Mod+k');
    // A Latin layout with other places goes by what is written on the key.
    expect(stepOf(press('z', { code: 'KeyY' }), false)).toBe('z');
  });

  it('is nothing where it belongs to the browser, or only modifies', () => {
    expect(stepOf(press('k', { meta: true }), false)).toBeUndefined();
    expect(stepOf(press('k', { ctrl: true }), true)).toBeUndefined();
    expect(stepOf(press('g', { alt: true }), false)).toBeUndefined();
    expect(stepOf(press('G', { shift: true }), false)).toBeUndefined();
    for (const key of ['Shift', 'Control', 'Enter', 'Escape', 'Tab', 'F5', 'Dead', 'Process'])
      expect(stepOf(press(key), false)).toBeUndefined();
  });
});

describe('a sequence', () => {
  const bindings = [
    { name: 'chat', keys: 'g c' },
    { name: 'models', keys: 'g m' },
    { name: 'help', keys: '?' },
    { name: 'new', keys: 'n' },
  ] as const;

  it('is followed press by press', () => {
    const first = followed(bindings, [], 'g');
    expect(first).toEqual({ steps: ['g'] });
    expect(followed(bindings, first.steps, 'c')).toEqual({ name: 'chat', steps: [] });
  });

  it('that goes on otherwise begins anew with that press', () => {
    expect(followed(bindings, ['g'], '?')).toEqual({ name: 'help', steps: [] });
    expect(followed(bindings, ['g'], 'g')).toEqual({ steps: ['g'] });
    expect(followed(bindings, ['g'], 'x')).toEqual({ steps: [] });
  });

  it('never fires anything whose keys were not the last ones pressed', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('g', 'c', 'm', 'n', '?', 'x')), (steps) => {
        let before: readonly string[] = [];
        steps.forEach((step, i) => {
          const { name, steps: after } = followed(bindings, before, step);
          if (name) {
            const { keys } = bindings.find((each) => each.name === name) ?? { keys: '' };
            expect(
              steps
                .slice(0, i + 1)
                .join(' ')
                .endsWith(keys),
            ).toBe(true);
          }
          before = after;
        });
      }),
    );
  });
});

it('knows which shortcuts are of characters alone', () => {
  expect(['g c', '?', '/'].map(isSingle)).toEqual([true, true, true]);
  expect(isSingle('Mod+k')).toBe(false);
});
