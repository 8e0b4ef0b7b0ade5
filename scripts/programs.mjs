// Programs that are on this machine, and how Debian brings those that are not.
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export const isExecutable = (path) => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Absent, or not ours to run: either way not what is looked for.
    return false;
  }
};

/** The first of these names that is on the PATH. */
export const findProgram = (names) =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find(isExecutable);

const isDebian = () => existsSync('/etc/os-release') && /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(readFileSync('/etc/os-release', 'utf8'));

/** Whether packages can be installed here without asking anybody. */
const canInstall = () => isDebian() && process.getuid?.() === 0;

/** With what the packages recommend: a browser's fonts are among that. @param run runs a command and says whether it succeeded */
export const installDebian = (run, packages) =>
  canInstall() && run('apt-get', ['update']) && run('apt-get', ['install', '-y', ...packages]);
