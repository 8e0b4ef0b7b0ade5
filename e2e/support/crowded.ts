import type { Page } from '@playwright/test';
import * as v from 'valibot';

/** Texts that are cut off by what they stand in, and pairs of which one lies over the other: what a language with longer words does to a narrow screen. */
export const crowded = async (page: Page): Promise<string[]> => v.parse(v.array(v.string()), await page.evaluate(faultsOfPlace));

function faultsOfPlace(): string[] {
  /** Of rounding, and of letters that are drawn higher than their line. */
  const SLACK = 2;
  interface Piece {
    readonly node: Text;
    readonly text: string;
    readonly rect: DOMRectReadOnly;
    /** What scrolls by itself or not at all: it lies over the rest of the page, and is meant to. */
    readonly layer: Element | undefined;
  }
  /** How an element treats the texts in it. */
  interface Place {
    readonly box: DOMRect;
    /** Only screen readers are to have it. */
    readonly isForEars: boolean;
    /** What it does not show is reached. */
    readonly isScrolled: boolean;
    readonly isLayer: boolean;
    readonly endsInDots: boolean;
    readonly clipsBeside: boolean;
    readonly clipsBelow: boolean;
  }
  const parentOf = (element: Element): Element | undefined => {
    if (element.assignedSlot) return element.assignedSlot;
    const root = element.getRootNode();
    return element.parentElement ?? (root instanceof ShadowRoot ? root.host : undefined);
  };
  /** Each is asked for by every text in it. */
  const places = new Map<Element, Place>();
  const placeOf = (element: Element): Place => {
    const known = places.get(element);
    if (known) return known;
    const { overflowX, overflowY, position, clipPath, display, textOverflow, webkitLineClamp } = getComputedStyle(element);
    const clips = (overflow: string): boolean => overflow === 'hidden' || overflow === 'clip';
    // What ends in dots is told elsewhere in full, but for headings and what is pressed.
    const endsInDots = clips(overflowX) && (textOverflow === 'ellipsis' || webkitLineClamp !== 'none');
    const place: Place = {
      box: element.getBoundingClientRect(),
      isForEars: clipPath !== 'none' || (element.clientWidth <= 1 && overflowX !== 'visible' && display !== 'inline'),
      isScrolled: /auto|scroll/.test(overflowX + overflowY),
      isLayer: position === 'fixed' || position === 'sticky',
      endsInDots,
      clipsBeside: clips(overflowX) && !endsInDots,
      clipsBelow: clips(overflowY) && !endsInDots,
    };
    places.set(element, place);
    return place;
  };
  const faults: string[] = [];
  const pieces: Piece[] = [];
  const within = (rect: DOMRectReadOnly, box: DOMRectReadOnly): DOMRectReadOnly => {
    const [left, top] = [Math.max(rect.left, box.left), Math.max(rect.top, box.top)];
    return new DOMRectReadOnly(left, top, Math.min(rect.right, box.right) - left, Math.min(rect.bottom, box.bottom) - top);
  };
  const look = (node: Text, element: Element): void => {
    const text = node.data.trim();
    if (text === '' || !element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) return;
    const range = document.createRange();
    range.selectNodeContents(node);
    let rects: DOMRectReadOnly[] = [...range.getClientRects()];
    let layer: Element | undefined;
    for (let at: Element | undefined = element; at; at = parentOf(at)) {
      const { box, isScrolled, isForEars, isLayer, endsInDots, clipsBeside, clipsBelow } = placeOf(at);
      if (isForEars) return;
      for (const { left, right, top, bottom } of rects) {
        const isBeside = clipsBeside && (left < box.left - SLACK || right > box.right + SLACK);
        const isBelow = clipsBelow && (top < box.top - SLACK || bottom > box.bottom + SLACK);
        if (isBeside || isBelow) faults.push(`cut off by ${at.localName}.${at.className}: ${text.slice(0, 60)}`);
      }
      if (endsInDots && at.matches('h1, h2, h3, th[scope=col], label, button') && at.scrollWidth > at.clientWidth + SLACK)
        faults.push(`ends in dots: ${text.slice(0, 60)}`);
      if (endsInDots) rects = rects.map((rect) => within(rect, box));
      if (isLayer || isScrolled) layer ??= at;
      if (isScrolled) break;
    }
    for (const rect of rects) {
      if (rect.width <= 1 || rect.height <= 1) continue;
      if (!layer && (rect.left < -SLACK || rect.right > innerWidth + SLACK)) faults.push(`beside the screen: ${text.slice(0, 60)}`);
      pieces.push({ node, text, rect, layer });
    }
  };
  const reach = (root: Document | ShadowRoot): void => {
    for (const element of root.querySelectorAll('*')) {
      if (/^(?:script|style|option|title|svg)$/.test(element.localName)) continue;
      for (const node of element.childNodes) if (node instanceof Text) look(node, element);
      if (element.shadowRoot) {
        for (const node of element.shadowRoot.childNodes) if (node instanceof Text) look(node, element);
        reach(element.shadowRoot);
      }
    }
  };
  reach(document);
  // From above to below: what begins under the lower end of one lies over nothing of it, nor does anything after it.
  pieces.sort((one, other) => one.rect.top - other.rect.top);
  for (const [i, one] of pieces.entries())
    for (let j = i + 1; j < pieces.length; j++) {
      const other = pieces[j];
      if (!other || other.rect.top >= one.rect.bottom) break;
      if (one.layer !== other.layer || one.node === other.node) continue;
      const width = Math.min(one.rect.right, other.rect.right) - Math.max(one.rect.left, other.rect.left);
      const height = Math.min(one.rect.bottom, other.rect.bottom) - Math.max(one.rect.top, other.rect.top);
      // Lines stand closer than the boxes of their letters are high.
      if (width > SLACK && height > Math.min(one.rect.height, other.rect.height) / 2)
        faults.push(`one over the other: ${one.text.slice(0, 40)} | ${other.text.slice(0, 40)}`);
    }
  return [...new Set(faults)];
}
