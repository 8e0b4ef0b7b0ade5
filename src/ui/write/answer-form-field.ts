import '@awesome.me/webawesome/dist/components/textarea/textarea.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { SillElement } from '../element.ts';
import { fields } from '../styles/fields.ts';
import { shared } from '../styles/shared.ts';
import { type AnswerForm, NO_FORM, responseFormat } from './answer-form.ts';

/** Not translated: names of a schema are the model's to read, and the starter model knows English only. */
const EXAMPLE = '{ "type": "object", "properties": { "name": { "type": "string", "maxLength": 20 } }, "required": ["name"] }';

/**
 * Has the answer be JSON, any or valid under a schema.
 *
 * @fires sill-form with the whole choice as detail
 */
@customElement('sill-answer-form')
export class SillAnswerForm extends SillElement {
  static override styles = [
    shared,
    fields,
    css`
      :host {
        display: grid;
        gap: var(--sill-space-8);
      }
      wa-textarea::part(textarea) {
        font-family: var(--wa-font-family-code);
        font-size: var(--wa-font-size-s);
      }
      .wrong {
        color: var(--wa-color-danger-on-quiet);
        font-size: var(--wa-font-size-s);
      }
    `,
  ];

  @property({ attribute: false }) form: AnswerForm = NO_FORM;

  override render() {
    const { json, schema } = this.form;
    const asked = responseFormat(this.form);
    return html`
      <label class="check"><input type="checkbox" .checked=${live(json)} @change=${this.#onJson} />${msg('Answer as JSON')}</label>
      ${
        json
          ? html`
              <wa-textarea
                label=${msg('JSON Schema')}
                hint=${msg('The answer is valid under it whenever it comes to its end. Left empty: any object.')}
                rows="3"
                resize="auto"
                spellcheck="false"
                placeholder=${EXAMPLE}
                .value=${live(schema)}
                @input=${this.#onSchema}
              ></wa-textarea>
              ${'wrong' in asked ? html`<p class="wrong" role="status">${msg(str`This is no JSON object yet: ${asked.wrong}`)}</p>` : nothing}
            `
          : nothing
      }
    `;
  }

  #onJson(event: Event): void {
    this.#change({ json: (event.target as HTMLInputElement).checked });
  }

  #onSchema(event: Event): void {
    this.#change({ schema: (event.target as HTMLTextAreaElement).value });
  }

  #change(change: Partial<AnswerForm>): void {
    this.form = { ...this.form, ...change };
    this.dispatchEvent(new CustomEvent('sill-form', { detail: this.form }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-answer-form': SillAnswerForm;
  }
}
