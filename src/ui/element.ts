import { updateWhenLocaleChanges } from '@lit/localize';
import { LitElement } from 'lit';

/** The base of every element here: it renders again when the language changes. */
export class SillElement extends LitElement {
  constructor() {
    super();
    updateWhenLocaleChanges(this);
  }

  /** Fires an event that crosses shadow borders. */
  protected emit<T>(type: string, detail?: T): void {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }
}
