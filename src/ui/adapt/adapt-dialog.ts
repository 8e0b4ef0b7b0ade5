import '../elements/error-note.ts';
import './modelfile-editor.ts';
import './try-box.ts';
import { ContextConsumer } from '@lit/context';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { isAbort, type SillError, toSillError } from '../../core/errors.ts';
import type { ModelfileCheck } from '../../protocol/modelfiles.ts';
import type { ModelSummary } from '../../protocol/modelReports.ts';
import { sillContext } from '../context.ts';
import { SillDialogElement } from '../elements/dialog-element.ts';
import { saveFile } from '../elements/saveFile.ts';
import { oneAtATime } from '../one-at-a-time.ts';
import { fields } from '../styles/fields.ts';
import { shared } from '../styles/shared.ts';

const NAME = /^[A-Za-z0-9][\w.-]*(?:\/[A-Za-z0-9][\w.-]*)?$/;

/**
 * Makes a model of another, or changes one that was made: its Modelfile, checked while it is written.
 *
 * @fires sill-made with the name as detail: it is saved
 */
@customElement('sill-adapt-dialog')
export class SillAdaptDialog extends SillDialogElement {
  static override styles = [
    shared,
    fields,
    css`
      wa-dialog {
        --width: 46rem;
      }
      .saved {
        display: flex;
        gap: var(--sill-space-8);
        align-items: center;
        font-size: var(--wa-font-size-s);
      }
      .saved wa-icon {
        color: var(--wa-color-success-on-quiet);
      }
    `,
  ];

  @state() private name = '';
  @state() private text = '';
  /** The one that is changed; undefined for a new one that is not saved yet. */
  @state() private editing: string | undefined;
  /** As it was saved last. */
  @state() private saved: string | undefined;
  @state() private checked: ModelfileCheck | undefined;
  @state() private error: SillError | undefined;
  @state() private saving = false;
  @query('input[type=file]') private file!: HTMLInputElement;

