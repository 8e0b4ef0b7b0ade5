import { updateWhenLocaleChanges } from '@lit/localize';
import { LitElement } from 'lit';

/** Resolves in a task of its own. */
export const task = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

/** Resolves behind the next frame; a page that nobody sees has none. */
const afterFrame = (): Promise<void> =>
  document.hidden ? task() : new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));

/** The base of every element here: it renders again when the language changes. */
export class SillElement extends LitElement {
  constructor() {
    super();
    updateWhenLocaleChanges(this);
  }

  /**
   * Set by elements whose first drawing takes long on a weak device: it is then a task of its own, and a touch in between is answered.
   * What was drawn before an app is there stands until then.
   */
  protected static readonly drawsApart: boolean = false;

  /** Set by what sums up what is drawn elsewhere, as a chart does a table: each letter that somebody types there is seen before this follows. */
  protected static readonly drawsBehind: boolean = false;

  protected override scheduleUpdate(): undefined | Promise<unknown> {
    const { drawsApart, drawsBehind } = this.constructor as typeof SillElement;
    if (drawsBehind) return afterFrame().then(() => super.scheduleUpdate());
    if (drawsApart && !this.hasUpdated) return task().then(() => super.scheduleUpdate());
    const drawn = super.scheduleUpdate();
    return drawn instanceof Promise ? drawn : undefined;
  }

  /** Fires an event that crosses shadow borders. */
  protected emit<T>(type: string, detail?: T): void {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }
}
