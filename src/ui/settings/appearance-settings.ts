import { msg } from '@lit/localize';
import { css, html } from 'lit';
import { customElement } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { SillElement } from '../element.ts';
import { chooseLocale, currentLocale, LANGUAGE_NAMES, LOCALES } from '../locale.ts';
import { fields } from '../styles/fields.ts';
import { shared } from '../styles/shared.ts';
import { chooseTheme, currentTheme, followTheme, THEMES, themeWords } from '../theme.ts';

@customElement('sill-appearance-settings')
export class SillAppearanceSettings extends SillElement {
  static override styles = [
    shared,
    fields,
    css`
      .card {
        display: flex;
        flex-wrap: wrap;
        gap: var(--sill-space-16) var(--sill-space-24);
      }
      .field {
        flex: 1 1 12rem;
      }
    `,
  ];

  constructor() {
    super();
    followTheme(this);
  }

  override render() {
    return html`
      <div class="card">
        <div class="field">
          <label for="language">${msg('Language')}</label>
          <select id="language" @change=${this.#onLocale}>
            ${LOCALES.map((locale) => html`<option value=${locale} lang=${locale} .selected=${live(locale === currentLocale())}>${LANGUAGE_NAMES[locale]}</option>`)}
          </select>
        </div>
        <div class="field">
          <label for="theme">${msg('Appearance')}</label>
          <select id="theme" @change=${this.#onTheme}>
            ${THEMES.map((theme) => html`<option value=${theme} .selected=${live(theme === currentTheme())}>${themeWords(theme)}</option>`)}
          </select>
        </div>
      </div>
    `;
  }

  #onLocale(event: Event): void {
    const { value } = event.target as HTMLSelectElement;
    const locale = LOCALES.find((known) => known === value);
    if (locale) void chooseLocale(locale);
  }

  #onTheme(event: Event): void {
    const { value } = event.target as HTMLSelectElement;
    chooseTheme(THEMES.find((theme) => theme === value) ?? 'system');
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sill-appearance-settings': SillAppearanceSettings;
  }
}
