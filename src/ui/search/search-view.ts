import '../elements/error-note.ts';
import { noteUse } from '../used-models.ts';
import '../elements/file-drop.ts';
import '../elements/model-needed.ts';
import '../elements/model-picker.ts';
import '../elements/progress-line.ts';
import './document-list.ts';
import './hit-list.ts';
import './text-entry.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/input/input.js';
import { ContextConsumer } from '@lit/context';
import { msg, str } from '@lit/localize';
import { Task } from '@lit/task';
import { html, nothing } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { type SillError, toSillError } from '../../core/errors.ts';
import type { SearchHit } from '../../protocol/engineReports.ts';
import type { ModelSummary } from '../../protocol/modelReports.ts';
import type { Sill } from '../../protocol/sill.ts';
import { isComposing } from '../composing.ts';
import { activityContext, sillContext } from '../context.ts';
import { SillElement } from '../element.ts';
import { named } from '../elements/named.ts';
import { Undo } from '../elements/undo.ts';
import { formatBytes, formatDuration, formatNumber, plural } from '../format.ts';
import { KioskController } from '../kiosk-controller.ts';
import { ModelChoice } from '../model-choice.ts';
import { ModelsController } from '../models-controller.ts';
import { shared, viewStyles } from '../styles/shared.ts';
import { viewHead } from '../view-head.ts';
import { Indexing, type IndexingStep, type Refused } from './indexing.ts';
import { searchViewStyles } from './search-view.styles.ts';
import { MAX_DOCUMENT_BYTES, TEXT_FILES } from './text-file.ts';

const TASK = 'feature-extraction';
const HITS = 10;

/** Finds passages by what they mean, in documents that never leave the device. */
@customElement('sill-search-view')
export class SillSearchView extends SillElement {
  static override styles = [shared, viewStyles, searchViewStyles];

  /** Counts changes of the documents, so that the list is asked for again. */
  @state() private changes = 0;
  @state() private failure: SillError | undefined;
  @query('wa-input') private field!: HTMLElement & { value: string | null };

  readonly #models = new ModelsController(this);
  readonly #undo = new Undo(this);
  readonly #kiosk = new KioskController(this);
  readonly #choice = new ModelChoice(this, 'search');
  readonly #indexing = new Indexing(this);
  readonly #activity = new ContextConsumer(this, { context: activityContext });
  readonly #sill = new ContextConsumer(this, { context: sillContext, subscribe: true, callback: (sill) => this.#watch(sill) });
  #unwatch: (() => void) | undefined;

