import '../elements/error-note.ts';
import '../elements/model-install.ts';
import { ContextConsumer } from '@lit/context';
import { msg, str } from '@lit/localize';
import { Task } from '@lit/task';
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { AttachedFile } from '../../core/chat/attachment.ts';
import type { DocumentSummary } from '../../protocol/engineReports.ts';
import type { ModelSummary } from '../../protocol/modelReports.ts';
import type { Sill } from '../../protocol/sill.ts';
import { sillContext } from '../context.ts';
import { SillElement } from '../element.ts';
import { formatBytes, formatNumber } from '../format.ts';
import { ModelsController } from '../models-controller.ts';
import { routeHref } from '../routes.ts';
import { marks } from '../styles/marks.ts';
import { shared } from '../styles/shared.ts';
import { tools } from '../styles/tools.ts';
import { MAX_ATTACHED_BYTES, MOST_FILES, type RefusedFile } from './attaching.ts';
import { EMBEDDING, embedderOf } from './finding.ts';

/**
 * What the next message is about, and what is missing for it.
 *
 * @fires sill-detach with a file's id as detail
 * @fires sill-documents with false as detail: they are not looked through any more
 */
@customElement('sill-chat-about')
export class SillChatAbout extends SillElement {
  static override styles = [
    shared,
    marks,
    tools,
    css`
      .about {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--sill-space-8);
      }
      ul {
        display: flex;
        flex-wrap: wrap;
        gap: var(--sill-space-6);
      }
      li {
        display: inline-flex;
        align-items: center;
        gap: var(--sill-space-6);
        max-width: 100%;
        padding-inline-start: var(--sill-space-10);
        border: 1px solid var(--wa-color-surface-border);
        border-radius: var(--sill-radius);
        background: var(--wa-color-surface-default);
        font-size: var(--wa-font-size-s);
      }
      li > wa-icon {
        flex: none;
        color: var(--wa-color-text-quiet);
      }
      .figures {
        flex: none;
      }
      .name {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      /* In one line, or what was said would be behind them. */
      @media (max-width: 50rem) {
        ul {
          flex-wrap: nowrap;
          overflow-x: auto;
        }
        li {
          flex: none;
          max-width: 80%;
        }
      }
    `,
  ];

  @property({ attribute: false }) files: readonly AttachedFile[] = [];
  /** The documents of this device are looked through. */
  @property({ type: Boolean }) documents = false;
  /** The files are longer than what goes in whole: passages of them have to be found. */
  @property({ type: Boolean }) long = false;
  @property({ attribute: false }) refused: readonly RefusedFile[] = [];
  /** Counts changes of the documents, so that the list is asked for again. */
  @state() private changes = 0;

  readonly #models = new ModelsController(this);
  readonly #sill = new ContextConsumer(this, { context: sillContext, subscribe: true, callback: (sill) => this.#watch(sill) });
  readonly #list = new Task(this, {
    task: async ([sill, model, isWanted, _changes]) => (sill && model && isWanted ? sill.documents.list({ model }) : undefined),
    args: () => [this.#sill.value, this.#embedder?.id, this.documents, this.changes] as const,
  });
  #unwatch: (() => void) | undefined;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#unwatch?.();
    this.#unwatch = undefined;
  }

  get #embedder(): ModelSummary | undefined {
    return embedderOf((this.#models.store?.byTask(EMBEDDING) ?? []).filter(({ installed }) => installed));
  }

  override render() {
    const { files, documents, refused } = this;
    if (files.length === 0 && !documents && refused.length === 0) return nothing;
    return html`
      <div class="about">
        ${
          files.length > 0 || documents
            ? html`<ul aria-label=${msg('The next message is about')}>
                ${files.map(({ id, name, text }) => this.#chip('file', name, formatBytes(new Blob([text]).size), () => this.emit('sill-detach', id)))}
                ${documents ? this.#chip('search', msg('My documents'), this.#count(), () => this.emit('sill-documents', false)) : nothing}
              </ul>`
            : nothing
        }
        ${refused.map((file) => html`<p class="note warn" role="alert"><wa-icon name="warning"></wa-icon><span>${refusalWords(file)}</span></p>`)}
        ${this.#missing()}
      </div>
    `;
  }

  #chip(icon: string, name: string, detail: string, remove: () => void) {
    const label = msg(str`Do not ask about ${name} any more`);
    return html`
      <li>
        <wa-icon name=${icon}></wa-icon><span class="name" title=${name}>${name}</span>
        ${detail ? html`<span class="quiet figures">${detail}</span>` : nothing}
        <button class="tool" aria-label=${label} title=${label} @click=${remove}><wa-icon name="xmark"></wa-icon></button>
      </li>
    `;
  }

  /** Of those that can be found. */
  #count(): string {
    const usable = this.#usable;
    return usable ? formatNumber(usable.length) : '';
  }

  get #usable(): readonly DocumentSummary[] | undefined {
    return this.#list.value?.filter(({ outdated }) => !outdated);
  }

  #missing() {
    const { documents, long } = this;
    if (!this.#embedder) {
      const model = this.#models.store?.byTask(EMBEDDING)[0];
      if (!this.#models.store?.list || !(documents || long)) return nothing;
      return html`
        <p class="note wait">
          <wa-icon name="info"></wa-icon>
          <span>
            ${!long ? msg('Finding passages in your documents needs a model for search.') : msg('What is attached is too long to be read whole: only its beginning is given. A model for search finds the passages that fit the question.')}
            ${model ? nothing : msg('None is on offer here.')}
          </span>
        </p>
        ${model ? html`<sill-model-install .model=${model}></sill-model-install>` : nothing}
      `;
    }
    if (!documents || !this.#list.value || this.#usable?.length !== 0) return nothing;
    return html`
      <p class="note wait">
        <wa-icon name="info"></wa-icon>
        <span>${msg('There is no document to look through.')} <a href=${routeHref('search')}>${msg('Add some in Search')}</a></span>
      </p>
    `;
  }

  #watch(sill: Sill | undefined): void {
    this.#unwatch?.();
    this.#unwatch = sill?.watch((event) => {
      if (event.type === 'documents') this.changes++;
    });
  }
}

/** Why a file was not attached, and what to do. */
const refusalWords = ({ name, reason }: RefusedFile): string =>
  ({
    'too-large': () => msg(str`${name} is larger than ${formatBytes(MAX_ATTACHED_BYTES)}. Add it in Search, then attach “My documents”.`),
    'not-text': () => msg(str`${name} is not a text file. Save it as text (UTF-8) and attach that.`),
    empty: () => msg(str`${name} holds no text.`),
    'too-many': () => msg(str`${name} was left out: one message brings ${formatNumber(MOST_FILES)} files at most.`),
  })[reason]();

declare global {
  interface HTMLElementTagNameMap {
    'sill-chat-about': SillChatAbout;
  }
}
