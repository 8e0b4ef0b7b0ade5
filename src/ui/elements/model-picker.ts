import '@awesome.me/webawesome/dist/components/option/option.js';
import '@awesome.me/webawesome/dist/components/select/select.js';
import { msg } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import type { ModelSummary } from '../../protocol/modelReports.ts';
import { SillElement } from '../element.ts';
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
    css`
      .one {
        display: inline-flex;
        align-items: center;
        gap: 0.5rem;
        color: var(--wa-color-text-quiet);
      }
      .one strong {
        color: var(--wa-color-text-normal);
        font-weight: 600;
      }
      wa-select {
        min-width: 14rem;
      }
    `,
  ];

  @property({ attribute: false }) models: ReadonlyArray<Pick<ModelSummary, 'id' | 'name'>> = [];
  @property() value = '';
  @property({ type: Boolean }) disabled = false;

  override render() {
    const [first, second] = this.models;
    if (!first) return nothing;
    if (!second)
      return html`<p class="one"><wa-icon name="models"></wa-icon><span>${msg('Model')}: <strong>${first.name}</strong></span></p>`;
    return html`
      <wa-select size="s" label=${msg('Model')} .value=${live(this.value)} ?disabled=${this.disabled} @change=${this.#onChange}>
        ${this.models.map((model) => html`<wa-option value=${model.id}>${model.name}</wa-option>`)}
      </wa-select>
    `;
  }

  #onChange(event: Event): void {
    const { value } = event.target as HTMLInputElement;
    this.dispatchEvent(new CustomEvent('sill-model', { detail: value }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-model-picker': SillModelPicker;
  }
}
