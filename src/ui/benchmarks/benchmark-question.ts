import '@awesome.me/webawesome/dist/components/button/button.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { BenchmarksController } from '../benchmarks-controller.ts';
import { SillElement } from '../element.ts';
import { ModelsController } from '../models-controller.ts';
import { shared } from '../styles/shared.ts';
import { presetWords } from './benchmark-words.ts';

/** An address asks for a benchmark on a device that somebody uses: they say whether it is to be. See docs/decisions/0092. */
@customElement('sill-benchmark-question')
export class SillBenchmarkQuestion extends SillElement {
  static override styles = [
    shared,
    css`
      .card {
        display: grid;
        gap: var(--sill-space-12);
      }
    `,
  ];

  readonly #benchmarks = new BenchmarksController(this);
  readonly #models = new ModelsController(this);

  override render() {
    const { store } = this.#benchmarks;
    if (!store?.question) return nothing;
    const { model, preset = 'quick' } = store.question;
    return html`
      <section class="card" aria-labelledby="question">
        <h2 id="question">${msg('Measure this device?')}</h2>
        <p>${msg(str`The address that was opened asks for it: “${presetWords(preset)}” of ${this.#models.nameOf(model)}. The device computes meanwhile and is slower for everything else; a soak takes minutes.`)}</p>
        <p class="quiet">${msg('If you are not measuring anything, somebody sent you this address: choose “Not now”.')}</p>
        <div class="row">
          <wa-button variant="brand" @click=${() => store.answer(false)}>${msg('Not now')}</wa-button>
          <wa-button appearance="outlined" @click=${() => store.answer(true)}>${msg('Measure')}</wa-button>
        </div>
      </section>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-benchmark-question': SillBenchmarkQuestion;
  }
}
