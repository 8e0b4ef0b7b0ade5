import { msg } from '@lit/localize';
import * as v from 'valibot';
import { readPreference, writePreference } from './preferences.ts';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

export const themeWords = (theme: Theme): string => ({ system: msg('as the system'), light: msg('light'), dark: msg('dark') })[theme];

const KEY = 'theme';
const systemDark = matchMedia('(prefers-color-scheme: dark)');

export const rememberedTheme = (): Theme => readPreference(KEY, v.picklist(THEMES), 'system');

export function chooseTheme(theme: Theme): void {
  writePreference(KEY, theme);
  applyTheme();
}

/** The component library follows classes, not the system, so the classes follow the system here. */
function applyTheme(): void {
  const theme = rememberedTheme();
  const dark = theme === 'dark' || (theme === 'system' && systemDark.matches);
  document.documentElement.classList.toggle('wa-dark', dark);
  document.documentElement.classList.toggle('wa-light', !dark);
}

systemDark.addEventListener('change', applyTheme);
applyTheme();
