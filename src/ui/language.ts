/**
 * Sees to it that the browser names a language that there is. On a machine without a locale WebKitGTK says "C", which every formatter of numbers and dates
 * refuses, and libraries make some of what the browser says: a view that loads such a library would not open.
 */
export function mendLanguage(browser: Pick<Navigator, 'language'> = navigator): void {
  try {
    new Intl.Locale(browser.language);
  } catch {
    Object.defineProperty(browser, 'language', { value: 'en', configurable: true });
  }
}
