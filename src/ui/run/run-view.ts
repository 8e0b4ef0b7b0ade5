import { html } from 'lit';
import { customElement } from 'lit/decorators.js';
import { SillElement } from '../element.ts';

@customElement('sill-run-view')
export class SillRunView extends SillElement {
  override render() {
    return html``;
  }
}
