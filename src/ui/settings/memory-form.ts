import '../elements/error-note.ts';
import { css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import type { OperatorReport } from '../../protocol/engineReports.ts';
import type { MemorySettings } from '../../protocol/memoryReports.ts';
import { Attempts } from '../attempts.ts';
import { memoryForm } from '../device/memory-settings.ts';
import { memoryUseStyles } from '../device/memory-use.styles.ts';
import { SillElement } from '../element.ts';
import { oneAtATime } from '../one-at-a-time.ts';
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
  readonly #attempts = new Attempts(this, (sill) => {
    void this.#read();
    return sill.watch(({ type }) => {
      if (type === 'memory') void this.#read();
    });
  });
  readonly #read = oneAtATime(() =>
    this.#attempts.read(async (sill) => {
      const [settings, operator] = await Promise.all([sill.memory.settings(), sill.operator()]);
      this.known = { settings, operator };
    }),
  );

  override render() {
    const { failure } = this.#attempts;
    return html`
      <div class="card">
        ${failure ? html`<sill-error .error=${failure.toData()}></sill-error>` : nothing}
        ${this.known ? memoryForm(this.known.settings, this.known.operator, (next) => void this.#change(next)) : nothing}
      </div>
    `;
  }

  async #change(next: MemorySettings): Promise<void> {
    await this.#attempts.make(async ({ memory }) => void (await memory.setSettings(next)));
    await this.#read();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-memory-form': SillMemoryForm;
  }
}
