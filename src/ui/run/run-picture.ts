import '@awesome.me/webawesome/dist/components/button/button.js';
import { msg } from '@lit/localize';
import { css, html, nothing, type PropertyValues } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { Box, Pixels } from '../../protocol/tasks.ts';
import { SillElement } from '../element.ts';
import { saveFile } from '../elements/saveFile.ts';
import { shared } from '../styles/shared.ts';

export interface DrawnBox {
  readonly box: Box;
  readonly label: string;
  readonly colour: string;
}

export interface DrawnMask {
  readonly mask: Pixels;
  readonly colour: string;
}

/** More is drawn by no screen that this is looked at on. */
const MAX_SIDE = 1600;
/** How much of the picture shows through a mask. */
const MASK_OPACITY = 0.55;

/** A picture with what a model found in it drawn over. */
@customElement('sill-run-picture')
export class SillRunPicture extends SillElement {
  static override styles = [
    shared,
    css`
      canvas {
        display: block;
        max-width: 100%;
        max-height: 70vh;
        border-radius: var(--wa-border-radius-m);
        background: repeating-conic-gradient(var(--wa-color-neutral-fill-normal) 0 25%, transparent 0 50%) 0 0 / 1rem 1rem;
      }
      .row {
        margin-top: var(--sill-space-8);
      }
    `,
  ];

  @property({ attribute: false }) picture: Blob | Pixels | undefined;
  @property({ attribute: false }) boxes: readonly DrawnBox[] = [];
  @property({ attribute: false }) masks: readonly DrawnMask[] = [];
  /** What it shows, for those who do not see it. */
  @property() label = '';
  /** Under which name it may be saved; empty for a picture that came from the person. */
  @property() saveAs = '';
  @state() private unreadable = false;
  @query('canvas') private canvas!: HTMLCanvasElement | null;
  /** Only the last one draws: decoding takes as long as it takes. */
  #drawing = 0;

  override render() {
    if (this.unreadable) return nothing;
    return html`
      <canvas role="img" aria-label=${this.label}></canvas>
      ${
        this.saveAs === ''
          ? nothing
          : html`<div class="row"><wa-button size="s" appearance="outlined" @click=${this.#save}><wa-icon slot="start" name="download"></wa-icon>${msg('Save as PNG')}</wa-button></div>`
      }
    `;
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('picture') || changed.has('boxes') || changed.has('masks')) void this.#draw();
  }

  async #draw(): Promise<void> {
    const { picture } = this;
    if (!picture) return;
    const turn = ++this.#drawing;
    const bitmap = await bitmapOf(picture).catch(() => undefined);
    this.unreadable = bitmap === undefined;
    const masks = await Promise.all(this.masks.map(async ({ mask, colour }) => bitmapOf(coloured(mask, colour))));
    const { canvas } = this;
    const context = canvas?.getContext('2d');
    if (turn !== this.#drawing || !bitmap || !canvas || !context) return;
    const scale = Math.min(1, MAX_SIDE / Math.max(bitmap.width, bitmap.height));
    canvas.width = Math.max(1, Math.round(bitmap.width * scale));
    canvas.height = Math.max(1, Math.round(bitmap.height * scale));
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    context.globalAlpha = MASK_OPACITY;
    for (const mask of masks) context.drawImage(mask, 0, 0, canvas.width, canvas.height);
    context.globalAlpha = 1;
    for (const each of this.boxes) drawBox(context, each, scale);
    this.emit('sill-drawn');
  }

  #save(): void {
    this.canvas?.toBlob((blob) => {
      if (blob) saveFile(this.saveAs, blob);
    });
  }
}

function bitmapOf(picture: Blob | Pixels): Promise<ImageBitmap> {
  return createImageBitmap(picture instanceof Blob ? picture : new ImageData(rgba(picture), picture.width, picture.height));
}

function rgba({ width, height, data }: Pixels): Uint8ClampedArray<ArrayBuffer> {
  const channels = data.length / (width * height);
  const all = new Uint8ClampedArray(4 * width * height);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const from = pixel * channels;
    const grey = data[from] ?? 0;
    all[4 * pixel] = grey;
    all[4 * pixel + 1] = channels < 3 ? grey : (data[from + 1] ?? 0);
    all[4 * pixel + 2] = channels < 3 ? grey : (data[from + 2] ?? 0);
    all[4 * pixel + 3] = channels < 4 ? 255 : (data[from + 3] ?? 0);
  }
  return all;
}

/** @param colour as `#rrggbb` */
function coloured({ width, height, data }: Pixels, colour: string): Pixels {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  const all = new Uint8ClampedArray(4 * width * height);
  for (let pixel = 0; pixel < width * height; pixel++) all.set([red, green, blue, data[pixel] ?? 0], 4 * pixel);
  return { width, height, data: all };
}

function drawBox(context: CanvasRenderingContext2D, { box, label, colour }: DrawnBox, scale: number): void {
  const line = Math.max(2, Math.round(context.canvas.width / 250));
  const [x, y] = [box.xmin * scale, box.ymin * scale];
  const [width, height] = [(box.xmax - box.xmin) * scale, (box.ymax - box.ymin) * scale];
  // A light rim, so that the line stands out from anything.
  context.lineWidth = line + 2;
  context.strokeStyle = 'white';
  context.strokeRect(x, y, width, height);
  context.lineWidth = line;
  context.strokeStyle = colour;
  context.strokeRect(x, y, width, height);
  const size = Math.max(12, Math.round(context.canvas.width / 40));
  context.font = `600 ${size}px sans-serif`;
  const wide = context.measureText(label).width + size / 2;
  const top = y > size * 1.4 ? y - size * 1.4 : y;
  context.fillStyle = 'white';
  context.fillRect(x, top, wide, size * 1.4);
  context.fillStyle = 'black';
  context.fillText(label, x + size / 4, top + size * 1.05);
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-run-picture': SillRunPicture;
  }
}
