import './bundle-contents.ts';
import '../elements/error-note.ts';
import '../elements/file-drop.ts';
import '../elements/progress-line.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { ContextConsumer } from '@lit/context';
import { msg, str } from '@lit/localize';
import { Task, TaskStatus } from '@lit/task';
import { css, html, nothing } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { toSillError } from '../../core/errors.ts';
import type { ImportOutcome, ImportProgress, ImportReport } from '../../protocol/bundleReports.ts';
import { activityContext, sillContext } from '../context.ts';
import { SillElement } from '../element.ts';
import { formatBytes, formatSpeed } from '../format.ts';
import { shared } from '../styles/shared.ts';
import { refusalWords } from '../versions/refusal-words.ts';
import { timeLeftWords } from '../words.ts';
import type { SillBundleContents } from './bundle-contents.ts';

/** Models from a file: choose or drop it, see what is inside, agree, and watch it come in. */
@customElement('sill-bundle-import')
export class SillBundleImport extends SillElement {
  protected static override readonly drawsApart = true;
  static override styles = [
    shared,
    css`
      .stack {
        gap: var(--sill-space-12);
      }
      .outcome {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        gap: var(--sill-space-4) var(--sill-space-8);
        align-items: start;
        font-size: var(--wa-font-size-s);
      }
      .outcome wa-icon {
        margin-top: var(--sill-icon-drop);
        color: var(--wa-color-warning-on-quiet);
      }
      .outcome.good wa-icon {
        color: var(--wa-color-success-on-quiet);
      }
      .outcome > :not(wa-icon) {
        grid-column: 2;
      }
    `,
  ];

  @state() private progress: ImportProgress | undefined;
  /** What came of the files before is of no interest once others were chosen. */
  @state() private agreed = false;
  @query('sill-bundle-contents') private contents!: SillBundleContents;

  #files: readonly File[] = [];
  readonly #sill = new ContextConsumer(this, { context: sillContext, subscribe: true });
  readonly #activity = new ContextConsumer(this, { context: activityContext });
  readonly #looking = new Task(this, {
    autoRun: false,
    task: async ([files]: readonly [readonly File[]], { signal }) => {
      const report = await this.#sill.value?.models.inspect(files, { signal });
      if (report) this.contents.show(report);
    },
  });
  readonly #importing = new Task(this, {
    autoRun: false,
    task: async ([files]: readonly [readonly File[]], { signal }) => {
      this.progress = undefined;
      const onProgress = (progress: ImportProgress): void => {
        this.progress = progress;
      };
      const work = async () => this.#sill.value?.models.import(files, { signal, onProgress });
      return this.#activity.value ? this.#activity.value.during(work) : work();
    },
  });

  override render() {
    const looking = this.#looking.status === TaskStatus.PENDING;
    const importing = this.#importing.status === TaskStatus.PENDING;
    return html`
      <div class="stack">
        <sill-file-drop
          label=${msg('Import from a file')}
          accept=".tar,application/x-tar"
          multiple
          ?disabled=${looking || importing}
          @sill-files=${this.#onFiles}
        >
          ${msg('Models that were exported on another device or came on a stick. Of a bundle in parts, all at once.')}
        </sill-file-drop>
        ${looking ? html`<p class="quiet" role="status">${msg('Looking at what is inside…')}</p>` : nothing}
        ${this.#looking.render({ error: (error) => failure(error) })}
        ${
          this.agreed
            ? this.#importing.render({
                pending: () => this.#progress(),
                complete: (report) => (report ? outcomes(report) : nothing),
                error: (error) => failure(error),
              })
            : nothing
        }
      </div>
      <sill-bundle-contents @sill-import=${this.#onAgreed}></sill-bundle-contents>
    `;
  }

  #progress() {
    const { progress } = this;
    const reading = progress?.phase === 'reading' ? progress : undefined;
    return html`
      <sill-progress
        label=${msg('Importing')}
        .fraction=${reading && reading.totalBytes > 0 ? reading.readBytes / reading.totalBytes : undefined}
        .words=${
          progress?.phase === 'testing'
            ? msg(str`Testing the new version of ${progress.id}. What runs goes on running.`)
            : reading
              ? readingWords(reading)
              : msg('Preparing…')
        }
      >
        <wa-button size="s" appearance="outlined" @click=${() => this.#importing.abort()}>${msg('Stop')}</wa-button>
      </sill-progress>
    `;
  }

  #onFiles(event: CustomEvent<File[]>): void {
    this.#files = event.detail;
    this.agreed = false;
    void this.#looking.run([this.#files]);
  }

  #onAgreed(): void {
    this.agreed = true;
    void this.#importing.run([this.#files]);
  }
}

const readingWords = ({ readBytes, totalBytes, ...pace }: Extract<ImportProgress, { phase: 'reading' }>): string =>
  [msg(str`Checking and copying ${formatBytes(readBytes)} of ${formatBytes(totalBytes)}`), ...paceWords(pace)].join(' · ');

function paceWords({
  waiting,
  bytesPerSecond,
  secondsLeft,
}: Pick<Extract<ImportProgress, { phase: 'reading' }>, 'waiting' | 'bytesPerSecond' | 'secondsLeft'>): string[] {
  if (waiting) return [msg('waiting for the file or for the disk')];
  return [
    ...(bytesPerSecond === undefined ? [] : [formatSpeed(bytesPerSecond)]),
    ...(secondsLeft === undefined ? [] : [timeLeftWords(secondsLeft)]),
  ];
}

const failure = (reason: unknown) => {
  const error = toSillError(reason);
  return error.code === 'aborted'
    ? html`<p class="quiet" role="status">${msg('Stopped. Nothing was changed.')}</p>`
    : html`<sill-error .error=${error}></sill-error>`;
};

const outcomes = ({ outcomes: all, needsRuntime }: ImportReport) => html`
  <div role="status">
  <ul class="stack" aria-label=${msg('What was imported')}>
    ${all.map(
      (outcome) => html`<li class=${isGood(outcome) ? 'outcome good' : 'outcome'}>
      <wa-icon name=${isGood(outcome) ? 'ok' : 'warning'}></wa-icon>
      <span>${outcomeWords(outcome)}</span>
      ${outcome.error ? html`<sill-error mild .error=${outcome.error}></sill-error>` : nothing}
    </li>`,
    )}
    ${
      needsRuntime
        ? html`<li class="outcome">
            <wa-icon name="warning"></wa-icon>
            <span>${msg('The models start once this device was connected to the site again: a part of the app itself is still missing.')}</span>
          </li>`
        : nothing
    }
  </ul>
  </div>
`;

const isGood = ({ result }: ImportOutcome): boolean => ['installed', 'activated', 'present'].includes(result);

function outcomeWords({ name, result, gate }: ImportOutcome): string {
  switch (result) {
    case 'installed':
      return msg(str`${name} is installed.`);
    case 'activated':
      return msg(str`${name} passed its test: the new version runs.`);
    case 'present':
      return msg(str`${name} was here already. There was nothing to do.`);
    case 'waiting':
      return msg(str`${name} is being tested in another tab.`);
    case 'rejected':
      return msg(
        str`The new version of ${name} failed its test and is not used; the one before goes on running. ${gate ? refusalWords(gate) : ''}`,
      );
    case 'refused':
      return msg(str`${name} was not taken.`);
    case 'failed':
      return msg(str`${name} is on the device, but could not be made to run.`);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-bundle-import': SillBundleImport;
  }
}
