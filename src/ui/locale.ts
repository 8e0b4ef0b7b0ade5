import { configureLocalization } from '@lit/localize';
import * as v from 'valibot';
import { followPreference, readPreference, writePreference } from './preferences.ts';

export const LOCALES = ['en', 'de', 'el'] as const;
export type Locale = (typeof LOCALES)[number];

export const LANGUAGE_NAMES: Readonly<Record<Locale, string>> = { en: 'English', de: 'Deutsch', el: 'Ελληνικά' };

const SOURCE = 'en' satisfies Locale;
const KEY = 'locale';

/** Each with what the components say by themselves. */
const LOADERS = {
  async de() {
    await import('@awesome.me/webawesome/dist/translations/de.js');
    return import('./locales/de.ts');
  },
  async el() {
    await import('./locales/webawesome-el.ts');
    return import('./locales/el.ts');
  },
};

const localization = configureLocalization({
  sourceLocale: SOURCE,
  targetLocales: LOCALES.filter((locale) => locale !== SOURCE),
  loadLocale: (locale) => LOADERS[locale === 'el' ? 'el' : 'de'](),
});

let wanted: Locale = SOURCE;

export const currentLocale = (): Locale => LOCALES.find((locale) => locale === localization.getLocale()) ?? SOURCE;

/** The remembered language, or the first of the browser's that we speak. */
export function preferredLocale(): Locale {
  const spoken = navigator.languages.map((tag) => LOCALES.find((locale) => tag.toLowerCase().startsWith(locale)));
  return readPreference(KEY, v.picklist(LOCALES), spoken.find((locale) => locale !== undefined) ?? SOURCE);
}

/** Switches every text on the page; the components follow the document's language. */
export async function applyLocale(locale: Locale): Promise<void> {
  wanted = locale;
  await localization.setLocale(locale);
  // Another one may have been wanted while this one was fetched.
  document.documentElement.lang = wanted;
}

export async function chooseLocale(locale: Locale): Promise<void> {
  const applied = applyLocale(locale);
  writePreference(KEY, locale);
  await applied;
}

/** For as long as the page is open it speaks what is chosen in any tab. Where storage is refused, what was chosen here. */
export function followLocale(): void {
  followPreference(KEY, () => void applyLocale(readPreference(KEY, v.picklist(LOCALES), wanted)));
}
