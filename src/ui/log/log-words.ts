import { msg } from '@lit/localize';
import type { LogCode, LogLevel, LogSubject } from '../../core/log.ts';

export const levelWords = (level: LogLevel): string =>
  ({ debug: msg('Detail'), info: msg('Info'), warning: msg('Warning'), error: msg('Error') })[level];

export const subjectWords = (subject: LogSubject): string =>
  ({
    engine: msg('Engine'),
    model: msg('Model'),
    download: msg('Download'),
    update: msg('Update'),
    storage: msg('Storage'),
    device: msg('Device'),
    guest: msg('Embedding page'),
    policy: msg('Policy'),
    request: msg('Request'),
  })[subject];

/** Asked for at each rendering, so that the words follow the language. */
const WORDS: Readonly<Record<LogCode, () => string>> = {
  'engine-started': () => msg('The engine started.'),
  'install-begun': () => msg('An install began.'),
  'install-paused': () => msg('A download was paused.'),
  'install-failed': () => msg('An install failed.'),
  'install-abandoned': () => msg('An unfinished install was given up.'),
  installed: () => msg('A version was installed.'),
  staged: () => msg('A version was laid beside the running one, to be tried.'),
  removed: () => msg('A model was removed.'),
  'revision-dropped': () => msg('The version before was removed.'),
  pinned: () => msg('A model is held at one version.'),
  unpinned: () => msg('A model is no longer held at one version.'),
  'trial-begun': () => msg('A new version is on trial.'),
  'trial-put-off': () => msg('The trial of a new version did not get on. It is tried again later.'),
  'update-activated': () => msg('A new version passed its trial and runs now.'),
  'update-rejected': () => msg('A new version failed its trial. The one before goes on running.'),
  'rolled-back': () => msg('A person went back to the version before.'),
  returned: () => msg('A version that ran before runs again.'),
  'update-failed': () => msg('Looking for updates, or taking one, came to nothing.'),
  'catalog-checked': () => msg('The list of models was read.'),
  'catalog-unreachable': () => msg('The list of models could not be reached.'),
  'catalog-refused': () => msg('The list of models was not accepted.'),
  'model-loaded': () => msg('A model was loaded.'),
  'model-unloaded': () => msg('A model left the memory.'),
  'model-lost': () => msg('A model stopped while it ran.'),
  'model-fallback': () => msg('A model runs otherwise than it was made to.'),
  'gpu-right': () => msg('The graphics processor passed its self-test.'),
  'gpu-wrong': () => msg('The graphics processor computes wrong numbers.'),
  'gpu-untested': () => msg('The self-test of the graphics processor came to no result.'),
  'kiosk-restarted': () => msg('A kiosk started again between two sessions, because its memory had grown.'),
  'damage-found': () => msg('Stored parts of a model are damaged or missing.'),
  repaired: () => msg('A damaged model was repaired.'),
  'repair-failed': () => msg('A damaged model could not be repaired.'),
  'models-vanished': () => msg('The browser cleared what was stored, models among it.'),
  'space-freed': () => msg('Space was freed.'),
  'policy-changed': () => msg('The rules of the operator changed.'),
  'policy-unreadable': () => msg('The file of the operator could not be heeded.'),
  'policy-model-refused': () => msg('A model that the operator wants here could not be installed.'),
  'request-retried': () => msg('A request goes on with another start of its model.'),
  'request-failed': () => msg('A request was answered with an error.'),
  'guest-refused': () => msg('A page that embeds Sill was refused.'),
};

export const eventWords = (code: LogCode): string => WORDS[code]();
