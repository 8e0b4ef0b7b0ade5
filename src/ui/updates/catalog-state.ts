import '../elements/error-note.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { SillElement } from '../element.ts';
import { ofCatalog } from '../errors.ts';
import { formatDate } from '../format.ts';
import { marks } from '../styles/marks.ts';
import { shared } from '../styles/shared.ts';
import { UpdatesController } from '../updates-controller.ts';

/** How fresh the list of models is, and what follows where it is not. */
@customElement('sill-catalog-state')
export class SillCatalogState extends SillElement {
  static override styles = [
    shared,
    marks,
    css`
      .stack {
        gap: var(--sill-space-12);
      }
      .lines {
        flex: 1 1 16rem;
      }
    `,
  ];

  readonly #updates = new UpdatesController(this);

  override render() {
    const store = this.#updates.store;
    const report = store?.status?.lastReport;
    const failure = store?.error ?? store?.status?.lastError;
    return html`
      <section class="card stack" aria-label=${msg('List of models')}>
        <div class="row spread">
          <div class="lines">
            <p>
              ${report?.checkedAtMs === undefined ? msg('The list of models was not read yet.') : msg(str`The list of models was read on ${formatDate(report.checkedAtMs)}.`)}
            </p>
            ${
              report?.expiresAtMs !== undefined && !report.stale
                ? html`<p class="small quiet">${msg(str`Its signatures hold until ${formatDate(report.expiresAtMs)}.`)}</p>`
                : nothing
            }
          </div>
          <wa-button variant="brand" size="s" ?loading=${store?.checking} @click=${() => store?.check()}>${msg('Check now')}</wa-button>
        </div>
        ${
          report?.stale && failure?.code !== 'stale_catalog'
            ? html`<p class="note warn">
                <wa-icon name="warning"></wa-icon>
                <span>
                  ${report.expiresAtMs === undefined ? msg('It is out of date.') : msg(str`It has been out of date since ${formatDate(report.expiresAtMs)}.`)}
                  ${msg('Nothing new is accepted until its publisher signs it again, since somebody could be holding news back. What is installed keeps working.')}
                </span>
              </p>`
            : nothing
        }
        ${failure ? html`<sill-error mild .error=${ofCatalog(failure)}></sill-error>` : nothing}
      </section>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-catalog-state': SillCatalogState;
  }
}
