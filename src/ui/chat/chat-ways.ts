import '../elements/model-install.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { ModelSummary } from '../../protocol/modelReports.ts';
import { SillElement } from '../element.ts';
import { formatBytes } from '../format.ts';
import { ModelsController } from '../models-controller.ts';
import { routeHref } from '../routes.ts';
import { shared } from '../styles/shared.ts';
import { TALKING, type Talker } from './talkers.ts';

/**
 * Ways to a conversation where the model at hand holds none: said before anything is written, each with what it takes.
 *
 * @fires sill-template with the model's id as detail: it is to have a template
 * @fires sill-model with the id of one that can as detail
 */
@customElement('sill-chat-ways')
export class SillChatWays extends SillElement {
  static override styles = [
    shared,
    css`
      .card {
        display: grid;
        gap: var(--sill-space-16);
      }
      ul {
        display: grid;
        gap: var(--sill-space-16);
      }
      li {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        gap: var(--sill-space-8) var(--sill-space-12);
      }
      li > wa-icon {
        margin-top: var(--sill-icon-drop);
        font-size: var(--sill-icon-m);
        color: var(--sill-accent);
      }
      li > div {
        display: grid;
        gap: var(--sill-space-6);
        justify-items: start;
      }
      sill-model-install {
        width: min(28rem, 100%);
      }
      wa-button {
        max-width: 100%;
      }
      /* As many lines as its words take, where letters are large or far apart. */
      wa-button::part(base) {
        height: auto;
        padding-block: var(--sill-space-6);
        white-space: normal;
        text-align: start;
      }
      h3 {
        font-size: var(--wa-font-size-s);
      }
    `,
  ];

  /** The model that was chosen and holds none; without it, none is on this device. */
  @property({ attribute: false }) base: Talker | undefined;
  /** One that can, where there is one. */
  @property({ attribute: false }) other: Talker | undefined;
  readonly #models = new ModelsController(this);

  override render() {
    const { base, other } = this;
    const models = this.#models.store?.byTask(TALKING) ?? [];
    const offered = models.find(({ holdsConversations, state, derived }) => holdsConversations && !derived && state !== 'installed');
    return html`
      <section class="card" aria-labelledby="ways">
        <div>
          <h2 id="ways">
            ${base ? msg(str`${base.name} does not hold conversations`) : msg('No model on offer here holds conversations')}
          </h2>
          <p class="small quiet">${base ? msg('It goes on with a text that somebody began. What helps:') : msg('What helps:')}</p>
        </div>
        <ul>
          ${
            other
              ? this.#way(
                  'chat',
                  msg(str`Talk with ${other.name}`),
                  msg('It is on this device and holds conversations.'),
                  this.#button(msg('Choose it'), () => this.emit('sill-model', other.id)),
                )
              : nothing
          }
          ${offered ? this.#offered(offered) : nothing}
          ${this.#template(models.find(({ derived }) => !derived))}
          ${this.#way(
            'upload',
            msg('Bring a model for conversations'),
            msg('From a GGUF file, as they are found for Ollama and LM Studio. It stays on this device.'),
            html`<a class="small" href=${routeHref('import')}>${msg('Import a file')}</a>`,
          )}
          ${base ? this.#way('write', msg('Begin a text instead'), msg(str`${base.name} goes on with it.`), html`<a class="small" href=${routeHref('write', { model: base.id })}>${msg('To Write')}</a>`) : nothing}
        </ul>
      </section>
    `;
  }

  #offered(model: ModelSummary) {
    const size = model.fits[0] ? ` ${formatBytes(model.fits[0].sizeBytes)}.` : '';
    return this.#way(
      'models',
      msg(str`Install ${model.name}`),
      `${model.description}${size}`,
      html`<sill-model-install .model=${model}></sill-model-install>`,
    );
  }

  /** @param model one that can be installed, where none is here */
  #template(model: ModelSummary | undefined) {
    const { base } = this;
    const words = msg('A template says how a conversation is written down. The model goes on with it as well as it can.');
    if (base)
      return this.#way(
        'file',
        msg(str`Give ${base.name} a template`),
        words,
        this.#button(msg('Make a model with a template of it'), () => this.emit('sill-template', base.id)),
      );
    if (!model) return nothing;
    return this.#way(
      'file',
      msg(str`Install ${model.name}, and give it a template`),
      words,
      html`<sill-model-install .model=${model}></sill-model-install>`,
    );
  }

  #button(label: string, act: () => void) {
    return html`<wa-button size="s" appearance="outlined" @click=${act}>${label}</wa-button>`;
  }

  #way(icon: string, title: string, words: string, act: TemplateResult) {
    return html`
      <li>
        <wa-icon name=${icon}></wa-icon>
        <div>
          <h3>${title}</h3>
          <p class="small quiet">${words}</p>
          ${act}
        </div>
      </li>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-chat-ways': SillChatWays;
  }
}
