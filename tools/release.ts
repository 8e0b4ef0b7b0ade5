/** Packs the built app and the web-server recipes for an operator who has no npm: `npm run release`. */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { packTar, type TarSource } from 'modern-tar/fs';
import * as v from 'valibot';
import { POLICY_PATH } from '../src/core/policy.ts';
import { readPolicyFile } from './build/policyFile.ts';
import { recipes } from './deploy/recipes.ts';

const root = resolve(import.meta.dirname, '..');
const dist = join(root, 'dist');
const { version } = v.parse(v.object({ version: v.string() }), JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
const name = `sill-${version}`;

if (!existsSync(join(dist, 'index.html'))) {
  console.error('There is no built app in dist/. Run: npm run release');
  process.exit(1);
}

// One time for all entries, so that the same build gives the same archive.
const entry = { mtime: new Date('2000-01-01T00:00:00Z'), uid: 0, gid: 0 };
const fromRoot = (path: string, target = path): TarSource => ({
  ...entry,
  type: 'file',
  source: join(root, path),
  target: `${name}/${target}`,
  mode: 0o644,
});
const sources: readonly TarSource[] = [
  { ...entry, type: 'directory', source: dist, target: `${name}/app` },
  fromRoot('LICENSE'),
  fromRoot('deploy/README.md', 'README.md'),
  // Again where the guides and the recipes lie, so that their links lead somewhere.
  fromRoot('deploy/README.md'),
  fromRoot('deploy/kill-switch.js'),
  { ...entry, type: 'directory', source: join(root, 'docs'), target: `${name}/docs` },
  ...Object.entries(recipes(readPolicyFile(join(dist, POLICY_PATH)))).map(
    ([file, content]): TarSource => ({ ...entry, type: 'content', content, target: `${name}/deploy/${file}`, mode: 0o644 }),
  ),
];

mkdirSync(join(root, 'release'), { recursive: true });
const archive = join(root, 'release', `${name}.tar.gz`);
// Half an archive must not look like one.
const partial = `${archive}.partial`;
await pipeline(packTar(sources, { concurrency: 1 }), createGzip({ level: 6 }), createWriteStream(partial));
const hash = createHash('sha256');
await pipeline(createReadStream(partial), hash);
renameSync(partial, archive);
writeFileSync(`${archive}.sha256`, `${hash.digest('hex')}  ${basename(archive)}\n`);
console.log(`release/${basename(archive)}`);
