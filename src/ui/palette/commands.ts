import { msg, str } from '@lit/localize';
import { isMeasured } from '../../core/benchmark/plan.ts';
import type { Head } from '../../core/chat/conversation.ts';
import type { Keys } from '../../core/keys.ts';
import type { ModelSummary } from '../../protocol/modelReports.ts';
import { GUIDES, guideWords } from '../help/guides.ts';
import { currentLocale, LANGUAGE_NAMES, LOCALES, type Locale } from '../locale.ts';
import { ROUTE_WORDS } from '../route-words.ts';
import { isForStaff, ROUTES, routeHref, viewOf } from '../routes.ts';
import { sectionTitle } from '../section-words.ts';
import { sectionWords } from '../settings/sections.ts';
import { areSinglesOn } from '../shortcuts/shortcut-keys.ts';
import { actionWords, keysOf } from '../shortcuts/shortcuts.ts';
import { currentTheme, THEMES, type Theme, themeWords } from '../theme.ts';
import { sectionHref, standingSections } from '../view-sections.ts';

export const GROUPS = ['views', 'actions', 'models', 'conversations', 'settings', 'sections', 'guides'] as const;
export type Group = (typeof GROUPS)[number];

const OF_PAGE = ['undo', 'shortcuts', 'search'] as const;
/** What the palette asks of the page around it. */
export interface PageDeed {
  readonly kind: (typeof OF_PAGE)[number];
}

/** What a command does. */
export type Deed =
  | PageDeed
  | { readonly kind: 'go'; readonly href: string }
  | { readonly kind: 'check-updates' | 'export-own-data' }
  | { readonly kind: 'load' | 'unload'; readonly model: string }
  | { readonly kind: 'theme'; readonly theme: Theme }
  | { readonly kind: 'locale'; readonly locale: Locale }
  | { readonly kind: 'singles'; readonly on: boolean };

export const isOfPage = (deed: Deed): deed is PageDeed => OF_PAGE.some((kind) => kind === deed.kind);

export interface Command {
  readonly id: string;
  readonly group: Group;
  readonly label: string;
  readonly also?: string;
  readonly icon: string;
  readonly keys?: Keys;
  readonly deed: Deed;
}

/** What the commands depend on. */
export interface Surroundings {
  readonly models: readonly ModelSummary[];
  /** Newest first; none while a passphrase locks them. */
  readonly conversations: readonly Head[];
  /** What the device is held to by its operator or a kiosk is not offered. */
  readonly locked: boolean;
  /** What was done last and can be taken back, in words. */
  readonly undoable: string | undefined;
}

const go = (href: string): Deed => ({ kind: 'go', href });

/** All that can be done from here, in the order of the groups. */
export function commandsOf(around: Surroundings): readonly Command[] {
  return [
    ...[...undo(around), ...views(around), ...actions(around), ...models(around), ...conversations(around), ...settings(around)],
    ...sections(around),
    ...guides(),
  ];
}

function undo({ undoable }: Surroundings): readonly Command[] {
  if (undoable === undefined) return [];
  return [
    {
      ...{ id: 'undo', group: 'actions', icon: 'undo', keys: keysOf('undo'), deed: { kind: 'undo' } },
      label: msg(str`Undo: ${undoable}`),
    },
  ];
}

const views = ({ locked }: Surroundings): readonly Command[] =>
  ROUTES.filter((route) => !(locked && isForStaff(route))).map((route) => ({
    ...{ id: `view:${route}`, group: 'views', icon: ROUTE_WORDS[route].icon, keys: keysOf(`view:${route}`) },
    ...{ label: ROUTE_WORDS[route].label(), deed: go(routeHref(route)) },
  }));

function actions({ locked }: Surroundings): readonly Command[] {
  const action = (id: string, label: string, icon: string, deed: Deed, more: Partial<Command> = {}): Command => ({
    ...{ id, group: 'actions', label, icon, deed },
    ...more,
  });
  return [
    action('new-chat', actionWords('new-chat'), 'plus', go(routeHref('chat', { new: 'yes' })), { keys: keysOf('new-chat') }),
    action('search', actionWords('search'), 'search', { kind: 'search' }, { keys: keysOf('search') }),
    action('check-updates', msg('Check for updates'), 'refresh', { kind: 'check-updates' }),
    ...(locked
      ? []
      : [
          action('import', msg('Import a model file'), 'upload', go(routeHref('import')), { also: 'GGUF' }),
          action('bundle', msg('Import a bundle, or export models'), 'disk', go(routeHref('models'))),
          action(
            'export-own-data',
            msg('Save a copy of your own data'),
            'download',
            { kind: 'export-own-data' },
            { also: 'export backup' },
          ),
        ]),
    ...(locked
      ? []
      : [action('errors', msg('Show what went wrong'), 'warning', go(routeHref('log', { level: 'error' })), { also: 'log errors' })]),
    action('shortcuts', actionWords('shortcuts'), 'command', { kind: 'shortcuts' }, { keys: keysOf('shortcuts') }),
  ];
}

