import { msg } from '@lit/localize';
import { sectionWords } from './settings/sections.ts';
import type { SectionedRoute, SectionOf } from './view-sections.ts';

type Words = { readonly [Route in SectionedRoute]: (section: SectionOf<Route>) => string };

const WORDS: Words = {
  storage: (section) =>
    ({
      lost: msg('The browser has removed what was installed'),
      trust: msg('This app brings another trust root than this device knows'),
      disk: msg('Disk use'),
      persistence: msg('Persistence'),
      runtime: msg('Model runtime'),
      versions: msg('Installed versions'),
      space: msg('Free up space'),
      'own-data': msg('Your own data'),
      erase: msg('Erase everything on this device'),
    })[section],
  device: (section) =>
    ({
      graphics: msg('Graphics'),
      processor: msg('Processor'),
      speed: msg('Measured speed'),
      storage: msg('Storage'),
      placement: msg('Where models run'),
      engine: msg('Engine'),
      memory: msg('Memory'),
      requests: msg('Requests'),
      events: msg('What happened'),
      kiosk: msg('Kiosk'),
      versions: msg('Versions'),
    })[section],
  embedding: (section) => ({ guests: msg('Who may'), developers: msg('For whoever writes such a page') })[section],
  settings: sectionWords,
};

/** The heading of a section, and what the command palette calls it. */
export const sectionTitle = <Route extends SectionedRoute>(route: Route, section: SectionOf<Route>): string => WORDS[route](section);
