import '../elements/chart.ts';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { MatrixError } from '../../core/making.ts';
import { SillElement } from '../element.ts';
import type { Plan } from '../elements/chart.ts';
import { formatNumber, formatPercent } from '../format.ts';
import { behind } from '../styles/figures.ts';
import { shared } from '../styles/shared.ts';

const HEIGHT_PX = 140;
const LAYER = /^model\.layers\.(?<layer>\d+)\.(?:\w+\.)?(?<role>\w+)$/;

/** Told apart by colour and dash: not everybody sees the first. */
const LINES = [
  { color: '--wa-color-brand-50', dash: [] },
  { color: '--wa-color-success-50', dash: [6, 3] },
  { color: '--wa-color-warning-50', dash: [2, 3] },
  { color: '--wa-color-danger-50', dash: [8, 3, 2, 3] },
] as const;
const ROLES = ['qkv_proj', 'o_proj', 'gate_up_proj', 'down_proj'] as const;
type Role = (typeof ROLES)[number];

const PLAN: Plan = ({ color, axis, grid }) => ({
  scales: {
    x: { time: false, range: (_chart, low, high) => [low, Math.max(high, low + 1)] },
    y: { range: (_chart, _low, high) => [0, Math.max(high * 1.15, 0.001)] },
  },
  axes: [
    {
      ...axis,
      grid: { show: false },
      size: 20,
      incrs: [1, 2, 5, 10],
      values: (_chart, ticks) => ticks.map((layer) => formatNumber(layer + 1)),
    },
    { ...axis, size: 56, space: 28, grid, values: (_chart, ticks) => ticks.map(percent) },
  ],
  series: [{}, ...LINES.map((line) => ({ stroke: color(line.color), width: 2, dash: [...line.dash], points: { show: false } }))],
});

const percent = (share: number): string => formatPercent(share, 2);

const roleWords = (role: Role): string =>
  ({ qkv_proj: msg('Query, key, value'), o_proj: msg('Attention output'), gate_up_proj: msg('Gate and up'), down_proj: msg('Down') })[role];

const outerWords = (name: string): string => (name === 'model.embed_tokens' ? msg('Embedding') : name === 'lm_head' ? msg('Output') : name);

/** "Down of layer 3", for `model.layers.2.mlp.down_proj`. */
export function matrixWords(name: string): string {
  const { layer, role } = LAYER.exec(name)?.groups ?? {};
  const known = ROLES.find((each) => each === role);
  return layer !== undefined && known ? msg(str`${roleWords(known)} of layer ${Number(layer) + 1}`) : outerWords(name);
}

/** How far the weights of each layer are from those of the file, drawn and as a table. */
@customElement('sill-layer-errors')
export class SillLayerErrors extends SillElement {
  static override styles = [
    shared,
    behind,
    css`
      .legend {
        display: flex;
        flex-wrap: wrap;
        gap: var(--sill-space-4) var(--sill-space-16);
        font-size: var(--wa-font-size-s);
      }
      .legend li {
        display: flex;
        align-items: center;
        gap: var(--sill-space-6);
      }
      svg {
        width: 1.75rem;
        height: 0.5rem;
      }
      .scroll {
        overflow-x: auto;
      }
      :is(th, td) {
        white-space: nowrap;
      }
    `,
  ];

  @property({ attribute: false }) errors: readonly MatrixError[] = [];

  override render() {
    const { errors } = this;
    const worst = errors.reduce<MatrixError | undefined>((most, each) => (most && most.error >= each.error ? most : each), undefined);
    if (!worst) return nothing;
    const layers = this.#layers();
    const outer = errors.filter(({ name }) => !LAYER.test(name));
    return html`
      <figure class="stack">
        <figcaption class="small">
          ${msg('How far the weights are from those of the file, by layer')}
          <span class="quiet">${msg(str`(most: ${percent(worst.error)}, ${matrixWords(worst.name)})`)}</span>
        </figcaption>
        ${
          layers.length > 0
            ? html`
                <ul class="legend" aria-hidden="true">
                  ${ROLES.map(
                    (role, index) => html`
                      <li>
                        <svg viewBox="0 0 28 8"><line x1="0" y1="4" x2="28" y2="4" stroke="var(${LINES[index]?.color})" stroke-width="2" stroke-dasharray=${LINES[index]?.dash.join(' ') ?? ''}></line></svg>
                        ${roleWords(role)}
                      </li>
                    `,
                  )}
                </ul>
                <sill-chart
                  label=${msg(str`Error of ${layers.length} layers, at most ${percent(worst.error)}`)}
                  height=${HEIGHT_PX}
                  .plan=${PLAN}
                  .data=${[layers.map((_, index) => index), ...ROLES.map((role) => layers.map((layer) => layer.get(role) ?? null))]}
                ></sill-chart>
              `
            : nothing
        }
        <details>
          <summary>${msg('Errors as a table')}</summary>
          <div class="scroll" tabindex="0" role="region" aria-label=${msg('Errors by layer')}>
            <table>
              <thead>
                <tr>
                  <th scope="col">${msg('Layer')}</th>
                  ${ROLES.map((role) => html`<th scope="col">${roleWords(role)}</th>`)}
                </tr>
              </thead>
              <tbody>
                ${layers.map(
                  (layer, index) => html`
                    <tr>
                      <th scope="row">${index + 1}</th>
                      ${ROLES.map((role) => html`<td>${layer.has(role) ? percent(layer.get(role) ?? 0) : '–'}</td>`)}
                    </tr>
                  `,
                )}
                ${outer.map(({ name, error }) => html`<tr><th scope="row">${outerWords(name)}</th><td>${percent(error)}</td></tr>`)}
              </tbody>
            </table>
          </div>
        </details>
      </figure>
    `;
  }

  /** By layer, as far as they were made in the last go. */
  #layers(): Array<ReadonlyMap<Role, number>> {
    const layers: Array<Map<Role, number>> = [];
    for (const { name, error } of this.errors) {
      const { layer, role } = LAYER.exec(name)?.groups ?? {};
      const known = ROLES.find((each) => each === role);
      if (layer === undefined || !known) continue;
      const index = Number(layer);
      while (layers.length <= index) layers.push(new Map());
      layers[index]?.set(known, error);
    }
    return layers;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-layer-errors': SillLayerErrors;
  }
}