  readonly #sill = new ContextConsumer(this, { context: sillContext, subscribe: true });
  readonly #check = oneAtATime(async () => {
    const { text } = this;
    try {
      const checked = await this.#sill.value?.models.checkModelfile(text);
      if (text === this.text) this.checked = checked;
    } catch (error) {
      if (!isAbort(error)) this.error = toSillError(error);
    }
  });

  /** A new model from this one. */
  create(base: ModelSummary): void {
    this.#begin({
      name: `${base.id.replace(/^.*[:/]/, '')}-${msg('mine')}`,
      text: base.holdsConversations === false ? teller(base.id) : starter(base.id),
    });
  }

  async edit(model: ModelSummary): Promise<void> {
    const text = await this.#sill.value?.models.modelfile(model.id).catch((error: unknown) => {
      this.error = toSillError(error);
      return '';
    });
    this.#begin({ name: model.id, text: text ?? '', editing: model.id });
  }

  #begin({ name, text, editing }: { name: string; text: string; editing?: string }): void {
    [this.name, this.editing, this.error, this.checked] = [name, editing, undefined, undefined];
    this.saved = editing === undefined ? undefined : text;
    this.#setText(text);
    void this.reveal();
  }

  protected override dialog() {
    const heading = this.editing === undefined ? msg('Make a model of your own') : msg(str`Change ${this.editing}`);
    return html`
      <wa-dialog label=${heading} ?open=${this.open} @wa-after-hide=${this.afterHide}>
        ${this.open ? this.#body() : nothing}
        <wa-button slot="footer" appearance="plain" @click=${this.shut}>${msg('Close')}</wa-button>
        <wa-button slot="footer" variant="brand" ?loading=${this.saving} ?disabled=${!this.#canSave} @click=${this.#save}>${msg('Save')}</wa-button>
      </wa-dialog>
    `;
  }

  #body() {
    const isSaved = this.editing !== undefined && this.saved === this.text;
    return html`
      <div class="stack">
        <p class="quiet small">
          ${msg('It shares the weights of the model it is made from, takes no room of its own, and goes along with that one’s updates.')}
        </p>
        <div class="field">
          <label for="name">${msg('Name')}</label>
          <input
            id="name"
            type="text"
            autocomplete="off"
            spellcheck="false"
            ?disabled=${this.editing !== undefined}
            aria-invalid=${NAME.test(this.name) ? 'false' : 'true'}
            aria-describedby=${NAME.test(this.name) ? nothing : 'name-hint'}
            .value=${live(this.name)}
            @input=${this.#onName}
          />
          ${NAME.test(this.name) ? nothing : html`<p class="hint" id="name-hint">${msg('Letters, digits, “-”, “_” and “.”, as in “my-teller”.')}</p>`}
        </div>
        <sill-modelfile-editor
          .text=${this.text}
          .faults=${this.checked?.faults ?? []}
          .notes=${this.checked?.notes ?? []}
          @sill-modelfile=${(event: CustomEvent<string>) => this.#setText(event.detail)}
        ></sill-modelfile-editor>
        ${this.checked?.base?.isInstalled === false ? html`<p class="small" role="status">${msg(str`${this.checked.base.id} is not installed on this device.`)}</p>` : nothing}
        <div class="row">
          <wa-button size="s" appearance="outlined" @click=${() => this.file.click()}>
            <wa-icon slot="start" name="upload"></wa-icon>${msg('Open a file')}
          </wa-button>
          <input type="file" hidden tabindex="-1" aria-label=${msg('Open a Modelfile')} @change=${this.#onFile} />
          <wa-button size="s" appearance="outlined" @click=${this.#export}>
            <wa-icon slot="start" name="download"></wa-icon>${msg('Save as a file')}
          </wa-button>
        </div>
        ${this.error ? html`<sill-error .error=${this.error}></sill-error>` : nothing}
        ${isSaved ? html`<p class="saved" role="status"><wa-icon name="ok"></wa-icon>${msg(str`Saved as ${this.name}.`)}</p>` : nothing}
        ${isSaved ? html`<sill-try-box model=${this.name}></sill-try-box>` : nothing}
      </div>
    `;
  }

  get #canSave(): boolean {
    return (
      NAME.test(this.name) && this.checked?.faults.length === 0 && !this.saving && !(this.editing !== undefined && this.saved === this.text)
    );
  }

  #setText(text: string): void {
    this.text = text;
    void this.#check();
  }

  #onName(event: Event): void {
    this.name = (event.target as HTMLInputElement).value.trim();
  }

  async #onFile(): Promise<void> {
    const file = this.file.files?.[0];
    if (file) this.#setText(await file.text());
    // Choosing the same file again is a change only after this.
    this.file.value = '';
  }

  #export(): void {
    saveFile(`${this.name.replace('/', '-')}.Modelfile`, new Blob([this.text], { type: 'text/plain' }));
  }

  async #save(): Promise<void> {
    const { name, text } = this;
    this.saving = true;
    this.error = undefined;
    try {
      await this.#sill.value?.models.create({ name, modelfile: text });
      [this.editing, this.saved] = [name, text];
      this.emit('sill-made', name);
    } catch (error) {
      this.error = toSillError(error);
    } finally {
      this.saving = false;
    }
  }
}

/** What to begin with: every line says what it is for. */
const starter = (base: string): string => `FROM ${base}

# ${msg('How freely it chooses its words, from 0 to 2.')}
PARAMETER temperature 0.7

# ${msg('What it is told before each conversation.')}
SYSTEM """
${msg('You are a helpful assistant. Answer briefly.')}
"""

# ${msg('How a conversation is written down for a model that has no way of its own:')}
# TEMPLATE """{{ .System }} {{ .Prompt }} {{ .Response }}"""
`;

/** For a model that goes on with a text: what was said becomes that text. */
const teller = (base: string): string => `FROM ${base}

# ${msg('How freely it chooses its words, from 0 to 2.')}
PARAMETER temperature 0.7

# ${msg('How a conversation is written down: here one message after the other, as a text that the model goes on with.')}
TEMPLATE """{{ if .System }}{{ .System }} {{ end }}{{ range .Messages }}{{ .Content }} {{ end }}"""
`;

declare global {
  interface HTMLElementTagNameMap {
    'sill-adapt-dialog': SillAdaptDialog;
  }
}