  readonly #documents = new Task(this, {
    task: async ([sill, model, _changes]) => (sill && model ? sill.documents.list({ model }) : undefined),
    args: () => [this.#sill.value, this.#model?.id, this.changes] as const,
  });
  readonly #search = new Task(this, {
    autoRun: false,
    task: async ([sill, model, text]: readonly [Sill, string, string], { signal }) => {
      noteUse(model);
      const startedAt = performance.now();
      const hits = await sill.documents.search({ model, query: text, top: HITS }, { signal });
      return { hits, seconds: (performance.now() - startedAt) / 1000 };
    },
  });

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener('paste', this.#onPaste);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener('paste', this.#onPaste);
    this.#unwatch?.();
    this.#unwatch = undefined;
  }

  get #model(): ModelSummary | undefined {
    return this.#choice.of(this.#models.store?.installed(TASK) ?? []);
  }

  override render() {
    return html`
      ${viewHead('search')}
      ${this.#model ? this.#room(this.#model) : html`<sill-model-needed task=${TASK} icon="search"></sill-model-needed>`}
    `;
  }

  #room(model: ModelSummary) {
    const documents = this.#documents.value ?? [];
    return html`
      <div class="room">
        <div class="stack">
          <form class="query" role="search" @submit=${this.#onSearch}>
            <wa-input data-view-search type="search" label=${msg('What are you looking for?')} @keydown=${this.#onKeydown}>
              <wa-icon slot="start" name="search"></wa-icon>
            </wa-input>
            <wa-button variant="brand" ?disabled=${documents.length === 0} @click=${this.#onSearch}>${msg('Search')}</wa-button>
          </form>
          <div aria-live="polite">
            ${this.#search.render({
              initial: () =>
                html`<p class="quiet">${documents.length === 0 ? (this.#kiosk.locked ? msg('No document is here to search in. The staff of this device adds them.') : msg('Add a document first, then ask for what it says.')) : msg('Ask in your own words, for example a question.')}</p>`,
              pending: () => html`<p class="quiet">${msg('Searching…')}</p>`,
              complete: (found) => this.#found(found),
              error: (error) => html`<sill-error .error=${toSillError(error)}></sill-error>`,
            })}
          </div>
        </div>
        <section class="card stack" aria-label=${msg('Your documents')}>
          <h2>${msg('Your documents')}</h2>
          ${this.#kiosk.locked ? nothing : this.#adding()} ${this.#indexing.running ? this.#progress(this.#indexing.step) : nothing}
          ${this.#indexing.refused.map((refused) => this.#refused(refused))}
          ${this.#documents.render({ error: (error) => html`<sill-error .error=${toSillError(error)}></sill-error>` })}
          ${this.failure ? html`<sill-error .error=${this.failure}></sill-error>` : nothing}
          <sill-document-list .documents=${documents} ?fixed=${this.#kiosk.locked} @sill-remove=${this.#onRemove}></sill-document-list>
          <sill-model-picker .models=${this.#models.store?.installed(TASK) ?? []} value=${model.id} @sill-model=${this.#onModel}></sill-model-picker>
        </section>
      </div>
    `;
  }

  #adding() {
    return html`
      <sill-file-drop multiple accept=${TEXT_FILES} label=${msg('Choose text files')} @sill-files=${this.#onFiles}>
        ${msg(str`Text, Markdown, CSV, JSON or HTML, up to ${formatBytes(MAX_DOCUMENT_BYTES)} each.`)}
      </sill-file-drop>
      <sill-text-entry @sill-text=${(event: CustomEvent<string>) => this.#addText(event.detail)}></sill-text-entry>
    `;
  }

  #found({ hits, seconds }: { readonly hits: readonly SearchHit[]; readonly seconds: number }) {
    if (hits.length === 0) return html`<p class="quiet">${msg('Nothing was found. Try other words, or add more documents.')}</p>`;
    return html`
      <p class="quiet small figures found">${plural(
        hits.length,
        msg(str`1 passage in ${formatDuration(seconds)}`),
        msg(str`${hits.length} passages in ${formatDuration(seconds)}`),
      )}</p>
      <sill-hit-list .hits=${hits}></sill-hit-list>
    `;
  }

  #progress(step: IndexingStep | undefined) {
    const { name = '', donePassages = 0, totalPassages = 0, waiting = 0, passagesPerSecond } = step ?? {};
    const words = [
      totalPassages > 0
        ? plural(
            totalPassages,
            msg(str`${name}: ${formatNumber(donePassages)} of 1 passage`),
            msg(str`${name}: ${formatNumber(donePassages)} of ${formatNumber(totalPassages)} passages`),
          )
        : msg(str`Reading ${name}`),
      ...(passagesPerSecond === undefined ? [] : [msg(str`${formatNumber(passagesPerSecond, 1)} per second`)]),
      ...(waiting > 0 ? [msg(str`${waiting} more waiting`)] : []),
    ];
    return html`
      <sill-progress
        label=${msg('Adding documents')}
        .fraction=${totalPassages > 0 ? donePassages / totalPassages : undefined}
        .words=${words.join(' · ')}
      >
        <wa-button size="s" appearance="outlined" @click=${() => this.#indexing.stop()}>${named(msg('Stop'), msg('Stop adding documents'))}</wa-button>
      </sill-progress>
    `;
  }

  #refused({ name, reason }: Refused) {
    if (typeof reason !== 'string') return html`<sill-error .error=${reason}></sill-error>`;
    const words = {
      'too-large': msg(str`${name} is larger than ${formatBytes(MAX_DOCUMENT_BYTES)}. Split it and add the parts.`),
      'not-text': msg(str`${name} is not a text file. Save it as text and add that.`),
      empty: msg(str`${name} holds no text.`),
    }[reason];
    return html`<p class="refused" role="alert"><wa-icon name="warning"></wa-icon>${words}</p>`;
  }

  #watch(sill: Sill | undefined): void {
    this.#unwatch?.();
    this.#unwatch = sill?.watch((event) => {
      if (event.type === 'documents') this.changes++;
    });
  }

  #onModel(event: CustomEvent<string>): void {
    this.#choice.choose(event.detail);
  }

  #onFiles(event: CustomEvent<readonly File[]>): void {
    this.#addFiles(event.detail);
  }

  /** Anywhere in the view but in a field, where pasting means the field. */
  readonly #onPaste = (event: ClipboardEvent): void => {
    const inField = event.composedPath().some((target) => target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement);
    if (this.hidden || inField || !this.#model || this.#kiosk.locked) return;
    const files = [...(event.clipboardData?.files ?? [])];
    const text = event.clipboardData?.getData('text/plain') ?? '';
    if (files.length > 0) this.#addFiles(files);
    else if (text.trim() !== '') this.#addText(text);
    else return;
    event.preventDefault();
  };

  #addFiles(files: readonly File[]): void {
    const [sill, activity, model] = [this.#sill.value, this.#activity.value, this.#model];
    if (sill && activity && model) void this.#indexing.addFiles(sill, activity, model.id, files);
  }

  #addText(text: string): void {
    const [sill, activity, model] = [this.#sill.value, this.#activity.value, this.#model];
    const firstLine = text.trim().split('\n', 1)[0]?.slice(0, 40) ?? '';
    if (sill && activity && model) void this.#indexing.addText(sill, activity, model.id, msg(str`Pasted: ${firstLine}`), text);
  }

  async #onRemove(event: CustomEvent<string>): Promise<void> {
    this.failure = undefined;
    try {
      const sill = this.#sill.value;
      const id = event.detail;
      const name = this.#documents.value?.find((document) => document.id === id)?.name ?? '';
      const copy = await sill?.documents.copy(id);
      await sill?.documents.remove(id);
      if (!sill || !copy) return;
      this.#undo.offer(
        () => msg(str`${name} was removed.`),
        () => sill.data.import(copy),
      );
    } catch (error) {
      this.failure = toSillError(error);
    }
  }

  #onKeydown(event: KeyboardEvent): void {
    if (event.key === 'Enter' && !isComposing(event)) this.#onSearch(event);
  }

  #onSearch(event: Event): void {
    event.preventDefault();
    const [sill, model, text] = [this.#sill.value, this.#model, this.field.value?.trim()];
    if (sill && model && text) void this.#search.run([sill, model.id, text]);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-search-view': SillSearchView;
  }
}
