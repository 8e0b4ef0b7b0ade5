import { msg } from '@lit/localize';
import { isSingle, type Keys } from '../../core/keys.ts';
import { isApple } from '../machine.ts';
import { ROUTES, type RouteId } from '../routes.ts';

const ACTIONS = ['palette', 'shortcuts', 'search', 'new-chat', 'undo'] as const;
export type ShortcutAction = (typeof ACTIONS)[number];
export type ShortcutName = ShortcutAction | `view:${RouteId}`;

export interface Shortcut<Name = ShortcutName> {
  readonly name: Name;
  readonly keys: Keys;
}

/** After `g`. The first letter where it is free. */
const VIEW_LETTERS: Readonly<Record<RouteId, string>> = {
  chat: 'c',
  write: 'w',
  search: 's',
  transcribe: 't',
  run: 'r',
  overview: 'o',
  models: 'm',
  import: 'i',
  downloads: 'd',
  versions: 'v',
  updates: 'u',
  benchmarks: 'b',
  evaluations: 'e',
  embedding: 'p',
  storage: 'k',
  device: 'x',
  log: 'l',
  network: 'n',
  settings: ',',
  help: 'h',
};

const ACTION_KEYS: Readonly<Record<ShortcutAction, Keys>> = {
  palette: 'Mod+k',
  shortcuts: '?',
  search: '/',
  'new-chat': 'n',
  undo: 'Mod+z',
};

/** The one table: what the page listens to, what the palette writes beside a command, what the sheet and Help list. */
export const SHORTCUTS: readonly Shortcut[] = [
  ...ACTIONS.map((name) => ({ name, keys: ACTION_KEYS[name] })),
  ...ROUTES.map((route) => ({ name: `view:${route}` as const, keys: `g ${VIEW_LETTERS[route]}` })),
];

export const keysOf = (name: ShortcutName): Keys => SHORTCUTS.find((each) => each.name === name)?.keys ?? '';

/** Those that hold while characters alone do nothing. */
export const heard = (areSinglesOn: boolean): readonly Shortcut[] =>
  areSinglesOn ? SHORTCUTS : SHORTCUTS.filter(({ keys }) => !isSingle(keys));

/** As a person reads it: steps, each the keys that are pressed together. */
export const keyCaps = (keys: Keys): ReadonlyArray<readonly string[]> =>
  keys.split(' ').map((step) => (step.startsWith('Mod+') ? [isApple() ? '⌘' : msg('Ctrl'), capital(step.slice(4))] : [step]));

const capital = (key: string): string => (key.length === 1 ? key.toUpperCase() : key);

export const actionWords = (name: ShortcutAction): string =>
  ({
    palette: msg('Open the command palette'),
    shortcuts: msg('List the keyboard shortcuts'),
    search: msg('Search in this view'),
    'new-chat': msg('New conversation'),
    undo: msg('Take the last action back, while that is offered'),
  })[name];

/** What views and dialogs listen to by themselves, while they have the focus. */
export const localShortcuts = (): ReadonlyArray<{ readonly caps: ReadonlyArray<readonly string[]>; readonly words: string }> => [
  { caps: [[msg('Enter')]], words: msg('In Chat: send the message') },
  { caps: [[isApple() ? '⌘' : msg('Ctrl'), msg('Enter')]], words: msg('In Write: go on with the text') },
  { caps: [[msg('Esc')]], words: msg('Stop the answer that is being written, or close what is open') },
];
