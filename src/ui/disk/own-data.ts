import '../elements/error-note.ts';
import '../elements/file-drop.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { ContextConsumer } from '@lit/context';
import { msg, str } from '@lit/localize';
import { Task, TaskStatus } from '@lit/task';
import { html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { toSillError } from '../../core/errors.ts';
import type { OwnDataReport } from '../../protocol/storageReports.ts';
import { sillContext } from '../context.ts';
import { SillElement } from '../element.ts';
import { saveFile } from '../elements/saveFile.ts';
import { formatBytes, formatNumber, plural } from '../format.ts';
import { sectionTitle } from '../section-words.ts';
import { good } from '../styles/good.ts';
import { shared } from '../styles/shared.ts';

/** A copy of what a person made here, out to a file and in from one. Carries its own heading. */
@customElement('sill-own-data')
export class SillOwnData extends SillElement {
  static override styles = [shared, good];

  readonly #sill = new ContextConsumer(this, { context: sillContext, subscribe: true });
  readonly #saving = new Task(this, {
    autoRun: false,
    task: async (_args: readonly [], { signal }) => {
      const copy = await this.#sill.value?.data.export({ signal });
      if (copy) saveFile(`sill-${new Date().toISOString().slice(0, 10)}.json`, copy);
      return copy;
    },
  });
  readonly #restoring = new Task(this, {
    autoRun: false,
    task: async ([file]: readonly [File], { signal }) => this.#sill.value?.data.import(file, { signal }),
  });

  override render() {
    const busy = [this.#saving, this.#restoring].some(({ status }) => status === TaskStatus.PENDING);
    return html`
      <section class="stack" aria-labelledby="own-data">
        <h2 id="own-data">${sectionTitle('storage', 'own-data')}</h2>
        <p class="quiet">
          ${msg('A file with your documents and conversations, the models that you made of others, the settings and what you chose in the views. It holds no weights, and nobody but you receives it. Keep it safe: whoever has it can read your documents, and your conversations unless a passphrase locks them.')}
        </p>
        <div>
          <wa-button size="s" appearance="outlined" ?disabled=${busy} @click=${() => this.#saving.run([])}>
            <wa-icon slot="start" name="download"></wa-icon>${msg('Save a copy')}
          </wa-button>
        </div>
        ${this.#saving.render({
          complete: (copy) => (copy ? this.#good(msg(str`Saved to your downloads: ${formatBytes(copy.size)}.`)) : nothing),
          error: (error) => html`<sill-error .error=${toSillError(error)}></sill-error>`,
        })}
        <sill-file-drop label=${msg('Choose a copy')} accept=".json,application/json" ?disabled=${busy} @sill-files=${this.#onFiles}>
          ${msg('Documents that are here stay; a document that is in both is taken from the copy.')}
        </sill-file-drop>
        ${this.#restoring.render({
          pending: () => html`<p class="quiet" role="status">${msg('Reading the copy…')}</p>`,
          complete: (report) => (report ? this.#good(restoredWords(report)) : nothing),
          error: (error) => html`<sill-error .error=${toSillError(error)}></sill-error>`,
        })}
      </section>
    `;
  }

  #good(words: string) {
    return html`<p class="good" role="status"><wa-icon name="ok"></wa-icon>${words}</p>`;
  }

  #onFiles(event: CustomEvent<File[]>): void {
    const [file] = event.detail;
    if (file) void this.#restoring.run([file]);
  }
}

const restoredWords = ({ added, replaced, models, conversations, otherPassphrase, settings }: OwnDataReport): string =>
  [
    plural(added, msg('Taken from the copy: 1 document.'), msg(str`Taken from the copy: ${formatNumber(added)} documents.`)),
    ...(replaced > 0
      ? [
          plural(
            replaced,
            msg('1 that was here already was replaced.'),
            msg(str`${formatNumber(replaced)} that were here already were replaced.`),
          ),
        ]
      : []),
    ...(models > 0 ? [msg(str`Models that were made of others: ${formatNumber(models)}.`)] : []),
    ...(conversations > 0 ? [msg(str`Conversations: ${formatNumber(conversations)}.`)] : []),
    ...(otherPassphrase
      ? [
          msg(
            'Its conversations were left out: they are not locked with the passphrase of those that are here. Export them as JSON in Chat where they came from, and import that file in Chat here.',
          ),
        ]
      : []),
    ...(settings.length > 0 ? [msg('Reload the page to see all settings.')] : []),
  ].join(' ');

declare global {
  interface HTMLElementTagNameMap {
    'sill-own-data': SillOwnData;
  }
}
