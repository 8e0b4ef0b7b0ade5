import '../elements/confirm-dialog.ts';
import '../elements/error-note.ts';
import '../elements/model-repair.ts';
import '../elements/progress-line.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { ContextConsumer } from '@lit/context';
import { msg, str } from '@lit/localize';
import { Task, TaskStatus } from '@lit/task';
import { css, html, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { SillError, toSillError } from '../../core/errors.ts';
import { shortRevision } from '../../core/ids.ts';
import type { VerifyProgress } from '../../protocol/integrityReports.ts';
import type { StoredRevision } from '../../protocol/storageReports.ts';
import { sillContext } from '../context.ts';
import { SillElement } from '../element.ts';
import type { SillConfirmDialog } from '../elements/confirm-dialog.ts';
import { namedButton } from '../elements/named-button.ts';
import { formatBytes, formatDate, formatDuration, formatList } from '../format.ts';
import { KioskController } from '../kiosk-controller.ts';
import { ModelsController } from '../models-controller.ts';
import { facts } from '../styles/facts.ts';
import { good } from '../styles/good.ts';
import { marks } from '../styles/marks.ts';
import { shared } from '../styles/shared.ts';
import { roleWords } from '../versions/version-words.ts';

/** One revision on the device: what it takes, what it shares, whether it is sound, and what can be done with it. */
@customElement('sill-stored-revision')
export class SillStoredRevision extends SillElement {
  static override styles = [
    shared,
    facts,
    good,
    marks,
    css`
      article {
        display: grid;
        gap: var(--sill-space-12);
        align-content: start;
        height: 100%;
      }
    `,
  ];

  @property({ attribute: false }) stored!: StoredRevision;
  @state() private checked: VerifyProgress | undefined;
  @query('#removing') private removing!: SillConfirmDialog;
  @query('#forming') private forming!: SillConfirmDialog;

  readonly #models = new ModelsController(this);
  readonly #kiosk = new KioskController(this);
  readonly #sill = new ContextConsumer(this, { context: sillContext, subscribe: true });
  readonly #verification = new Task(this, {
    autoRun: false,
    task: async ([{ id, revision }]: readonly [StoredRevision], { signal }) =>
      this.#sill.value?.models.verify(id, {
        revision,
        signal,
        onProgress: (progress) => {
          this.checked = progress;
        },
      }),
  });
  readonly #removal = new Task(this, {
    autoRun: false,
    task: async ([{ id, revision, role }]: readonly [StoredRevision]) =>
      role === 'active' ? this.#models.store?.remove(id) : this.#sill.value?.models.remove(id, { revision }),
  });

  /** What was kept to save time, or the form that it runs in. */
  readonly #forgetting = new Task(this, {
    autoRun: false,
    task: async ([{ id, revision }, kind]: readonly [StoredRevision, 'derived' | 'form']) => {
      const report = await this.#sill.value?.storage.free([{ kind, modelId: id, revision }]);
      const [kept] = report?.kept ?? [];
      if (kept) throw SillError.fromData(kept.error);
    },
  });

  override render() {
    const {
      id,
      name,
      revision,
      variant,
      role,
      sizeBytes,
      ownBytes,
      madeBytes,
      derivedBytes,
      lostBytes,
      lastUsedAtMs,
      verifiedAtMs,
      pinned,
      loaded,
    } = this.stored;
    const label = `${name} ${shortRevision(revision)}`;
    const idle = ![this.#verification.status, this.#removal.status].includes(TaskStatus.PENDING);
    return html`
      <article class="card" aria-label=${label}>
        <div class="row">
          <h3>${name}</h3>
          <span class="mark ${role}">${roleWords(role)}</span>
          ${pinned ? html`<span class="mark">${msg('Pinned')}</span>` : nothing} ${loaded ? html`<span class="mark">${msg('In memory')}</span>` : nothing}
        </div>
        <p class="small quiet"><code title=${revision}>${shortRevision(revision)}</code> · <code>${variant}</code></p>
        <dl class="facts figures">
          ${fact(msg('Size'), formatBytes(sizeBytes))} ${fact(msg('Of its own'), formatBytes(ownBytes))}
          ${madeBytes > 0 ? fact(msg('Of it made here'), msg(str`${formatBytes(madeBytes)}, from what was downloaded`)) : nothing}
          ${this.#shared()} ${role === 'active' ? fact(msg('Last used'), lastUsedAtMs === undefined ? msg('never') : formatDate(lastUsedAtMs)) : nothing}
          ${fact(msg('Last verified'), formatDate(verifiedAtMs))}
          ${derivedBytes > 0 ? fact(msg('Kept instructions'), formatBytes(derivedBytes)) : nothing}
        </dl>
        ${lostBytes > 0 ? this.#damage(id, lostBytes) : nothing}
        <div class="row">
          ${namedButton(msg('Verify'), msg(str`Verify ${label}`), () => this.#verification.run([this.stored]), { disabled: !idle })}
          ${
            derivedBytes > 0 && !this.#kiosk.locked
              ? namedButton(
                  msg('Forget instructions'),
                  msg(str`Forget the kept instructions of ${label}`),
                  () => this.#forgetting.run([this.stored, 'derived']),
                  { disabled: !idle },
                )
              : nothing
          }
          ${
            madeBytes > 0 && role !== 'candidate' && !this.#kiosk.locked
              ? namedButton(msg('Give up what was made'), msg(str`Give up what was made of ${label}`), () => this.forming.show(), {
                  disabled: !idle || loaded,
                })
              : nothing
          }
          ${role === 'candidate' || this.#kiosk.locked ? nothing : namedButton(msg('Remove'), msg(str`Remove ${label}`), () => this.removing.show(), { disabled: !idle || (role === 'active' && loaded) })}
        </div>
        ${this.#verification.render({
          pending: () => this.#verifying(label),
          complete: (report) =>
            report?.ok
              ? html`<p class="good" role="status"><wa-icon name="ok"></wa-icon>${msg(str`Intact: all ${formatBytes(report.checkedBytes)} are what the publisher described.`)}</p>`
              : nothing,
          error: (error) =>
            toSillError(error).code === 'aborted' ? nothing : html`<sill-error .error=${toSillError(error)}></sill-error>`,
        })}
        ${this.#forgetting.render({ error: (error) => html`<sill-error .error=${toSillError(error)}></sill-error>` })}
        ${this.#removal.render({ error: (error) => html`<sill-error .error=${toSillError(error)}></sill-error>` })}
      </article>
      ${madeBytes > 0 ? this.#aboutForm() : nothing}
      <sill-confirm-dialog
        id="removing"
        heading=${msg(str`Remove ${name}?`)}
        action=${msg(str`Remove, frees ${formatBytes(ownBytes)}`)}
        @sill-confirm=${() => this.#removal.run([this.stored])}
      >
        <p>
          ${
            role === 'active'
              ? msg(
                  'The whole model is deleted from this device, earlier versions included. To use it again it must be downloaded again, which needs a network.',
                )
              : msg('There will be no earlier version to go back to.')
          }
        </p>
      </sill-confirm-dialog>
    `;
  }

  /** What it costs is said before. */
  #aboutForm() {
    const { name, madeBytes, madeInMs, pinned, role } = this.stored;
    const [size, span] = [formatBytes(madeBytes), formatDuration((madeInMs ?? 0) / 1000)];
    return html`
      <sill-confirm-dialog
        id="forming"
        heading=${msg(str`Give up what was made of ${name}?`)}
        action=${msg(str`Give it up, frees ${size}`)}
        @sill-confirm=${() => this.#forgetting.run([this.stored, 'form'])}
      >
        <p>
          ${msg('What was downloaded stays. What runs is made of it again, in the same way, when the model is asked next: no network is needed, and the question waits for it.')}
          ${madeInMs === undefined ? nothing : msg(str`The last time it took ${span}.`)}
        </p>
        ${pinned && role === 'active' ? html`<p>${msg('It stays pinned to this version.')}</p>` : nothing}
      </sill-confirm-dialog>
    `;
  }

  #shared() {
    const { sharedWith } = this.stored;
    if (sharedWith.length === 0) return nothing;
    const words = sharedWith.map((other) =>
      msg(str`${formatBytes(other.sizeBytes)} with ${other.id === this.stored.id ? shortRevision(other.revision) : other.id}`),
    );
    return fact(msg('Shared'), formatList(words));
  }

  #damage(id: string, lostBytes: number) {
    const message = msg(str`${formatBytes(lostBytes)} are missing on this device or were changed.`);
    return html`<sill-error .error=${{ code: 'installation_damaged', message, details: { id } }}></sill-error>`;
  }

  #verifying(label: string) {
    const { checkedBytes, totalBytes } = this.checked ?? { checkedBytes: 0, totalBytes: 0 };
    return html`
      <sill-progress
        label=${msg(str`Verifying ${label}`)}
        .fraction=${totalBytes > 0 ? checkedBytes / totalBytes : undefined}
        .words=${msg(str`Checking ${formatBytes(checkedBytes)} of ${formatBytes(totalBytes)}`)}
      >
        <wa-button size="s" appearance="outlined" @click=${() => this.#verification.abort()}>${msg('Stop')}</wa-button>
      </sill-progress>
    `;
  }
}

const fact = (name: string, value: unknown) => html`<dt>${name}</dt><dd>${value}</dd>`;

declare global {
  interface HTMLElementTagNameMap {
    'sill-stored-revision': SillStoredRevision;
  }
}
