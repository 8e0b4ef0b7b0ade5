import { describe, expect, it } from 'vitest';
import { checkedTheme } from './theme.ts';

const property = '--sill-embed-accent';

describe('a theme that a page of another origin gives', () => {
  it.each([
    '#0a5',
    '#00aa55',
    '#00aa5580',
    'rebeccapurple',
    'rgb(0 128 0 / 50%)',
    'rgba(0,128,0,.5)',
    'oklch(0.53 0.088 175)',
    'hsl(120deg 50% 50%)',
  ])('may have the colour %j', (value) => {
    expect(checkedTheme({ [property]: value })).toEqual({ theme: [[property, value]], refused: [] });
  });

  it.each([
    'url(https://evil.example/x)',
    'red; position: fixed',
    'var(--x)',
    'expression(1)',
    'image-set("x")',
    'red}body{display:none',
    'attr(x)',
    `#${'0'.repeat(300)}`,
    '',
  ])('may not have %j in place of one', (value) => {
    expect(checkedTheme({ [property]: value })).toEqual({ theme: [], refused: [property] });
  });

  it('sets nothing but the properties that are meant for it', () => {
    const given = {
      '--wa-color-text-normal': 'red',
      position: 'fixed',
      constructor: 'red',
      '--sill-embed-radius': '12px',
      '--sill-embed-font': '"A B", serif',
    };
    const { theme, refused } = checkedTheme(given);
    expect(Object.fromEntries(theme)).toEqual({ '--sill-embed-radius': '12px', '--sill-embed-font': '"A B", serif' });
    expect(refused).toEqual(['--wa-color-text-normal', 'position', 'constructor']);
  });
});
