import type { Frame, Page } from '@playwright/test';

/**
 * WCAG 2.2, 1.4.3, of all words: those of what can be used that have less than 4.5 : 1 to what is behind them, or 3 : 1 where they are large. axe leaves some
 * open, those on the buttons of the component library among them, as it takes the slot that they lie in for something that lies over them.
 */
export const paleWords = (page: Page | Frame): Promise<string[]> =>
  page.evaluate(() => {
    const pixel = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d', { willReadFrequently: true });
    type Colour = readonly [red: number, green: number, blue: number, alpha: number];
    const known = new Map<string, Colour>();
    const colour = (css: string): Colour => {
      const before = known.get(css);
      if (before) return before;
      if (!pixel) throw new Error('there is no canvas to read colours with');
      pixel.clearRect(0, 0, 1, 1);
      pixel.fillStyle = css;
      pixel.fillRect(0, 0, 1, 1);
      const [red = 0, green = 0, blue = 0, alpha = 0] = pixel.getImageData(0, 0, 1, 1).data;
      const read: Colour = [red, green, blue, alpha / 255];
      known.set(css, read);
      return read;
    };
    const over = (top: Colour, below: Colour): Colour => {
      const mixed = (i: 0 | 1 | 2) => top[i] * top[3] + below[i] * (1 - top[3]);
      return [mixed(0), mixed(1), mixed(2), 1];
    };
    const around = (element: Element): Element | null => {
      const root = element.getRootNode();
      return element.assignedSlot ?? element.parentElement ?? (root instanceof ShadowRoot ? root.host : null);
    };
    const behind = (element: Element | null): Colour => {
      if (!element) return [255, 255, 255, 1];
      const own = colour(getComputedStyle(element).backgroundColor);
      return own[3] === 1 ? own : over(own, behind(around(element)));
    };
    const luminance = (of: Colour): number => {
      const linear = (value: number) => (value <= 0.04045 * 255 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
      return 0.2126 * linear(of[0]) + 0.7152 * linear(of[1]) + 0.0722 * linear(of[2]);
    };
    const chain = (element: Element | null): Element[] => (element ? [element, ...chain(around(element))] : []);
    const found: string[] = [];
    const look = (root: Document | ShadowRoot): void => {
      const nodes = document.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
      for (let node = nodes.nextNode(); node; node = nodes.nextNode()) {
        if (node instanceof Element && node.shadowRoot) look(node.shadowRoot);
        if (!(node instanceof Text) || node.data.trim() === '') continue;
        // What is handed into a slot has the looks of the slot.
        const element = node.assignedSlot ?? node.parentElement;
        if (!element || !node.parentElement?.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
        const range = document.createRange();
        range.selectNode(node);
        const { width, height } = range.getBoundingClientRect();
        const within = chain(element);
        // Words for screen readers alone have a pixel; an alternative text is in no box at all.
        if (width < 2 || height < 2 || within.some((each) => each.matches(':disabled, [disabled], [aria-disabled=true]'))) continue;
        const { color, fontSize, fontWeight } = getComputedStyle(element);
        const ground = behind(element);
        const [red, green, blue, alpha] = colour(color);
        const seen = within.reduce((share, each) => share * Number(getComputedStyle(each).opacity), alpha);
        const [low = 0, high = 0] = [luminance(over([red, green, blue, seen], ground)), luminance(ground)].sort((a, b) => a - b);
        const ratio = (high + 0.05) / (low + 0.05);
        const size = Number.parseFloat(fontSize);
        const large = size >= 24 || (size >= 18.66 && Number(fontWeight) >= 700);
        if (ratio < (large ? 3 : 4.5))
          found.push(`contrast ${ratio.toFixed(2)}: ${node.data.trim().slice(0, 60)} ${node.parentElement.outerHTML.slice(0, 120)}`);
      }
    };
    look(document);
    return found;
  });
