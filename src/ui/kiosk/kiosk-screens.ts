import { msg, str } from '@lit/localize';
import { html, type TemplateResult } from 'lit';
import type { KioskScreen, KioskTask } from '../../core/kiosk/rules.ts';
import { chooseLocale, currentLocale, LANGUAGE_NAMES, LOCALES } from '../locale.ts';
import { taskWordsOf } from './kiosk-words.ts';

export const titleOf = ({ task, title }: KioskScreen): string => title ?? taskWordsOf(task).title;

export const iconOf = ({ task }: KioskScreen): KioskTask => task;

/** What somebody who passes by reads. @param begin absent until the device is ready */
export const attractScreen = (screen: KioskScreen, begin: (() => void) | undefined): TemplateResult => html`
  <main class="attract" @click=${begin}>
    <wa-icon name=${iconOf(screen)}></wa-icon>
    <h1>${titleOf(screen)}</h1>
    <p>${taskWordsOf(screen.task).invitation}</p>
    ${begin ? html`<button class="main begin">${msg('Touch to begin')}</button>` : html`<p role="status">${msg('Starting…')}</p>`}
    <p class="small">${msg('Everything is computed on this device. Nothing that you write or say leaves it, and all of it is deleted after you.')}</p>
  </main>
`;

/** @param leftMs until everything of the person is deleted */
export const stillThere = (leftMs: number, stay: () => void, leave: (event: Event) => void): TemplateResult => html`
  <div class="veil" @click=${stay}>
    <div class="ask" role="alertdialog" aria-modal="true" aria-labelledby="still" aria-describedby="soon">
      <h2 id="still">${msg('Are you still there?')}</h2>
      <p id="soon">${msg(str`Everything that was written here is deleted in ${Math.ceil(leftMs / 1000)} s, for the next person.`)}</p>
      <div class="row">
        <button @click=${leave}>${msg('Delete it now')}</button>
        <button class="main stay">${msg('I am still here')}</button>
      </div>
    </div>
  </div>
`;

export const kioskFooter = (askStaff: () => void): TemplateResult => html`
  <footer>
    <div class="row" role="group" aria-label=${msg('Language')}>
      ${LOCALES.map((locale) => html`<button class="plain" lang=${locale} aria-pressed=${locale === currentLocale()} @click=${() => chooseLocale(locale)}>${LANGUAGE_NAMES[locale]}</button>`)}
    </div>
    <button class="plain staff" aria-label=${msg('For staff')} title=${msg('For staff')} @click=${askStaff}>
      <wa-icon name="lock"></wa-icon>
    </button>
  </footer>
`;
