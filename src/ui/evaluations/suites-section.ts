import '../elements/error-note.ts';
import '../elements/file-drop.ts';
import './suite-editor.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import * as v from 'valibot';
import { unreadableFile } from '../../core/carriedFile.ts';
import { SUITE_CAP_CHARS } from '../../core/ownSuite.ts';
import type { SuiteSummary } from '../../protocol/evaluations.ts';
import { Attempts } from '../attempts.ts';
import { SillElement } from '../element.ts';
import { saveFile } from '../elements/saveFile.ts';
import { Undo } from '../elements/undo.ts';
import { formatBytes } from '../format.ts';
import { readPreference, writePreference } from '../preferences.ts';
import { marks } from '../styles/marks.ts';
import { shared } from '../styles/shared.ts';
import { caseCount, suiteName } from './evaluation-words.ts';
import type { Draft } from './suite-editor.ts';

const DRAFT = 'suite-draft';
/** A longer draft lives as long as the page: what remembers it is small. */
const KEPT_DRAFT_CHARS = 400_000;
const DraftSchema = v.nullable(v.object({ name: v.string(), text: v.string(), replaces: v.exactOptional(v.string()) }));

/** An example that any model that writes English can be asked. */
const EXAMPLE = [
  '{"id": "begins", "prompt": "Once upon a time", "assert": [{"type": "regex", "value": "^[ -~\\\\n]+$"}, {"type": "icontains", "value": "the", "weight": 2}], "threshold": 0.6}',
  '{"id": "foretells", "prompt": "Once upon a time, there was a little girl who lived in a small house.", "assert": [{"type": "perplexity", "threshold": 20}]}',
  '',
].join('\n');

/**
 * Suites: those of publishers to look at, one's own to write, edit, bring in and take out. A draft outlives a reload; nothing of it is lost by a
 * line that cannot be read.
 */
@customElement('sill-suites-section')
export class SillSuitesSection extends SillElement {
  static override styles = [
    shared,
    marks,
    css`
      .stack {
        grid-template-columns: minmax(0, 1fr);
      }
      li {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: var(--sill-space-4) var(--sill-space-16);
        padding: var(--sill-space-8) var(--sill-space-20);
        min-height: 44px;
      }
      li + li {
        border-top: 1px solid var(--wa-color-surface-border);
      }
      .list {
        padding: 0;
      }
      .name {
        font-weight: 600;
        overflow-wrap: anywhere;
      }
    `,
  ];

  @property({ attribute: false }) suites: readonly SuiteSummary[] = [];
  @property({ attribute: false }) names: ReadonlyMap<string, string> = new Map();
  @state() private draft: Draft | undefined = readPreference(DRAFT, DraftSchema, null) ?? undefined;
  @state() private saving = false;

  readonly #attempts = new Attempts(this);
  readonly #undo = new Undo(this);

