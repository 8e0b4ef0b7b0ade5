import '../elements/confirm-dialog.ts';
import '../elements/error-note.ts';
import '../elements/progress-line.ts';
import '../notices/tell-me.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import type { ImportSummary } from '../../protocol/importReports.ts';
import { SillElement } from '../element.ts';
import type { SillConfirmDialog } from '../elements/confirm-dialog.ts';
import { named } from '../elements/named.ts';
import { formatBytes } from '../format.ts';
import { shared } from '../styles/shared.ts';
import { importFraction, importWords, sourceWords } from './import-words.ts';
import type { ImportsStore } from './imports-store.ts';

/** An import that is not done: how far it is, and what can be done about it. */
@customElement('sill-import-card')
export class SillImportCard extends SillElement {
  static override styles = [
    shared,
    css`
      article {
        display: grid;
        gap: 0.75rem;
      }
      .what {
        overflow-wrap: anywhere;
      }
    `,
  ];

  @property({ attribute: false }) summary!: ImportSummary;
  @property({ attribute: false }) store!: ImportsStore;
  @query('sill-confirm-dialog') private dialog!: SillConfirmDialog;

  override render() {
    const { id, name, variant, source, state, error, doneBytes } = this.summary;
    return html`
      <article class="card" aria-label=${name}>
        <div>
          <h3>${name}</h3>
          <p class="what small quiet"><code>${id}</code> · <code>${variant}</code> · ${sourceWords(source)}</p>
        </div>
        ${error ? html`<sill-error .error=${error}></sill-error>` : nothing}
        <sill-progress label=${msg(str`Import of ${name}`)} .fraction=${this.#fraction()} .words=${this.#words()}></sill-progress>
        ${state === 'running' ? html`<sill-tell-me></sill-tell-me>` : nothing}
        <div class="row">
          ${state === 'running' ? this.#button(msg('Pause'), msg(str`Pause the import of ${name}`), () => this.store.pause(id)) : nothing}
          ${
            state === 'paused' || state === 'needs-permission' || (state === 'failed' && source.kind === 'url')
              ? this.#button(msg('Go on'), msg(str`Go on with the import of ${name}`), () => this.store.resume(id), 'brand')
              : nothing
          }
          ${this.#button(msg('Cancel'), msg(str`Cancel the import of ${name}`), () => this.dialog.show())}
        </div>
      </article>
      <sill-confirm-dialog
        heading=${msg(str`Cancel the import of ${name}?`)}
        action=${msg('Cancel the import')}
        @sill-confirm=${() => this.store.cancel(id)}
      >
        <p>${msg(str`What was made of it, ${formatBytes(doneBytes)}, is given up. The file itself is not touched. To keep it for later, pause instead.`)}</p>
      </sill-confirm-dialog>
    `;
  }

  #fraction(): number | undefined {
    const { state, progress, doneBytes, totalBytes } = this.summary;
    return state === 'running' ? importFraction(progress) : totalBytes > 0 ? doneBytes / totalBytes : 0;
  }

  #words(): string {
    const { state, progress, doneBytes, source } = this.summary;
    if (state === 'running') return progress ? importWords(progress) : msg('Preparing…');
    const here = msg(str`Paused. ${formatBytes(doneBytes)} of what is made are on the device.`);
    if (state === 'needs-permission')
      return `${here} ${msg(str`To go on, the browser asks whether ${sourceWords(source)} may be read again.`)}`;
    return state === 'needs-file'
      ? `${here} ${msg(str`To go on, choose ${sourceWords(source)} again above: the browser forgets files when a page is closed.`)}`
      : here;
  }

  #button(text: string, label: string, onClick: () => unknown, variant: 'brand' | 'neutral' = 'neutral') {
    return html`
      <wa-button size="s" variant=${variant} appearance=${variant === 'brand' ? 'accent' : 'outlined'} @click=${onClick}>
        ${named(text, label)}
      </wa-button>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-import-card': SillImportCard;
  }
}
