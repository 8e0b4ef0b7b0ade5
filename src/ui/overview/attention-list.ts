import '../elements/model-repair.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { msg, str } from '@lit/localize';
import { css, html, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { SillElement } from '../element.ts';
import { errorWords } from '../errors.ts';
import { formatBytes, formatDate, formatList } from '../format.ts';
import { ModelsController } from '../models-controller.ts';
import { type RouteId, routeHref } from '../routes.ts';
import { shared } from '../styles/shared.ts';
import { UpdatesController } from '../updates-controller.ts';
import type { SectionOf } from '../view-sections.ts';
import { type Attention, isNews } from './attention.ts';

interface Line {
  readonly text: string;
  /** The one thing that helps. */
  readonly action: TemplateResult;
}

/**
 * What needs somebody, and with each the one thing that helps.
 *
 * @fires sill-persist when the person wants the browser to keep what is stored
 * @fires sill-update when the person wants the waiting version of the app
 */
@customElement('sill-attention-list')
export class SillAttentionList extends SillElement {
  static override styles = [
    shared,
    css`
      ul {
        display: grid;
        gap: var(--sill-space-12);
      }
      li {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr) auto;
        gap: var(--sill-space-4) var(--sill-space-12);
        align-items: center;
        padding: var(--sill-space-12) var(--sill-space-16);
        border: 1px solid var(--wa-color-warning-border-quiet);
        border-radius: var(--sill-radius);
        background: var(--wa-color-warning-fill-quiet);
      }
      li.news {
        border-color: var(--wa-color-surface-border);
        background: var(--wa-color-surface-default);
      }
      wa-icon.sign {
        font-size: var(--sill-icon-m);
        color: var(--wa-color-warning-on-quiet);
      }
      .news wa-icon.sign {
        color: var(--sill-accent);
      }
      p {
        overflow-wrap: anywhere;
      }
      @media (max-width: 40rem) {
        li {
          grid-template-columns: auto minmax(0, 1fr);
        }
        .act {
          grid-column: 2;
        }
      }
    `,
  ];

  @property({ attribute: false }) items: readonly Attention[] = [];
  /** The browser was asked to keep what is stored, and said no. */
  @property({ type: Boolean }) refused = false;
  readonly #models = new ModelsController(this);
  readonly #updates = new UpdatesController(this);

  override render() {
    return html`
      <ul aria-label=${this.items.every(isNews) ? msg('Worth knowing') : msg('What needs attention')}>
        ${repeat(
          this.items,
          (item) => `${item.kind} ${'model' in item ? item.model : ''}`,
          (item) => {
            const news = isNews(item);
            const { text, action } = this.#line(item);
            return html`
              <li class=${news ? 'news' : ''}>
                <wa-icon class="sign" name=${news ? 'info' : 'warning'}></wa-icon>
                <p>${text}</p>
                <div class="act">${action}</div>
              </li>
            `;
          },
        )}
      </ul>
    `;
  }

  #line(item: Attention): Line {
    switch (item.kind) {
      case 'models-vanished':
        return {
          text: msg(str`${formatList(item.names)} vanished: the browser cleared what was stored.`),
          action: link('models', msg('Install again')),
        };
      case 'damaged':
        return {
          text: msg(str`Parts of ${item.name} are damaged or missing on this device. It cannot be loaded until it is repaired.`),
          action: html`<sill-repair model=${item.model}></sill-repair>`,
        };
      case 'gpu-lost':
        return {
          text: msg(str`The graphics processor was lost while ${item.name} ran.`),
          action: link('log', msg('See what happened'), { event: String(item.event) }),
        };
      case 'model-lost':
        return {
          text: msg(str`${item.name} stopped while it ran.`),
          action: link('log', msg('See what happened'), { event: String(item.event) }),
        };
      case 'gpu-wrong':
      case 'gpu-untested':
        return {
          text: excludedWords(item),
          action: link('device', msg('See and test again'), { section: 'graphics' satisfies SectionOf<'device'> }),
        };
      case 'update-failed':
        return {
          text: msg(str`A new version of ${item.name} failed its test here and is not used. The one before goes on running.`),
          action: link('versions', msg('See why'), { model: item.model }),
        };
      case 'withdrawn':
        return {
          text: msg(str`The version of ${item.name} that runs was taken back by its publisher.`),
          action: link('versions', msg('See versions'), { model: item.model }),
        };
      case 'install-failed':
        return { text: msg(str`The install of ${item.name} stopped before its end.`), action: link('downloads', msg('See the download')) };
      case 'not-given':
        return {
          text: msg(str`${item.name}, which the operator wants on this device, could not be installed. ${errorWords(item.error).title}.`),
          action: link('log', msg('See what happened'), { words: item.model }),
        };
      case 'awaits-consent':
        return {
          text: msg(str`${item.name} waits: this connection may cost.`),
          action: button(msg(str`Download now, ${formatBytes(item.leftBytes)}`), () => void this.#models.store?.resume(item.model)),
        };
      case 'storage-full':
        return {
          text: msg(str`Only ${formatBytes(item.freeBytes)} are free for Sill. The next install or update may find no room.`),
          action: link('storage', msg('Free space'), { section: 'space' satisfies SectionOf<'storage'> }),
        };
      case 'storage-evictable':
        return {
          text: this.refused
            ? msg('The browser said no for now. Installing this app or visiting more often can change that.')
            : msg('The browser may clear the models when space gets short.'),
          action: button(msg('Ask it to keep them'), () => this.emit('sill-persist')),
        };
      case 'catalog-stale':
        return {
          text:
            item.sinceMs === undefined
              ? msg('The list of models is out of date. Nothing new is accepted.')
              : msg(str`The list of models has been out of date since ${formatDate(item.sinceMs)}. Nothing new is accepted.`),
          action: button(msg('Check now'), () => void this.#updates.store?.check(), this.#updates.store?.checking),
        };
      case 'policy-broken':
        return {
          text: msg("The operator's file could not be heeded. What it said before holds."),
          action: link('log', msg('See what happened'), { words: 'policy' }),
        };
      case 'offered':
        return { text: msg(str`There is a new version of ${item.name}.`), action: link('updates', msg('See the update')) };
      case 'app-update':
        return { text: msg('A new version of this app is ready.'), action: button(msg('Update the app'), () => this.emit('sill-update')) };
    }
  }
}

const link = (route: RouteId, words: string, params: Readonly<Record<string, string>> = {}): TemplateResult =>
  html`<wa-button size="s" appearance="outlined" href=${routeHref(route, params)}>${words}</wa-button>`;

const button = (words: string, act: () => void, loading = false): TemplateResult =>
  html`<wa-button size="s" appearance="outlined" ?loading=${loading} @click=${act}>${words}</wa-button>`;

function excludedWords({ kind, part }: Extract<Attention, { readonly kind: 'gpu-wrong' | 'gpu-untested' }>): string {
  if (kind === 'gpu-wrong')
    return part
      ? msg('The graphics processor computes wrong numbers in 16 bits. Variants in 16 bits do not run on it.')
      : msg('The graphics processor computes wrong numbers. Models run on the processor.');
  return part
    ? msg('The self-test of the graphics processor in 16 bits came to no result. Variants in 16 bits do not run on it.')
    : msg('The self-test of the graphics processor came to no result. Models run on the processor.');
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-attention-list': SillAttentionList;
  }
}