function models({ models: all, locked }: Surroundings): readonly Command[] {
  return all.flatMap((model) => {
    const { id, name, task, state, fits, loaded } = model;
    const command = (what: string, label: string, icon: string, deed: Deed): Command => ({
      ...{ id: `${what}:${id}`, group: 'models', label, also: id, icon, deed },
    });
    if (state === 'available' && !model.derived)
      return locked || !fits[0] || fits[0].verdict === 'no'
        ? []
        : [command('install', msg(str`Install ${name}…`), 'download', go(routeHref('models', { install: id })))];
    if (!model.installed && !(model.derived && state === 'installed')) return [];
    const view = viewOf(task);
    const isWriter = task === 'text-generation';
    return [
      ...(isWriter ? [command('chat', msg(str`Chat with ${name}`), 'chat', go(routeHref('chat', { model: id })))] : []),
      command('use', msg(str`${ROUTE_WORDS[view].label()}: ${name}`), ROUTE_WORDS[view].icon, go(routeHref(view, { model: id }))),
      ...(model.installed
        ? [
            ...(!locked && isMeasured(task)
              ? [command('benchmark', msg(str`Benchmark ${name}`), 'gauge', go(routeHref('benchmarks', { model: id })))]
              : []),
            ...(!locked && isWriter
              ? [command('evaluate', msg(str`Evaluate ${name}`), 'list-checks', go(routeHref('evaluations', { model: id })))]
              : []),
            command('versions', msg(str`Versions of ${name}`), 'versions', go(routeHref('versions', { model: id }))),
            ...(locked
              ? []
              : [
                  loaded
                    ? command('unload', msg(str`Unload ${name}`), 'power', { kind: 'unload', model: id })
                    : command('load', msg(str`Load ${name}`), 'power', { kind: 'load', model: id }),
                ]),
          ]
        : []),
      command('show', msg(str`Show ${name} among the models`), 'models', go(routeHref('models', { words: id }))),
    ];
  });
}

const conversations = ({ conversations: heads }: Surroundings): readonly Command[] =>
  heads.map(({ id, title }) => ({
    ...{ id: `conversation:${id}`, group: 'conversations', icon: 'chat', label: title || msg('Without a title') },
    deed: go(routeHref('chat', { conversation: id })),
  }));

/** Each choice that is not made: what holds already needs no command. */
function settings({ locked }: Surroundings): readonly Command[] {
  const command = (id: string, label: string, icon: string, deed: Deed, also: string): Command => ({
    ...{ id, group: 'settings', label, icon, deed, also },
  });
  return [
    ...THEMES.filter((theme) => theme !== currentTheme()).map((theme) =>
      command(
        `theme:${theme}`,
        msg(str`Appearance: ${themeWords(theme)}`),
        { system: 'system', light: 'sun', dark: 'moon' }[theme],
        { kind: 'theme', theme },
        'theme mode',
      ),
    ),
    ...LOCALES.filter((locale) => locale !== currentLocale()).map((locale) =>
      command(`locale:${locale}`, msg(str`Language: ${LANGUAGE_NAMES[locale]}`), 'globe', { kind: 'locale', locale }, 'language'),
    ),
    areSinglesOn()
      ? command('singles:off', msg('Turn off shortcuts of single characters'), 'command', { kind: 'singles', on: false }, 'keyboard')
      : command('singles:on', msg('Turn on shortcuts of single characters'), 'command', { kind: 'singles', on: true }, 'keyboard'),
    ...standingSections('settings', locked)
      .filter((section) => section !== 'notifications')
      .map((section) =>
        command(
          `settings:${section}`,
          msg(str`Settings: ${sectionWords(section)}`),
          'settings',
          go(routeHref('settings', { section })),
          ROUTE_WORDS.settings.label(),
        ),
      ),
    ...(locked
      ? []
      : [
          command(
            'notifications',
            msg('Notifications when long work has ended'),
            'bell',
            go(routeHref('settings', { section: 'notifications' })),
            'bell',
          ),
        ]),
  ];
}

const sections = ({ locked }: Surroundings): readonly Command[] =>
  (['device', 'storage', 'embedding'] as const)
    .filter((route) => !(locked && isForStaff(route)))
    .flatMap((route) =>
      standingSections(route, locked).map((section) => ({
        ...{ id: `section:${route}:${section}`, group: 'sections', icon: ROUTE_WORDS[route].icon },
        ...{ label: `${ROUTE_WORDS[route].label()}: ${sectionTitle(route, section)}`, deed: go(sectionHref(route, section)) },
      })),
    );

const guides = (): readonly Command[] =>
  GUIDES.map((guide) => ({
    ...{ id: `guide:${guide}`, group: 'guides', icon: ROUTE_WORDS.help.icon, label: msg(str`Guide: ${guide}`), also: guideWords(guide) },
    deed: go(routeHref('help', { guide })),
  }));

export const groupWords = (group: Group | 'recent'): string =>
  ({
    recent: msg('Used of late'),
    views: msg('Views'),
    actions: msg('Actions'),
    models: msg('Models'),
    conversations: msg('Conversations'),
    settings: msg('Settings'),
    sections: msg('Parts of views'),
    guides: msg('Guides'),
  })[group];
