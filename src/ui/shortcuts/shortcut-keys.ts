import type { ReactiveController, ReactiveControllerHost } from 'lit';
import * as v from 'valibot';
import { followed, type Steps, stepOf } from '../../core/keys.ts';
import { isComposing } from '../composing.ts';
import { isApple } from '../machine.ts';
import { readPreference, renderWithPreference, writePreference } from '../preferences.ts';
import { heard, type ShortcutName } from './shortcuts.ts';

const KEY = 'shortcuts.characters';
/** How long a sequence waits for its next press: nobody remembers a `g` of a minute ago. */
const WAIT_MS = 3000;

/** Whether characters alone are shortcuts. */
export const areSinglesOn = (): boolean => readPreference(KEY, v.boolean(), true);
export const chooseSingles = (on: boolean): void => writePreference(KEY, on);

/** Renders an element again when somebody has chosen. */
export const followSingles = (host: ReactiveControllerHost): void => renderWithPreference(host, KEY);

/** Listens to the whole page, and leaves to a field or a dialog what is theirs. `act` says whether it did something. */
export class ShortcutKeys implements ReactiveController {
  readonly #act: (name: ShortcutName) => boolean;
  #steps: Steps = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: ReactiveControllerHost, act: (name: ShortcutName) => boolean) {
    this.#act = act;
    host.addController(this);
  }

  hostConnected(): void {
    addEventListener('keydown', this.#onKeydown);
  }

  hostDisconnected(): void {
    removeEventListener('keydown', this.#onKeydown);
    clearTimeout(this.#timer);
  }

  readonly #onKeydown = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || isComposing(event) || isInDialog(event)) return;
    const { key, code, ctrlKey: ctrl, metaKey: meta, altKey: alt, shiftKey: shift } = event;
    const step = stepOf({ key, code, ctrl, meta, alt, shift }, isApple());
    if (step === undefined) {
      // Escape gives a sequence up; a modifier that is held belongs to what comes.
      if (!MODIFIERS.has(key)) this.#become([]);
      return;
    }
    const isWriting = isField(event);
    // In a field one command is meant for the page, and another while there is nothing that the field could undo; all else is the field's.
    if (isWriting && step !== 'Mod+k' && !(step === 'Mod+z' && isEmpty(event))) return;
    const { name, steps } = followed(heard(areSinglesOn() && !isWriting), this.#steps, step);
    this.#become(steps);
    if (event.repeat) return;
    if (name && this.#act(name)) event.preventDefault();
  };

  #become(steps: Steps): void {
    this.#steps = steps;
    clearTimeout(this.#timer);
    if (steps.length > 0) this.#timer = setTimeout(() => this.#become([]), WAIT_MS);
  }
}

const MODIFIERS: ReadonlySet<string> = new Set(['Shift', 'Control', 'Alt', 'Meta', 'AltGraph', 'CapsLock']);
const NO_TEXT: ReadonlySet<string> = new Set(['button', 'checkbox', 'color', 'file', 'image', 'radio', 'range', 'reset', 'submit']);
/** Where a letter chooses among what is listed. */
const TYPED_AT: ReadonlySet<string> = new Set(['textbox', 'searchbox', 'combobox', 'listbox', 'menu', 'tree', 'grid', 'spinbutton']);

/** Whether characters mean something where the focus is, also inside of a component. */
function isField(event: KeyboardEvent): boolean {
  const [target] = event.composedPath();
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !NO_TEXT.has(target.type);
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable) return true;
  return TYPED_AT.has(target.getAttribute('role') ?? '');
}

function isEmpty(event: KeyboardEvent): boolean {
  const [target] = event.composedPath();
  return (target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement) && target.value === '';
}

/** What is behind an open dialog cannot be seen, let alone used. The components mark the document while one of theirs is open. */
const isInDialog = (event: KeyboardEvent): boolean =>
  document.documentElement.classList.contains('wa-scroll-lock') ||
  event.composedPath().some((target) => target instanceof HTMLDialogElement && target.open);
