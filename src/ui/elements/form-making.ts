import './progress-line.ts';
import { msg, str } from '@lit/localize';
import { css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { SillElement } from '../element.ts';
import { importFraction, importWords } from '../imports/import-words.ts';
import { ModelsController } from '../models-controller.ts';
import { shared } from '../styles/shared.ts';

/**
 * Why a model does not answer yet whose form is made here just now, and how far that is. Nothing of its own at any other time.
 *
 * @slot - what is shown then
 */
@customElement('sill-form-making')
export class SillFormMaking extends SillElement {
  static override styles = [
    shared,
    css`
      :host {
        display: block;
      }
      p {
        margin-bottom: var(--sill-space-6);
      }
    `,
  ];

  /** By its id. */
  @property() model = '';
  readonly #models = new ModelsController(this);

  override render() {
    const making = this.#models.store?.list?.models.find(({ id }) => id === this.model)?.making;
    if (!making) return html`<slot></slot>`;
    return html`
      <p class="small">${msg('What runs here is being made of what was downloaded. That is done once; then it answers.')}</p>
      <sill-progress
        label=${msg(str`${this.#models.nameOf(this.model)} is made ready`)}
        .fraction=${importFraction(making)}
        .words=${importWords(making)}
      ></sill-progress>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-form-making': SillFormMaking;
  }
}
