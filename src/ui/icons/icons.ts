import '@awesome.me/webawesome/dist/components/icon/icon.js';
import { registerIconLibrary } from '@awesome.me/webawesome/dist/components/icon/library.js';
import sprite from './icons.svg?no-inline';

// The library's own `default` set comes from a font host and its `system` set from data: URLs; the CSP allows neither.
for (const library of ['default', 'system']) {
  registerIconLibrary(library, {
    resolver: (name) => `${sprite}#${name}`,
    spriteSheet: true,
    // Without a view box the drawing is as wide as a browser makes any image: 300 px.
    mutator: (svg) => svg.setAttribute('viewBox', '0 0 24 24'),
  });
}
