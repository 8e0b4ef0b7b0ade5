import '../elements/error-note.ts';
import '../elements/file-drop.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { ContextConsumer } from '@lit/context';
import { msg, str } from '@lit/localize';
import { Task, TaskStatus } from '@lit/task';
import { html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { toSillError } from '../../core/errors.ts';
import type { BenchmarkImport, ResultFormat } from '../../protocol/benchmarks.ts';
import { sillContext } from '../context.ts';
import { SillElement } from '../element.ts';
import { saveFile } from '../elements/saveFile.ts';
import { formatNumber, plural } from '../format.ts';
import { good } from '../styles/good.ts';
import { shared } from '../styles/shared.ts';

/** Results out to a file, and in from one. Carries its own heading. */
@customElement('sill-results-files')
export class SillResultsFiles extends SillElement {
  protected static override readonly drawsApart = true;
  static override styles = [shared, good];

  readonly #sill = new ContextConsumer(this, { context: sillContext, subscribe: true });
  readonly #saving = new Task(this, {
    autoRun: false,
    task: async ([format]: readonly [ResultFormat]) => {
      const file = await this.#sill.value?.benchmarks.export({ format });
      if (file) saveFile(`sill-benchmarks-${new Date().toISOString().slice(0, 10)}.${format}`, file);
    },
  });
  readonly #reading = new Task(this, {
    autoRun: false,
    task: async ([file]: readonly [File]) => this.#sill.value?.benchmarks.import(file),
  });

  override render() {
    const busy = [this.#saving, this.#reading].some(({ status }) => status === TaskStatus.PENDING);
    return html`
      <section class="stack" aria-labelledby="files">
        <h2 id="files">${msg('Files')}</h2>
        <p class="quiet">${msg('In the form of llama-bench, so that its tools read them, and what it measured can be held against what was measured here.')}</p>
        <div class="row">
          <wa-button size="s" appearance="outlined" ?disabled=${busy} @click=${() => this.#saving.run(['json'])}>
            <wa-icon slot="start" name="download"></wa-icon>${msg('Save as JSON')}
          </wa-button>
          <wa-button size="s" appearance="outlined" ?disabled=${busy} @click=${() => this.#saving.run(['csv'])}>
            <wa-icon slot="start" name="download"></wa-icon>${msg('Save as CSV')}
          </wa-button>
        </div>
        ${this.#saving.render({ error: (error) => html`<sill-error .error=${toSillError(error)}></sill-error>` })}
        <sill-file-drop label=${msg('Choose a file of results')} accept=".json,.jsonl,.csv" ?disabled=${busy} @sill-files=${this.#onFiles}>
          ${msg('Results of this app or of llama-bench, as JSON or CSV.')}
        </sill-file-drop>
        ${this.#reading.render({
          complete: (report) =>
            report ? html`<p class="good" role="status"><wa-icon name="ok"></wa-icon>${readWords(report)}</p>` : nothing,
          error: (error) => html`<sill-error .error=${toSillError(error)}></sill-error>`,
        })}
      </section>
    `;
  }

  #onFiles(event: CustomEvent<File[]>): void {
    const [file] = event.detail;
    if (file) void this.#reading.run([file]);
  }
}

const readWords = ({ added, replaced, kept, leftOut }: BenchmarkImport): string =>
  [
    plural(added, msg('1 result was added.'), msg(str`${formatNumber(added)} results were added.`)),
    ...(replaced > 0
      ? [
          plural(
            replaced,
            msg('1 that was here already was replaced.'),
            msg(str`${formatNumber(replaced)} that were here already were replaced.`),
          ),
        ]
      : []),
    ...(kept > 0
      ? [
          plural(
            kept,
            msg('1 is here with more than the table has, and was left as it is.'),
            msg(str`${formatNumber(kept)} are here with more than the table has, and were left as they are.`),
          ),
        ]
      : []),
    ...(leftOut > 0
      ? [
          plural(
            leftOut,
            msg('1 was left out: no more results are kept on this device. Remove some first.'),
            msg(str`${formatNumber(leftOut)} were left out: no more results are kept on this device. Remove some first.`),
          ),
        ]
      : []),
  ].join(' ');

declare global {
  interface HTMLElementTagNameMap {
    'sill-results-files': SillResultsFiles;
  }
}
