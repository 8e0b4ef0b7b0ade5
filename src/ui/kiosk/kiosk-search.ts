import '../search/hit-list.ts';
import { msg } from '@lit/localize';
import { Task, TaskStatus } from '@lit/task';
import { css, html } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { toSillError } from '../../core/errors.ts';
import type { Sill } from '../../protocol/sill.ts';
import type { Activity } from '../activity.ts';
import { SillElement } from '../element.ts';
import { errorWords } from '../errors.ts';
import { shared } from '../styles/shared.ts';
import { kioskControls, kioskType } from './kiosk.styles.ts';
import { kioskTask } from './kiosk-task.styles.ts';
import { taskWordsOf } from './kiosk-words.ts';
import { reportAnswer } from './report-answer.ts';

const HITS = 5;

/**
 * Finds passages in the documents that the staff put on the device.
 *
 * @fires sill-kiosk-answer as `sill-kiosk-chat`
 */
@customElement('sill-kiosk-search')
export class SillKioskSearch extends SillElement {
  static override styles = [
    shared,
    kioskType,
    kioskControls,
    kioskTask,
    css`
      @media (max-width: 30rem) {
        .ask {
          grid-template-columns: minmax(0, 1fr);
        }
      }
    `,
  ];

  @property({ attribute: false }) sill!: Sill;
  @property({ attribute: false }) activity!: Activity;
  @property() model = '';
  @query('input') private field!: HTMLInputElement | null;
  readonly #search = new Task(this, {
    autoRun: false,
    task: async ([query]: readonly [string], { signal }) => {
      const hits = await this.activity.during(() => this.sill.documents.search({ model: this.model, query, top: HITS }, { signal }));
      reportAnswer(this, undefined);
      return hits;
    },
    onError: (error) => reportAnswer(this, toSillError(error)),
  });

  protected override firstUpdated(): void {
    this.field?.focus({ preventScroll: true });
  }

  override render() {
    return html`
      <form class="ask" role="search" @submit=${this.#onSubmit}>
        <input
          type="search"
          autocomplete="off"
          spellcheck="false"
          maxlength="500"
          aria-label=${msg('What are you looking for?')}
          placeholder=${taskWordsOf('search').invitation}
        />
        <button class="main" ?disabled=${this.#search.status === TaskStatus.PENDING}>${msg('Search')}</button>
      </form>
      <div class="outcome" aria-live="polite" tabindex="0" role="region" aria-label=${msg('Passages found')}>
        ${this.#search.render({
          pending: () => html`<p>${msg('Searching…')}</p>`,
          complete: (hits) =>
            hits.length === 0
              ? html`<p>${msg('Nothing was found. Try other words.')}</p>`
              : html`<sill-hit-list .hits=${hits}></sill-hit-list>`,
          error: (error) => html`<p role="alert"><strong>${errorWords(toSillError(error)).title}.</strong></p>`,
        })}
      </div>
    `;
  }

  #onSubmit(event: SubmitEvent): void {
    event.preventDefault();
    const query = this.field?.value.trim();
    if (query) void this.#search.run([query]);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-kiosk-search': SillKioskSearch;
  }
}
