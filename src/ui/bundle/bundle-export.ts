import '../elements/error-note.ts';
import { ContextConsumer } from '@lit/context';
import { msg, str } from '@lit/localize';
import { Task, TaskStatus } from '@lit/task';
import { html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { toSillError } from '../../core/errors.ts';
import type { ModelSummary } from '../../protocol/modelReports.ts';
import { sillContext } from '../context.ts';
import { SillDialogElement } from '../elements/dialog-element.ts';
import { saveFile } from '../elements/saveFile.ts';
import { formatBytes, formatNumber } from '../format.ts';
import { agreement } from '../styles/dialog.ts';
import { shared } from '../styles/shared.ts';
import { bundleDialogStyles } from './bundle-dialog.styles.ts';

/** The largest file of FAT32, which is what most sticks come with. */
const FAT32_BYTES = 2 ** 32 - 1;

/** Installed models into a file: which ones, how large, and in parts where the stick needs it. */
@customElement('sill-bundle-export')
export class SillBundleExport extends SillDialogElement {
  static override styles = [shared, agreement, bundleDialogStyles];

  /** Those that are installed. */
  @property({ attribute: false }) models: readonly ModelSummary[] = [];
  @state() private left: ReadonlySet<string> = new Set();
  @state() private inParts = false;

  readonly #sill = new ContextConsumer(this, { context: sillContext, subscribe: true });
  readonly #saving = new Task(this, {
    autoRun: false,
    task: async ([ids]: readonly [readonly string[]], { signal }) => {
      const files = await this.#sill.value?.models.exportVolumes(ids, { signal, ...(this.inParts ? { volumeBytes: FAT32_BYTES } : {}) });
      for (const file of files ?? []) saveFile(file.name, file.blob);
      this.shut();
      return files;
    },
  });

  get #chosen(): readonly ModelSummary[] {
    return this.models.filter(({ id }) => !this.left.has(id));
  }

  protected override render() {
    return html`
      <wa-button size="s" appearance="outlined" @click=${this.#show}>
        <wa-icon slot="start" name="download"></wa-icon>${msg('Export to a file')}
      </wa-button>
      ${this.#saving.render({
        complete: (files) =>
          files
            ? html`<p class="small quiet" role="status">${
                files.length === 1
                  ? msg(str`Saved to your downloads: ${files[0]?.name ?? ''}.`)
                  : msg(str`Saved to your downloads: ${formatNumber(files.length)} files. Keep them together.`)
              }</p>`
            : nothing,
        error: (error) => (this.open ? nothing : html`<sill-error .error=${toSillError(error)}></sill-error>`),
      })}
      ${super.render()}
    `;
  }

  protected override dialog() {
    const sizeBytes = this.#chosen.reduce((sum, { installed }) => sum + (installed?.sizeBytes ?? 0), 0);
    const busy = this.#saving.status === TaskStatus.PENDING;
    return html`
      <wa-dialog label=${msg('Export to a file')} ?open=${this.open} @wa-after-hide=${this.afterHide}>
        <div class="stack">
          <p>${msg('For devices without a network. They check the signature, so that it does not matter how the file gets there.')}</p>
          <ul class="models">
            ${this.models.map(
              (model) => html`
                <li>
                  <label class="choice">
                    <input type="checkbox" .checked=${live(!this.left.has(model.id))} @change=${() => this.#toggle(model.id)} />
                    <span>${model.name}</span>
                    <span class="figures quiet">${formatBytes(model.installed?.sizeBytes ?? 0)}</span>
                  </label>
                </li>
              `,
            )}
          </ul>
          ${
            sizeBytes > FAT32_BYTES / 2
              ? html`<label class="choice">
                  <input type="checkbox" .checked=${live(this.inParts)} @change=${() => (this.inParts = !this.inParts)} />
                  <span>${msg('In parts of at most 4 GB, for sticks with FAT32')}</span>
                </label>`
              : nothing
          }
          ${this.#saving.render({ error: (error) => html`<sill-error .error=${toSillError(error)}></sill-error>` })}
        </div>
        <wa-button slot="footer" appearance="plain" @click=${this.shut}>${msg('Cancel')}</wa-button>
        <wa-button slot="footer" variant="brand" ?disabled=${this.#chosen.length === 0} ?loading=${busy} @click=${this.#save}>
          ${msg(str`Save ${formatBytes(sizeBytes)}`)}
        </wa-button>
      </wa-dialog>
    `;
  }

  #show(): void {
    this.left = new Set();
    void this.reveal();
  }

  #toggle(id: string): void {
    const left = new Set(this.left);
    if (!left.delete(id)) left.add(id);
    this.left = left;
  }

  #save(): void {
    void this.#saving.run([this.#chosen.map(({ id }) => id)]);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-bundle-export': SillBundleExport;
  }
}
