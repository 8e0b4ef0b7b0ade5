import '../notices/tell-me.ts';
import { msg, str } from '@lit/localize';
import { html, nothing } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import type { ImportSummary } from '../../protocol/importReports.ts';
import { SillElement } from '../element.ts';
import type { SillConfirmDialog } from '../elements/confirm-dialog.ts';
import { namedButton } from '../elements/named-button.ts';
import { unfinishedCard, unfinishedStyles } from '../elements/unfinished.ts';
import { formatBytes } from '../format.ts';
import { shared } from '../styles/shared.ts';
import { importFraction, importWords, sourceWords, stoppedWords } from './import-words.ts';
import type { ImportsStore } from './imports-store.ts';

/** An import that is not done: how far it is, and what can be done about it. */
@customElement('sill-import-card')
export class SillImportCard extends SillElement {
  static override styles = [shared, unfinishedStyles];

  @property({ attribute: false }) summary!: ImportSummary;
  @property({ attribute: false }) store!: ImportsStore;
  @query('sill-confirm-dialog') private dialog!: SillConfirmDialog;

  override render() {
    const { id, name, variant, source, state, goesOn, error, doneBytes } = this.summary;
    return unfinishedCard({
      ...{ name, error },
      what: html`<code>${id}</code> · <code>${variant}</code> · ${sourceWords(source)}`,
      progress: { label: msg(str`Import of ${name}`), fraction: this.#fraction(), words: this.#words() },
      more: state === 'running' ? html`<sill-tell-me></sill-tell-me>` : nothing,
      buttons: html`
        ${state === 'running' ? namedButton(msg('Pause'), msg(str`Pause the import of ${name}`), () => this.store.pause(id)) : nothing}
        ${state !== 'running' && goesOn !== 'file' ? namedButton(msg('Go on'), msg(str`Go on with the import of ${name}`), () => this.store.resume(id), { main: true }) : nothing}
        ${namedButton(msg('Cancel'), msg(str`Cancel the import of ${name}`), () => this.dialog.show())}
      `,
      cancel: {
        heading: msg(str`Cancel the import of ${name}?`),
        action: msg('Cancel the import'),
        words: msg(
          str`What was made of it, ${formatBytes(doneBytes)}, is given up. The file itself is not touched. To keep it for later, pause instead.`,
        ),
        onConfirm: () => this.store.cancel(id),
      },
    });
  }

  #fraction(): number | undefined {
    const { state, progress, doneBytes, totalBytes } = this.summary;
    return state === 'running' ? importFraction(progress) : totalBytes > 0 ? doneBytes / totalBytes : 0;
  }

  #words(): string {
    const { state, progress } = this.summary;
    if (state !== 'running') return stoppedWords(this.summary);
    return progress ? importWords(progress) : msg('Preparing…');
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-import-card': SillImportCard;
  }
}
