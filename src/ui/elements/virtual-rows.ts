import { html, nothing, type ReactiveController, type ReactiveControllerHost } from 'lit';
import { styleMap } from 'lit/directives/style-map.js';

/** Of each row, so that the place of any of them is known without drawing it. */
export const ROW_PX = 44;
/** Rows that fit into the part that scrolls, as the styles have it. */
const SHOWN = 14;
/** Drawn beyond them, so that a quick scroll meets rows. */
const BEYOND = 10;

/** Of a table of thousands of rows those that are in sight: see docs/decisions/0046. */
export class VirtualRows implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #scroller: () => HTMLElement | null;
  #first = 0;

  constructor(host: ReactiveControllerHost, scroller: () => HTMLElement | null) {
    this.#host = host;
    this.#scroller = scroller;
    host.addController(this);
  }

  hostConnected(): void {}

  /** Indices of the rows to draw, `last` excluded. */
  window(count: number): { readonly first: number; readonly last: number } {
    const first = Math.max(0, Math.min(this.#first - BEYOND, count - SHOWN));
    return { first, last: Math.min(count, this.#first + SHOWN + BEYOND) };
  }

  /** In place of rows that are not drawn. Of one cell: one that spans columns makes room for those that a narrow screen hides. */
  space(rows: number) {
    if (rows <= 0) return nothing;
    return html`<tr class="space" aria-hidden="true"><td style=${styleMap({ height: `${rows * ROW_PX}px` })}></td></tr>`;
  }

  readonly onScroll = (): void => {
    const first = Math.floor((this.#scroller()?.scrollTop ?? 0) / ROW_PX);
    // Half of what is drawn beyond is still there.
    if (Math.abs(first - this.#first) < BEYOND / 2 && first !== 0) return;
    this.#first = first;
    this.#host.requestUpdate();
  };

  toRow(index: number): void {
    this.#first = Math.max(0, index - 2);
    this.#host.requestUpdate();
    void this.#host.updateComplete.then(() => this.#scroller()?.scrollTo({ top: this.#first * ROW_PX }));
  }
}
