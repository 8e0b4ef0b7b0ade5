import { msg } from '@lit/localize';
import type { ReactiveControllerHost } from 'lit';
import * as v from 'valibot';
import { followPreference, readPreference, renderWithPreference, writePreference } from './preferences.ts';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

export const themeWords = (theme: Theme): string => ({ system: msg('as the system'), light: msg('light'), dark: msg('dark') })[theme];

const KEY = 'theme';
const systemDark = matchMedia('(prefers-color-scheme: dark)');

/** Where storage is refused a choice holds until the page closes. */
const remembered = (fallback: Theme): Theme => readPreference(KEY, v.picklist(THEMES), fallback);
let theme = remembered('system');

/** What holds in all tabs, wherever it was chosen. */
export const currentTheme = (): Theme => theme;

/** Renders an element again when another one holds. */
export const followTheme = (host: ReactiveControllerHost): void => renderWithPreference(host, KEY);

export function chooseTheme(chosen: Theme): void {
  theme = chosen;
  writePreference(KEY, chosen);
}

/** The component library follows classes, not the system, so the classes follow the system here. */
function applyTheme(): void {
  theme = remembered(theme);
  const dark = theme === 'dark' || (theme === 'system' && systemDark.matches);
  document.documentElement.classList.toggle('wa-dark', dark);
  document.documentElement.classList.toggle('wa-light', !dark);
}

systemDark.addEventListener('change', applyTheme);
followPreference(KEY, applyTheme);
applyTheme();