  override render() {
    return html`
      <section class="stack" aria-labelledby="suites">
        <div class="row spread">
          <h2 id="suites">${msg('Suites')}</h2>
          <wa-button size="s" appearance="outlined" ?disabled=${this.draft !== undefined && !this.draft.readOnly} @click=${() => this.#become({ name: '', text: EXAMPLE })}>
            <wa-icon slot="start" name="plus"></wa-icon>${msg('Write a suite')}
          </wa-button>
        </div>
        ${this.suites.length === 0 ? html`<p class="card quiet">${msg('No suite is here yet. Models bring one with them where their publisher wrote one.')}</p>` : html`<ul class="card list" aria-label=${msg('Suites')}>${this.suites.map((suite) => this.#row(suite))}</ul>`}
        ${
          this.draft
            ? html`<sill-suite-editor
                .draft=${this.draft}
                .error=${this.#attempts.failure}
                .taken=${this.suites.flatMap(({ id, by }) => (by === 'person' ? [id] : []))}
                ?saving=${this.saving}
                @sill-draft=${(event: CustomEvent<Draft>) => this.#become(event.detail)}
                @sill-save=${this.#save}
                @sill-close=${this.#close}
                @sill-copy=${this.#copy}
              ></sill-suite-editor>`
            : this.#attempts.failure
              ? html`<sill-error .error=${this.#attempts.failure.toData()}></sill-error>`
              : nothing
        }
        <sill-file-drop label=${msg('Choose a suite')} accept=".jsonl,.ndjson,.json,.txt" ?disabled=${this.draft !== undefined && !this.draft.readOnly} @sill-files=${this.#onFiles}>
          ${msg('A file with one case in each line. It opens here first, and is kept when you save it.')}
        </sill-file-drop>
      </section>
    `;
  }

  #row(suite: SuiteSummary) {
    const name = suiteName(suite.id, this.names);
    const own = suite.by === 'person';
    return html`
      <li>
        <span class="row">
          <span class="name">${name}</span>
          <span class="small quiet">${caseCount(suite.cases)}</span>
          ${suite.faults.length > 0 ? html`<span class="mark warn">${msg('has faults')}</span>` : nothing}
          ${own ? nothing : html`<span class="mark">${msg('signed')}</span>`}
        </span>
        <span class="row">
          <wa-button size="s" appearance="plain" ?disabled=${this.draft !== undefined && !this.draft.readOnly} @click=${() => this.#open(suite)}>
            <wa-icon slot="start" name=${own ? 'write' : 'eye'}></wa-icon>${own ? msg('Edit') : msg('Look')}<span class="visually-hidden">${name}</span>
          </wa-button>
          <wa-button size="s" appearance="plain" @click=${() => this.#export(suite)}><wa-icon name="download" label=${msg(str`Save ${name} to a file`)}></wa-icon></wa-button>
          ${own ? html`<wa-button size="s" appearance="plain" @click=${() => this.#remove(suite)}><wa-icon name="trash" label=${msg(str`Remove ${name}`)}></wa-icon></wa-button>` : nothing}
        </span>
      </li>
    `;
  }

  #become(draft: Draft | undefined): void {
    this.draft = draft;
    this.#attempts.forget();
    // `null` where there is none: the next visit finds no draft.
    if (!draft?.readOnly) writePreference(DRAFT, draft && draft.text.length <= KEPT_DRAFT_CHARS ? draft : null);
  }

  #open(suite: SuiteSummary): Promise<void> {
    return this.#attempts.make(async ({ evaluations }) => {
      const { text } = await evaluations.suite(suite.id);
      const name = suiteName(suite.id, this.names);
      this.#become(suite.by === 'person' ? { name, text, replaces: suite.id } : { name, text, readOnly: true });
    });
  }

  #export({ id }: SuiteSummary): Promise<void> {
    return this.#attempts.make(async ({ evaluations }) => {
      const { text } = await evaluations.suite(id);
      saveFile(`${id.replace(/[^\p{L}\p{N}._-]+/gu, '-')}.jsonl`, new Blob([text], { type: 'application/jsonl' }));
    });
  }

  #remove({ id }: SuiteSummary): Promise<void> {
    return this.#attempts.make(async ({ evaluations }) => {
      const { text } = await evaluations.suite(id);
      await evaluations.removeSuite(id);
      this.#undo.offer(
        () => msg(str`${id} was removed.`),
        () => evaluations.save({ name: id, text }),
      );
    });
  }

  /** What was written and not saved is gone with the editor, and back with it. */
  #close(): void {
    const { draft } = this;
    this.#become(undefined);
    if (!draft || draft.readOnly || draft.text.trim() === '' || draft.text === EXAMPLE) return;
    this.#undo.offer(
      () => msg('The draft was discarded.'),
      async () => this.#become(draft),
    );
  }

  readonly #copy = (): void => {
    if (this.draft) this.#become({ name: '', text: this.draft.text });
  };

  readonly #save = async (): Promise<void> => {
    const { draft } = this;
    if (!draft) return;
    this.saving = true;
    await this.#attempts.make(async ({ evaluations }) => {
      const { name, text, replaces } = draft;
      const saved = await evaluations.save({ name, text, ...(replaces === undefined ? {} : { replaces }) });
      this.#become(undefined);
      this.emit('sill-saved', saved.id);
    });
    this.saving = false;
  };

  readonly #onFiles = async (event: CustomEvent<File[]>): Promise<void> => {
    const [file] = event.detail;
    if (!file) return;
    await this.#attempts.make(async () => {
      // Read whole; what is larger is no suite, and would hold up the page.
      if (file.size > SUITE_CAP_CHARS)
        throw unreadableFile(
          'suite',
          'too_large',
          `${file.name} is larger than a suite may be (${formatBytes(SUITE_CAP_CHARS)}). Cut it into several.`,
        );
      this.#become({ name: file.name.replace(/\.[a-z]+$/i, '').slice(0, 80), text: await file.text() });
    });
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-suites-section': SillSuitesSection;
  }
}
