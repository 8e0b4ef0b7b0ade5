/** Where somebody was before they were asked something, so that they go on there. */
export class ReturnFocus {
  #before: HTMLElement | undefined;

  /** @param root of the element that asks */
  keep(root: DocumentFragment | HTMLElement): void {
    this.#before = focusedWithin(root);
  }

  giveBack(): void {
    this.#before?.focus({ preventScroll: true });
    this.#before = undefined;
  }
}

/** Through the elements that hold it. */
function focusedWithin(root: DocumentFragment | HTMLElement): HTMLElement | undefined {
  const active = root instanceof ShadowRoot ? root.activeElement : null;
  if (!(active instanceof HTMLElement)) return undefined;
  return (active.shadowRoot && focusedWithin(active.shadowRoot)) ?? active;
}
