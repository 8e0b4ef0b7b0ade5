import '../elements/progress-line.ts';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { FaultCode } from '../../core/kiosk/recovery.ts';
import type { InstallProgress } from '../../protocol/modelReports.ts';
import { SillElement } from '../element.ts';
import { formatPercent } from '../format.ts';
import { shared } from '../styles/shared.ts';
import { kioskType } from './kiosk.styles.ts';
import { faultWords } from './kiosk-words.ts';

/** Why the device cannot do its task, for whoever passes by and for whoever is called. */
@customElement('sill-kiosk-fault')
export class SillKioskFault extends SillElement {
  static override styles = [
    shared,
    kioskType,
    css`
      :host {
        display: grid;
        place-content: center;
        justify-items: center;
        text-align: center;
        gap: 0.75em;
        height: 100%;
      }
      h1,
      p {
        max-width: 34ch;
        margin-inline: auto;
      }
      wa-icon {
        font-size: 3em;
        color: var(--sill-accent);
      }
      .staff {
        margin-top: 2em;
        font-size: max(0.65em, 0.875rem);
        color: var(--wa-color-text-quiet);
        max-width: 60ch;
      }
      sill-progress {
        width: min(30rem, 100%);
      }
    `,
  ];

  @property() fault!: FaultCode;
  /** What exactly failed, where something did. */
  @property() reason = '';
  /** Whole seconds until the device looks again. */
  @property({ type: Number }) seconds = 0;
  @property({ attribute: false }) progress: InstallProgress | undefined;

  override render() {
    const { title, meanwhile, staff } = faultWords(this.fault);
    return html`
      <wa-icon name=${this.fault === 'M1' || this.fault === 'S2' ? 'download' : 'settings'}></wa-icon>
      <div role="status">
        <h1>${title}</h1>
        <p>${meanwhile}</p>
      </div>
      ${this.#progress()}
      <p class="staff"><strong>${msg(str`For staff: code ${this.fault}.`)}</strong> ${staff} ${this.reason ? html`<code>${this.reason}</code>` : nothing} ${this.seconds > 0 ? msg(str`Next try in ${this.seconds} s.`) : nothing}</p>
    `;
  }

  #progress() {
    const { progress } = this;
    if (!progress || progress.totalBytes === 0) return nothing;
    const fraction = progress.storedBytes / progress.totalBytes;
    return html`<sill-progress label=${msg('Setting up')} .fraction=${fraction} .words=${msg(str`${formatPercent(Math.floor(fraction * 100) / 100)} is here`)}></sill-progress>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-kiosk-fault': SillKioskFault;
  }
}
