import '@awesome.me/webawesome/dist/components/button/button.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { ref } from 'lit/directives/ref.js';
import type { Grant, GuestSummary, NarrowingData } from '../../protocol/guests.ts';
import { SillElement } from '../element.ts';
import { Undo } from '../elements/undo.ts';
import { ModelsController } from '../models-controller.ts';
import { fields } from '../styles/fields.ts';
import { shared } from '../styles/shared.ts';
import { rightWords } from './guest-words.ts';
import type { GuestsStore } from './guests-store.ts';

/**
 * Takes from a guest what it is not to have on this device. Offers what it was given and nothing more.
 *
 * @fires sill-narrowed once it is done, or given up
 */
@customElement('sill-guest-narrowing')
export class SillGuestNarrowing extends SillElement {
  static override styles = [
    shared,
    fields,
    css`
      form {
        padding-top: var(--sill-space-14);
        border-top: 1px solid var(--wa-color-surface-border);
      }
      .numbers {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(14rem, 100%), 1fr));
        gap: var(--sill-space-16);
      }
      .choices {
        display: flex;
        flex-wrap: wrap;
        gap: var(--sill-space-6) var(--sill-space-20);
      }
      .check {
        overflow-wrap: anywhere;
      }
      @media (pointer: coarse) {
        .check {
          min-height: 2.75rem;
        }
      }
    `,
  ];

  @property({ attribute: false }) guest!: GuestSummary;
  @property({ attribute: false }) store!: GuestsStore;
  @state() private saving = false;
  readonly #models = new ModelsController(this);
  readonly #undo = new Undo(this);

  override render() {
    const { given, grant, narrowed } = this.guest;
    if (!given || !grant) return nothing;
    const choices = this.#choices(given);
    return html`
      <form class="stack" @submit=${this.#save}>
        <div class="numbers">
          ${this.#number('requestsPerMinute', msg('Requests a minute, at most'), grant.requestsPerMinute, given.requestsPerMinute)}
          ${this.#number('tokensPerDay', msg('Tokens a day, at most'), grant.tokensPerDay, given.tokensPerDay)}
        </div>
        ${
          choices.length === 0
            ? nothing
            : html`
                <fieldset>
                  <legend>${msg('Models that it may ask')}</legend>
                  <div class="choices">${choices.map((id) => this.#check('models', id, id, grant.models?.includes(id) ?? true))}</div>
                  ${given.models ? nothing : html`<p class="small quiet">${msg('Once one is taken away, models that come later are not among them either.')}</p>`}
                </fieldset>
              `
        }
        ${
          given.rights.length === 0
            ? nothing
            : html`
                <fieldset>
                  <legend>${msg('It may also')}</legend>
                  <div class="choices">${given.rights.map((right) => this.#check('rights', right, rightWords(right), grant.rights.includes(right)))}</div>
                </fieldset>
              `
        }
        <p class="small quiet">${msg('Here a grant can only be made smaller. Its operator can make it larger.')}</p>
        <div class="row">
          <wa-button type="submit" size="s" variant="brand" ?loading=${this.saving}>${msg('Save')}</wa-button>
          <wa-button size="s" appearance="plain" @click=${() => this.emit('sill-narrowed')}>${msg('Cancel')}</wa-button>
          ${narrowed ? html`<wa-button size="s" appearance="outlined" @click=${() => this.#narrow({})}>${msg('Give all of it back')}</wa-button>` : nothing}
        </div>
      </form>
    `;
  }

  /** Of a guest that may ask every model: those that there are to take away. */
  #choices({ models }: Grant): readonly string[] {
    return models ?? (this.#models.store?.list?.models ?? []).filter(({ installed }) => installed).map(({ id }) => id);
  }

  #number(name: 'requestsPerMinute' | 'tokensPerDay', label: string, now: number | undefined, most: number | undefined) {
    return html`
      <div class="field">
        <label for=${name}>${label}</label>
        <input
          id=${name}
          name=${name}
          type="number"
          min="1"
          step="1"
          max=${most ?? nothing}
          .value=${now === undefined ? '' : String(now)}
          placeholder=${most === undefined ? msg('without a bound') : nothing}
          ?required=${most !== undefined}
          ${ref((element) => name === 'requestsPerMinute' && this.#focus(element))}
        />
      </div>
    `;
  }

  #check(name: 'models' | 'rights', value: string, words: string, checked: boolean) {
    return html`<label class="check"><input type="checkbox" name=${name} value=${value} ?checked=${checked} />${words}</label>`;
  }

  #focused = false;
  /** The button that opened the form is gone: where a person was, the form goes on. */
  #focus(element: Element | undefined): void {
    if (this.#focused || !(element instanceof HTMLInputElement)) return;
    this.#focused = true;
    void this.updateComplete.then(() => element.focus());
  }

  #save(event: SubmitEvent): void {
    event.preventDefault();
    const { given } = this.guest;
    if (!(event.target instanceof HTMLFormElement) || !given) return;
    const data = new FormData(event.target);
    const texts = (name: string): string[] => data.getAll(name).map(String);
    const count = (name: string, most: number | undefined) => {
      const value = Number(data.get(name) || 0);
      return value > 0 && value !== most ? value : undefined;
    };
    const choices = this.#choices(given);
    const models = choices.filter((id) => texts('models').includes(id));
    const rights = given.rights.filter((right) => texts('rights').includes(right));
    const requestsPerMinute = count('requestsPerMinute', given.requestsPerMinute);
    const tokensPerDay = count('tokensPerDay', given.tokensPerDay);
    void this.#narrow({
      ...(requestsPerMinute === undefined ? {} : { requestsPerMinute }),
      ...(tokensPerDay === undefined ? {} : { tokensPerDay }),
      ...(models.length === choices.length ? {} : { models }),
      ...(rights.length === given.rights.length ? {} : { rights }),
    });
  }

  async #narrow(narrowing: NarrowingData): Promise<void> {
    this.saving = true;
    const { store } = this;
    const { origin, narrowed = {} } = this.guest;
    if (await store.narrow(origin, narrowing)) {
      this.#undo.offer(
        () => msg(str`What ${origin} may was changed.`),
        () => store.narrow(origin, narrowed),
      );
      this.emit('sill-narrowed');
    }
    this.saving = false;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-guest-narrowing': SillGuestNarrowing;
  }
}
