import { expect, it } from 'vitest';
import { followed } from '../../core/keys.ts';
import { ROUTES } from '../routes.ts';
import { heard, SHORTCUTS } from './shortcuts.ts';

it('every view has keys of its own, and no keys begin others', () => {
  for (const route of ROUTES) expect(SHORTCUTS.some(({ name }) => name === `view:${route}`)).toBe(true);
  for (const { name, keys } of SHORTCUTS) {
    const clashes = SHORTCUTS.filter((other) => other.name !== name && (other.keys === keys || other.keys.startsWith(`${keys} `)));
    expect(clashes).toEqual([]);
  }
});

it('every shortcut fires by its own keys', () => {
  for (const { name, keys } of SHORTCUTS) {
    let steps: readonly string[] = [];
    const fired = keys.split(' ').flatMap((step) => {
      const next = followed(SHORTCUTS, steps, step);
      steps = next.steps;
      return next.name ?? [];
    });
    expect(fired).toEqual([name]);
  }
});

it('with characters turned off, only those with a modifier are left', () => {
  expect(heard(false).map(({ keys }) => keys)).toEqual(['Mod+k', 'Mod+z']);
});
