/** Bundled and run in the page: drivers of browsers find nothing by its role and name inside of elements with a shadow. */
import { computeAccessibleName, getRole } from 'dom-accessibility-api';

export interface Wanted {
  readonly role: string;
  readonly name: { readonly text: string } | { readonly pattern: string; readonly flags: string };
}

function* everything(root: Document | ShadowRoot): Generator<Element> {
  for (const element of root.querySelectorAll('*')) {
    yield element;
    if (element.shadowRoot) yield* everything(element.shadowRoot);
  }
}

const isSeen = (element: Element): boolean =>
  element.checkVisibility({ visibilityProperty: true }) &&
  element.getBoundingClientRect().width > 0 &&
  !element.closest('[inert], [aria-hidden=true]');

/** Roles that `getRole` knows only by more than the element alone. */
const roleOf = (element: Element): string | null => (element.localName === 'summary' ? 'button' : getRole(element));

const fits = (name: Wanted['name'], found: string): boolean =>
  'text' in name ? found === name.text : new RegExp(name.pattern, name.flags).test(found);

/** As it is drawn: what fills a slot lies in it, and what is in a shadow in its host. */
const parentOf = (node: Node): Node | null =>
  (node instanceof Element && node.assignedSlot) || (node instanceof ShadowRoot ? node.host : node.parentNode);

const liesIn = (element: Element, dialog: Element): boolean => {
  for (let at: Node | null = element; at; at = parentOf(at)) if (at === dialog) return true;
  return false;
};

export function find({ role, name }: Wanted): Element | undefined {
  const all = [...everything(document)];
  // Beside a modal dialog nothing can be pressed.
  const dialog = all.findLast((element) => element.matches('dialog:modal'));
  return all.find(
    (element) =>
      roleOf(element) === role &&
      (!dialog || liesIn(element, dialog)) &&
      isSeen(element) &&
      fits(name, computeAccessibleName(element).trim()),
  );
}

/** Where to press it, once it has come into view and can be pressed: in CSS pixels of what is seen. */
export function middleOf(wanted: Wanted): { readonly x: number; readonly y: number } | undefined {
  const element = find(wanted);
  if (!element || element.matches(':disabled')) return undefined;
  element.scrollIntoView({ block: 'center', behavior: 'instant' });
  const { x, y, width, height } = element.getBoundingClientRect();
  return { x: Math.round(x + width / 2), y: Math.round(y + height / 2) };
}

/** As a person's press ends: for a driver whose pointer is not to be trusted. False while it is not there or cannot be pressed. */
export function press(wanted: Wanted): boolean {
  const element = find(wanted);
  if (!(element instanceof HTMLElement) || element.matches(':disabled')) return false;
  element.focus();
  element.click();
  return true;
}

export function fill({ text, ...wanted }: Wanted & { readonly text: string }): boolean {
  const element = find(wanted);
  if (!(element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement) || element.disabled) return false;
  element.focus();
  element.value = text;
  element.dispatchEvent(new InputEvent('input', { bubbles: true, composed: true, inputType: 'insertText' }));
  element.dispatchEvent(new Event('change', { bubbles: true }));
  return true;
}

export function findInput(host: string): Element | undefined {
  for (const element of everything(document)) {
    if (element.localName !== host) continue;
    for (const inner of everything(element.shadowRoot ?? document)) if (inner.matches('input[type=file]')) return inner;
  }
  return undefined;
}

export function textFound(wanted: Wanted): string | undefined {
  const element = find(wanted);
  return element && textOf(element);
}

/** As it is shown: what lies in the shadow of an element, and what fills its slots. */
function textOf(node: Node): string {
  if (node.nodeType === Node.TEXT_NODE) return node.textContent ?? '';
  if (node instanceof HTMLSlotElement && node.assignedNodes().length > 0) return node.assignedNodes().map(textOf).join('');
  return [...((node instanceof Element && node.shadowRoot) || node).childNodes].map(textOf).join('');
}
