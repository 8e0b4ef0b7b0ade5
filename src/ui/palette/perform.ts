import { msg, str } from '@lit/localize';
import { toSillError } from '../../core/errors.ts';
import type { Sill } from '../../protocol/sill.ts';
import { saveFile } from '../elements/saveFile.ts';
import { chooseLocale } from '../locale.ts';
import type { ModelsStore } from '../models-store.ts';
import type { NoticesStore } from '../notices/notices-store.ts';
import { routeHref } from '../routes.ts';
import { chooseSingles } from '../shortcuts/shortcut-keys.ts';
import { chooseTheme } from '../theme.ts';
import type { UpdatesStore } from '../updates-store.ts';
import type { Deed, PageDeed } from './commands.ts';

export interface Means {
  readonly sill: Sill | undefined;
  readonly models: ModelsStore | undefined;
  readonly updates: UpdatesStore | undefined;
  readonly notices: NoticesStore | undefined;
}

/** Does it; what comes of what takes its time is told by a notice, since the palette is closed by then. */
export async function perform(deed: Exclude<Deed, PageDeed>, { sill, models, updates, notices }: Means): Promise<void> {
  switch (deed.kind) {
    case 'go':
      location.hash = deed.href;
      return;
    case 'theme':
      return chooseTheme(deed.theme);
    case 'locale':
      return chooseLocale(deed.locale);
    case 'singles':
      return chooseSingles(deed.on);
    case 'check-updates':
      location.hash = routeHref('updates');
      return updates?.check();
    case 'export-own-data':
      try {
        const copy = await sill?.data.export();
        if (copy) saveFile(`sill-${new Date().toISOString().slice(0, 10)}.json`, copy);
      } catch (reason) {
        notices?.fail(toSillError(reason));
      }
      return;
    case 'load':
    case 'unload': {
      const { kind, model: id } = deed;
      await models?.[kind](id);
      const failure = models?.failures.get(id);
      if (failure) return notices?.fail(failure);
      const name = models?.list?.models.find((model) => model.id === id)?.name ?? id;
      notices?.tell({
        ...{ tone: 'done', about: `memory:${id}`, seenIn: ['device'], href: routeHref('models', { words: id }) },
        words: () => (kind === 'load' ? msg(str`${name} is in memory.`) : msg(str`${name} has left the memory.`)),
      });
    }
  }
}
