import { noChange } from 'lit';
import { type AttributePart, Directive, directive } from 'lit/directive.js';

type StyleInfo = Readonly<Record<string, string | number | null | undefined>>;

/**
 * Stands in for `lit/directives/style-map.js`, which writes the style attribute once and so breaks
 * `style-src 'self'` (lit issue 4719). This one goes through the CSSOM from the first render.
 */
class StyleMap extends Directive {
  #set = new Set<string>();
  render(_styles: StyleInfo): typeof noChange {
    return noChange;
  }
  override update(part: AttributePart, [styles]: [StyleInfo]): typeof noChange {
    const { style } = part.element as HTMLElement;
    for (const name of this.#set) if (styles[name] == null) style.removeProperty(name);
    this.#set = new Set();
    for (const [key, value] of Object.entries(styles)) {
      if (value == null) continue;
      const name = key.includes('-') ? key : key.replace(/(?:^(webkit|moz|ms|o)|)(?=[A-Z])/g, '-$&').toLowerCase();
      const text = String(value);
      const important = text.endsWith(' !important');
      style.setProperty(name, important ? text.slice(0, -11) : text, important ? 'important' : '');
      this.#set.add(name);
    }
    return noChange;
  }
}

export const styleMap = directive(StyleMap);
export type { StyleInfo, StyleMap as StyleMapDirective };
