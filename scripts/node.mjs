// Checks and commands that start.mjs and test.mjs share. Nothing here may need an installed package.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Ends with a plain message where Node is older than package.json asks. */
export function requireNode() {
  const wanted = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).engines.node.replace(/^>=/, '');
  const [major, minor] = wanted.split('.').map(Number);
  const [haveMajor, haveMinor] = process.versions.node.split('.').map(Number);
  if (haveMajor > major || (haveMajor === major && haveMinor >= minor)) return;
  console.error(`Sill needs Node ${wanted} or newer, and this is Node ${process.versions.node}. Get a newer one from https://nodejs.org/`);
  process.exit(1);
}

/** Packages of the lockfile that are not installed in its version. Optional ones belong to other platforms. */
function missingPackages() {
  const installed = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(installed)) return ['all of them'];
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const have = JSON.parse(readFileSync(installed, 'utf8')).packages;
  return Object.keys(wanted).filter((path) => path !== '' && !wanted[path].optional && have[path]?.version !== wanted[path].version);
}

/** Installs what the lockfile names, if something is missing or `npm ci` has never seen this lockfile. */
export function installPackages() {
  const stamp = join(root, 'node_modules/.sill-lockfile');
  const lockfile = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lockfile) return;
  if (missingPackages().length > 0) {
    console.log('Installing packages …');
    if (!step('npm', ['ci', '--no-audit', '--no-fund'])) {
      console.error('npm ci failed; its message is above. The first start needs the npm registry, or a cache that has the packages.');
      process.exit(1);
    }
  }
  writeFileSync(stamp, lockfile);
}

/** Runs a command in the project; true when it succeeded. npm is a script file on Windows, which only a shell starts. */
export function step(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32' && ['npm', 'npx'].includes(command),
    ...options,
  });
  if (error) console.error(`${command} could not be started: ${error.message}`);
  return status === 0;
}

/** A package's command line, by the file that Node runs: quicker than npx, and the same on every platform. */
export function tool(name, args, options) {
  return step(process.execPath, [binary(name), ...args], options);
}

export function binary(name) {
  const folder = join(root, 'node_modules', ...name.split('/'));
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return join(folder, typeof bin === 'string' ? bin : (bin[name] ?? Object.values(bin)[0]));
}

const filesUnder = (path) =>
  !existsSync(path)
    ? []
    : readdirSync(path, { withFileTypes: true, recursive: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath ?? entry.path, entry.name));

/** One digest over names and contents of everything that the built app is made of. Models count by their catalog, which has digests. */
function inputDigest() {
  const hash = createHash('sha256');
  const files = [
    ...['src', 'workers', 'public', 'docs/screenshots', 'tools/build', 'tools/icons'].flatMap((folder) => filesUnder(join(root, folder))),
    ...[
      'index.html',
      'embed.html',
      'vite.config.ts',
      'package.json',
      'package-lock.json',
      'tools/icons.ts',
      'tools/sdk.ts',
      'tsconfig.sdk.json',
    ]
      .map((file) => join(root, file))
      .filter((file) => existsSync(file)),
  ]
    .map((file) => relative(root, file).replaceAll('\\', '/'))
    .filter((file) => !file.endsWith('.test.ts') && !file.startsWith('public/icons/'))
    .filter(
      (file) =>
        !file.startsWith('public/models/') || ['catalog.json', 'metadata/timestamp.json'].includes(file.slice('public/models/'.length)),
    )
    .sort();
  // Another catalog's root may lie anywhere.
  const trust = process.env.SILL_TRUST ? filesUnder(resolve(root, process.env.SILL_TRUST)).sort() : [];
  const policy = process.env.SILL_POLICY ? [resolve(root, process.env.SILL_POLICY)] : [];
  for (const file of [...files, ...[...trust, ...policy].map((path) => relative(root, path))]) {
    const bytes = readFileSync(join(root, file));
    hash.update(`${file}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex');
}

const dist = join(root, 'dist');
const stampFile = join(root, '.cache/build.sha256');

/** Fetches and builds the starter models that are not there yet; for tests also those that only tests compare with. */
export const modelsCommand = ({ references = false } = {}) => ['tsx', ['tools/models.ts', ...(references ? ['--with-reference'] : [])]];
export const prepareModels = () => tool(...modelsCommand());

/** Draws the icons, builds the app and checks its size, only if something is missing or has changed. */
export function buildApp() {
  const digest = inputDigest();
  const built = ['index.html', 'sw.js'].every((file) => existsSync(join(dist, file)));
  if (built && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === digest) return true;
  console.log('Building the app …');
  // Built aside and then put in place, so that a failed build harms nothing and a running server never sees half of one.
  const fresh = join(root, `.cache/dist-${process.pid}`);
  const old = `${fresh}-old`;
  try {
    const steps = [
      ['tsx', ['tools/icons.ts']],
      ['vite', ['build', '--logLevel', 'warn', '--outDir', fresh, '--emptyOutDir']],
      ['tsx', ['tools/sdk.ts', fresh]],
      ['tsx', ['tools/budget.ts', fresh]],
    ];
    if (!steps.every(([name, args]) => tool(name, args))) return false;
    if (existsSync(dist)) renameSync(dist, old);
    renameSync(fresh, dist);
  } finally {
    for (const folder of [fresh, old]) rmSync(folder, { recursive: true, force: true });
  }
  writeFileSync(stampFile, digest);
  return true;
}
