import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/dialog/dialog.js';
import { nothing, type TemplateResult } from 'lit';
import { state } from 'lit/decorators.js';
import { SillElement } from '../element.ts';

/**
 * What asks or tells in a dialog. It is drawn with its first opening: two of each model that nobody opens were most of what drawing the list of models
 * took. And it is drawn shut, since a dialog that begins open neither takes the focus nor gives it back.
 */
export abstract class SillDialogElement extends SillElement {
  @state() protected open = false;
  @state() private drawn = false;
  #wanted = false;

  /** The `wa-dialog`, open while `open` is, with `afterHide` for its event. */
  protected abstract dialog(): TemplateResult;

  protected override render(): unknown {
    return this.drawn ? this.dialog() : nothing;
  }

  protected async reveal(): Promise<void> {
    this.#wanted = true;
    this.drawn = true;
    await this.updateComplete;
    this.open = this.#wanted;
  }

  protected readonly shut = (): void => {
    this.#wanted = false;
    this.open = false;
  };

  /** Once it is gone: until then it holds the focus, and nobody else can take it. */
  protected closed(): void {}

  /** Others that lie in it send the same event. */
  protected readonly afterHide = (event: Event): void => {
    if (event.target !== event.currentTarget) return;
    this.shut();
    this.closed();
  };
}
