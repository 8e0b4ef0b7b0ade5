import { type SillError, toSillError } from '../core/errors.ts';
import type { FrameLook } from '../core/theme.ts';
import { connect, type GuestSill } from './connect.ts';

/** What of the page's own style goes into the frame: `sill-chat { --sill-embed-accent: #0a5; }`. */
const PROPERTIES = [
  ...['background', 'surface', 'text', 'quiet', 'border', 'accent', 'on-accent', 'radius', 'font-size', 'font'].map(
    (name) => `--sill-embed-${name}`,
  ),
];

/**
 * `<sill-chat src model language color-scheme instructions>`: a conversation with a model on this device.
 *
 * @fires sill-ready with the connection as its detail
 * @fires sill-error with the SillError as its detail
 * @cssprop --sill-embed-accent and others, see docs/embed.md
 */
export class SillChat extends HTMLElement {
  // With those by which a page gives it other colours or another language.
  static readonly observedAttributes = ['src', 'model', 'language', 'color-scheme', 'instructions', 'class', 'style', 'lang'];

  #sill: GuestSill | undefined;
  #abort: AbortController | undefined;

  /** The connection, once there is one. */
  get sill(): GuestSill | undefined {
    return this.#sill;
  }

  connectedCallback(): void {
    this.style.display ||= 'block';
    void this.#connect();
  }

  disconnectedCallback(): void {
    this.#abort?.abort();
    this.#sill?.destroy();
    this.#sill = undefined;
    // One that was not let in stands there with the reason.
    this.querySelector('iframe')?.remove();
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (!this.#abort || before === after) return;
    if (name === 'src') {
      this.disconnectedCallback();
      this.connectedCallback();
    } else this.#sill?.show(this.#look());
  }

  async #connect(): Promise<void> {
    const abort = new AbortController();
    this.#abort = abort;
    const src = this.getAttribute('src');
    try {
      const sill = await connect(this, {
        ...this.#look(),
        ...(src === null ? {} : { src }),
        title: this.title || this.ariaLabel || 'Sill',
        signal: abort.signal,
      });
      // Taken out of the page meanwhile.
      if (abort.signal.aborted) return sill.destroy();
      this.#sill = sill;
      this.dispatchEvent(new CustomEvent('sill-ready', { detail: sill }));
    } catch (reason) {
      if (!abort.signal.aborted) this.dispatchEvent(new CustomEvent('sill-error', { detail: toSillError(reason) }));
    }
  }

  #look(): FrameLook {
    const style = getComputedStyle(this);
    const theme = Object.fromEntries(
      PROPERTIES.map((name) => [name, style.getPropertyValue(name).trim()] as const).filter(([, value]) => value !== ''),
    );
    const scheme = this.getAttribute('color-scheme');
    const language = this.getAttribute('language') ?? (this.lang || document.documentElement.lang);
    const model = this.getAttribute('model');
    const instructions = this.getAttribute('instructions');
    return {
      view: 'chat',
      theme,
      ...(language ? { language } : {}),
      ...(scheme === 'light' || scheme === 'dark' || scheme === 'system' ? { colorScheme: scheme } : {}),
      ...(model === null ? {} : { model }),
      ...(instructions === null ? {} : { instructions }),
    };
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-chat': SillChat;
  }
  interface HTMLElementEventMap {
    'sill-ready': CustomEvent<GuestSill>;
    'sill-error': CustomEvent<SillError>;
  }
}
