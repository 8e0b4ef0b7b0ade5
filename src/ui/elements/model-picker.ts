import { msg } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import type { ModelSummary } from '../../protocol/modelReports.ts';
import { SillElement } from '../element.ts';
import { fields } from '../styles/fields.ts';
import { shared } from '../styles/shared.ts';

/**
 * Which installed model a view works with. With only one there is nothing to choose, so its name stands alone.
 *
 * @fires sill-model with the model's id as detail
 */
@customElement('sill-model-picker')
export class SillModelPicker extends SillElement {
  static override styles = [
    shared,
    fields,
    css`
      .pick {
        display: flex;
        align-items: center;
        gap: var(--sill-space-4) var(--sill-space-10);
        font-size: var(--wa-font-size-s);
      }
      label,
      .label {
        color: var(--wa-color-text-quiet);
      }
      strong {
        font-weight: 600;
        overflow-wrap: anywhere;
      }
      select {
        flex: 0 1 auto;
        width: auto;
        min-width: min(12rem, 100%);
        max-width: 24rem;
      }
      :host([compact]) .pick {
        gap: 0;
      }
      :host([compact]) select {
        min-width: 0;
        width: 100%;
        max-width: 18rem;
      }
      :host([stacked]) .pick {
        display: grid;
      }
      :host([stacked]) :is(label, .label) {
        font-weight: 500;
        color: inherit;
      }
      :host([stacked]) select {
        width: 100%;
        max-width: none;
      }
      :host([stacked]) strong {
        min-height: 2.25rem;
        align-content: center;
      }
    `,
  ];

  @property({ attribute: false }) models: ReadonlyArray<Pick<ModelSummary, 'id' | 'name'>> = [];
  @property() value = '';
  @property({ type: Boolean }) disabled = false;
  /** Where it is clear what it is: its label is read out alone. */
  @property({ type: Boolean, reflect: true }) compact = false;
  /** Its label above it, as those of the fields beside it. */
  @property({ type: Boolean, reflect: true }) stacked = false;

  override render() {
    const [first, second] = this.models;
    if (!first) return nothing;
    if (!second)
      return html`<p class="pick"><span class=${this.compact ? 'visually-hidden' : 'label'}>${msg('Model')}</span> <strong>${first.name}</strong></p>`;
    return html`
      <div class="pick">
        <label for="model" class=${this.compact ? 'visually-hidden' : ''}>${msg('Model')}</label>
        <select id="model" ?disabled=${this.disabled} @change=${this.#onChange}>
          ${this.models.map(({ id, name }) => html`<option value=${id} .selected=${live(id === this.value)}>${name}</option>`)}
        </select>
      </div>
    `;
  }

  #onChange(event: Event): void {
    const { value } = event.target as HTMLSelectElement;
    this.dispatchEvent(new CustomEvent('sill-model', { detail: value }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-model-picker': SillModelPicker;
  }
}
