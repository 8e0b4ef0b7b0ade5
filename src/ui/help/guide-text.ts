import '../chat/markdown-text.ts';
import '../elements/error-note.ts';
import { msg } from '@lit/localize';
import { Task } from '@lit/task';
import { css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { toSillError } from '../../core/errors.ts';
import { SillElement } from '../element.ts';
import { routeHref } from '../routes.ts';
import { shared } from '../styles/shared.ts';
import { guideReading } from './guide-reading.ts';
import { ALL_GUIDES, type Guide } from './guides.ts';

/** Each is a part of the app: it comes with it, and opens where no server is. */
const TEXTS: Readonly<Record<Guide, () => Promise<{ readonly default: string }>>> = {
  chat: () => import('../../../docs/chat.md?raw'),
  operate: () => import('../../../docs/operate.md?raw'),
  deploy: () => import('../../../deploy/README.md?raw'),
  publish: () => import('../../../docs/publish.md?raw'),
  sources: () => import('../../../docs/sources.md?raw'),
  benchmark: () => import('../../../docs/benchmark.md?raw'),
  evaluate: () => import('../../../docs/evaluate.md?raw'),
  import: () => import('../../../docs/import.md?raw'),
  modelfile: () => import('../../../docs/modelfile.md?raw'),
  api: () => import('../../../docs/api.md?raw'),
  embed: () => import('../../../docs/embed.md?raw'),
  'structured-output': () => import('../../../docs/structured-output.md?raw'),
  sampling: () => import('../../../docs/sampling.md?raw'),
  tasks: () => import('../../../docs/tasks.md?raw'),
  security: () => import('../../../docs/security.md?raw'),
};

/** A guide, as it was written. */
@customElement('sill-guide')
export class SillGuide extends SillElement {
  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--sill-space-16);
      }
      .back {
        display: flex;
        align-items: center;
        width: fit-content;
      }
      @media (max-width: 50rem) {
        .back {
          min-height: 2.75rem;
        }
      }
    `,
  ];

  @property() name: Guide = 'operate';
  readonly #text = new Task(this, {
    task: async ([name]: readonly [Guide]) => (await TEXTS[name]()).default,
    args: () => [this.name] as const,
  });

  protected override updated(): void {
    // Another guide begins at its beginning.
    if (this.#read === this.name || !this.#text.value) return;
    this.#read = this.name;
    this.scrollIntoView({ block: 'start' });
  }

  #read: Guide | undefined;

  override render() {
    return html`
      <a class="back" href=${routeHref('help', { guide: ALL_GUIDES })}>${msg('All of Help')}</a>
      ${this.#text.render({
        pending: () => html`<p class="quiet" role="status">${msg('Opening the guide…')}</p>`,
        complete: (text) =>
          html`<article class="card" lang="en"><sill-markdown .text=${text} .reading=${guideReading(this.name)}></sill-markdown></article>`,
        error: (error) => html`<sill-error .error=${toSillError(error)}></sill-error>`,
      })}
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-guide': SillGuide;
  }
}
