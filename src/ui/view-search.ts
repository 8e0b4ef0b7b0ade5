/** Stands on the field of a view in which a person looks for something there. */
const VIEW_SEARCH = 'data-view-search';

/** Focuses the field of the view in front. False where it has none. */
export function focusViewSearch(root: ParentNode): boolean {
  for (const element of root.querySelectorAll<HTMLElement>('*')) {
    if (element.hidden) continue;
    if (element.hasAttribute(VIEW_SEARCH) && element.checkVisibility()) {
      element.focus();
      return true;
    }
    if (element.shadowRoot && focusViewSearch(element.shadowRoot)) return true;
  }
  return false;
}
