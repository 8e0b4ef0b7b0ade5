import './version-list.ts';
import '../bundle/bundle-import.ts';
import '../elements/error-note.ts';
import '../elements/model-picker.ts';
import { msg } from '@lit/localize';
import { css, html, type TemplateResult } from 'lit';
import { customElement } from 'lit/decorators.js';
import { SillElement } from '../element.ts';
import { ModelsController } from '../models-controller.ts';
import { RouteParams } from '../route-params.ts';
import { routeHref } from '../routes.ts';
import { shared, viewStyles } from '../styles/shared.ts';
import { proposedModel } from '../used-models.ts';
import { viewHead } from '../view-head.ts';

/** The revisions of a model: which one runs, which could, and what happened so far. */
@customElement('sill-versions-view')
export class SillVersionsView extends SillElement {
  static override styles = [
    shared,
    viewStyles,
    css`
      sill-model-picker {
        margin-bottom: var(--sill-space-20);
      }
      section {
        margin-top: var(--sill-space-32);
      }
    `,
  ];

  readonly #models = new ModelsController(this);
  readonly #params = new RouteParams(this, 'versions');

  override render() {
    return html`
      ${viewHead('versions')}
      ${this.#content()}
    `;
  }

  #content(): TemplateResult {
    const store = this.#models.store;
    if (!store?.list) {
      if (store?.error) return html`<sill-error .error=${store.error}></sill-error>`;
      return html`<p class="quiet" role="status">${msg('Looking for installed models…')}</p>`;
    }
    const installed = store.list.models.filter((model) => model.installed);
    const model = installed.find(({ id }) => id === this.#params.get('model')) ?? proposedModel(installed, store.list.models);
    if (!model) {
      return html`
        <p class="card quiet">
          ${msg('No model is on this device yet.')} <a href=${routeHref('models')}>${msg('See all models')}</a>
        </p>
      `;
    }
    return html`
      <sill-model-picker
        .models=${installed}
        .value=${model.id}
        @sill-model=${(event: CustomEvent<string>) => this.#params.set({ model: event.detail })}
      ></sill-model-picker>
      <sill-version-list .model=${model}></sill-version-list>
      <section class="stack" aria-labelledby="from-file">
        <h2 id="from-file">${msg('A version from a file')}</h2>
        <sill-bundle-import></sill-bundle-import>
      </section>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-versions-view': SillVersionsView;
  }
}
