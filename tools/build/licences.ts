import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import type { Plugin } from 'vite';

const PackageSchema = v.object({
  name: v.string(),
  version: v.string(),
  license: v.optional(v.string(), 'see its home page'),
  homepage: v.optional(v.string()),
});

/**
 * Writes `third-party-licences.md` with the licence of every package in the build, as those licences ask. Vite's own `build.license`
 * leaves out what only workers import, which here is the larger part.
 *
 * @param alsoBundled folders of packages in builds that run after this one: the service worker's.
 */
export function licences(alsoBundled: readonly string[]): { page: () => Plugin; worker: () => Plugin } {
  const folders = new Set(alsoBundled);
  const collect = (modules: Iterable<string>): void => {
    for (const id of modules) {
      const [folder] = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id) ?? [];
      // Names that begin with NUL, or carry a query, are made by plugins from a module that is listed itself.
      if (folder && existsSync(join(folder, 'package.json'))) folders.add(folder);
    }
  };
  return {
    worker: () => ({
      name: 'sill:worker-licences',
      generateBundle() {
        collect(this.getModuleIds());
      },
    }),
    page: () => ({
      name: 'sill:licences',
      apply: 'build',
      // Workers are built while the page's modules are transformed, so they are known by now.
      generateBundle() {
        collect(this.getModuleIds());
        this.emitFile({ type: 'asset', fileName: 'third-party-licences.md', source: document([...folders]) });
      },
    }),
  };
}

function document(folders: readonly string[]): string {
  const sections = folders.map((folder) => {
    const { name, version, license, homepage } = v.parse(PackageSchema, JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));
    const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)(\.(md|txt))?$/i.test(entry));
    const text = file
      ? readFileSync(join(folder, file), 'utf8').trim()
      : `${license}. The package carries no licence file${homepage ? `: see ${homepage}` : '.'}`;
    return `## ${name} ${version} (${license})\n\n${text.replace(/^/gm, '> ').replace(/ +$/gm, '')}\n`;
  });
  return `# Licences of the packages in this build\n\nSill itself is under the MIT licence. Models carry theirs with them.\n\n${[...new Set(sections)].sort().join('\n')}`;
}
