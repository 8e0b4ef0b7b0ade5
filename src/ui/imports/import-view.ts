import { OwnStore } from '../own-store.ts';
import './found-file.ts';
import './import-card.ts';
import './quality-report.ts';
import '../elements/error-note.ts';
import '../elements/file-drop.ts';
import '../elements/progress-line.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { msg } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { FileHandle } from '../../ports/files.ts';
import type { ImportRecord } from '../../protocol/importReports.ts';
import { SillElement } from '../element.ts';
import { namedButton } from '../elements/named-button.ts';
import { fields } from '../styles/fields.ts';
import { shared, viewStyles } from '../styles/shared.ts';
import { viewHead } from '../view-head.ts';
import { importFraction, importWords } from './import-words.ts';
import { ImportsStore } from './imports-store.ts';
import { useLink } from './use-link.ts';

/** Models from GGUF files: chosen or dropped, looked at, rewritten for this device, and how that came out. */
@customElement('sill-import-view')
export class SillImportView extends SillElement {
  static override styles = [
    shared,
    viewStyles,
    fields,
    css`
      section,
      ul {
        display: grid;
        gap: var(--sill-space-16);
      }
      .address {
        display: flex;
        flex-wrap: wrap;
        align-items: end;
        gap: var(--sill-space-12);
        margin-top: var(--sill-space-8);
      }
      .address .field {
        flex: 1 1 16rem;
      }
      summary {
        cursor: pointer;
        width: fit-content;
        font-size: var(--wa-font-size-s);
      }
    `,
  ];

  @state() private address = '';
  readonly #own = new OwnStore(this, (sill) => new ImportsStore(sill));

  override render() {
    return html`
      ${viewHead('import')}
      <div class="sections">${this.#own.store ? this.#content(this.#own.store) : nothing}</div>
    `;
  }

  #content(store: ImportsStore) {
    const { looked, error, report, looking, fetching } = store;
    const { unfinished = [], finished = [] } = report ?? {};
    return html`
      <section aria-label=${msg('Choose a file')}>
        <sill-file-drop
          label=${msg('Choose a GGUF file')}
          accept=".gguf"
          multiple
          remembered
          ?disabled=${looking}
          @sill-handles=${(event: CustomEvent<FileHandle[]>) => store.look(event.detail)}
          @sill-files=${(event: CustomEvent<File[]>) => store.look(event.detail)}
        >
          ${msg('Of a file in parts, all at once.')}
        </sill-file-drop>
        <details>
          <summary>${msg('From an address on this site')}</summary>
          <form class="address" @submit=${(event: Event) => this.#onAddress(event, store)}>
            <div class="field">
              <label for="address">${msg('Address of the file')}</label>
              <input
                id="address"
                type="text"
                autocomplete="off"
                spellcheck="false"
                placeholder="files/model.gguf"
                .value=${this.address}
                @input=${this.#onInput}
              />
            </div>
            <wa-button type="submit" size="s" appearance="outlined" ?disabled=${looking || this.address.trim() === ''}>${msg('Look at it')}</wa-button>
          </form>
        </details>
        ${looking || fetching ? this.#looking(store) : nothing}
        ${error ? html`<sill-error .error=${error}></sill-error>` : nothing}
        ${
          looked
            ? html`
                <sill-found-file
                  .inspection=${looked.inspection}
                  ?busy=${store.beginning}
                  @sill-import=${(event: CustomEvent<string>) => store.begin(event.detail)}
                  @sill-dismiss=${() => store.dismiss()}
                ></sill-found-file>
              `
            : nothing
        }
        ${store.done === undefined ? nothing : this.#done(store.done, store)}
      </section>
      ${
        unfinished.length > 0
          ? html`
              <section aria-labelledby="unfinished">
                <h2 id="unfinished">${msg('Under way')}</h2>
                <ul>
                  ${repeat(
                    unfinished,
                    ({ id, variant }) => `${id} ${variant}`,
                    (summary) => html`<li><sill-import-card .summary=${summary} .store=${store}></sill-import-card></li>`,
                  )}
                </ul>
              </section>
            `
          : nothing
      }
      ${finished.length > 0 ? this.#finished(finished, store) : nothing}
    `;
  }

  /** What lies at an address is fetched first: minutes, and a person may have meant another one. */
  #looking({ fetching, dismiss }: ImportsStore) {
    if (!fetching) return html`<p class="quiet" role="status">${msg('Looking at what is inside…')}</p>`;
    return html`
      <sill-progress label=${msg('Fetching the file')} .fraction=${importFraction(fetching)} .words=${importWords(fetching)}>
        ${namedButton(msg('Cancel'), msg('Do not fetch the file'), dismiss)}
      </sill-progress>
    `;
  }

  #done(id: string, store: ImportsStore) {
    const model = store.models.find((each) => each.id === id);
    return html`
      <p role="status">${msg('It is ready: the model is in the list, and runs without a network.')} ${model ? useLink(model) : nothing}</p>
    `;
  }

  #finished(records: readonly ImportRecord[], store: ImportsStore) {
    return html`
      <section aria-labelledby="finished">
        <h2 id="finished">${msg('How they came out')}</h2>
        <ul>
          ${repeat(
            records,
            ({ revision }) => revision,
            (record) => {
              const model = store.models.find(({ id }) => id === record.id);
              return html`
                <li>
                  <sill-quality-report
                    .record=${record}
                    .model=${model}
                    name=${model?.name ?? record.id}
                  ></sill-quality-report>
                </li>
              `;
            },
          )}
        </ul>
      </section>
    `;
  }

  #onInput(event: Event): void {
    if (event.target instanceof HTMLInputElement) this.address = event.target.value;
  }

  #onAddress(event: Event, store: ImportsStore): void {
    event.preventDefault();
    if (this.address.trim() !== '') void store.look(this.address.trim());
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-import-view': SillImportView;
  }
}
