import '../elements/error-note.ts';
import { ContextConsumer } from '@lit/context';
import { css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { type SillError, toSillError } from '../../core/errors.ts';
import type { OperatorReport } from '../../protocol/engineReports.ts';
import type { MemorySettings } from '../../protocol/memoryReports.ts';
import type { Sill } from '../../protocol/sill.ts';
import { sillContext } from '../context.ts';
import { memoryForm } from '../device/memory-settings.ts';
import { memoryUseStyles } from '../device/memory-use.styles.ts';
import { SillElement } from '../element.ts';
import { fields } from '../styles/fields.ts';
import { shared } from '../styles/shared.ts';

/** What models may take of the memory, without what they take now. */
@customElement('sill-memory-form')
export class SillMemoryForm extends SillElement {
  static override styles = [
    shared,
    fields,
    memoryUseStyles,
    css`
      .settings {
        margin: 0;
      }
    `,
  ];

  @state() private known: { readonly settings: MemorySettings; readonly operator: OperatorReport } | undefined;
  @state() private error: SillError | undefined;
  #sill: Sill | undefined;
  #stop: (() => void) | undefined;

  constructor() {
    super();
    new ContextConsumer(this, {
      context: sillContext,
      subscribe: true,
      callback: (sill) => {
        this.#stop?.();
        this.#sill = sill;
        this.#stop = sill?.watch(({ type }) => {
          if (type === 'memory') void this.#read();
        });
        void this.#read();
      },
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop?.();
  }

  override render() {
    return html`
      <div class="card">
        ${this.error ? html`<sill-error .error=${this.error.toData()}></sill-error>` : nothing}
        ${this.known ? memoryForm(this.known.settings, this.known.operator, (next) => void this.#change(next)) : nothing}
      </div>
    `;
  }

  #read = (): Promise<void> => this.#attempt(async () => undefined);
  #change = (next: MemorySettings): Promise<void> => this.#attempt(async ({ memory }) => void (await memory.setSettings(next)));

  async #attempt(work: (sill: Sill) => Promise<void>): Promise<void> {
    const sill = this.#sill;
    if (!sill) return;
    try {
      await work(sill);
      const [settings, operator] = await Promise.all([sill.memory.settings(), sill.operator()]);
      this.known = { settings, operator };
      this.error = undefined;
    } catch (reason) {
      this.error = toSillError(reason);
    }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-memory-form': SillMemoryForm;
  }
}
