import { execFile } from 'node:child_process';
import { copyFile, cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { hexOf, parseRevisionId, type RevisionId, shortRevision } from '../../src/core/ids.ts';
import { filesOf, type Manifest, type ManifestData, parseManifest } from '../../src/core/manifest.ts';
import { SIGNED_FOLDERS } from '../../tools/models/publish.ts';
import type { Command } from '../../tools/publisher/command.ts';
import { packCommand } from '../../tools/publisher/commands/pack.ts';
import { publishCommand } from '../../tools/publisher/commands/publish.ts';
import { rolloutCommand } from '../../tools/publisher/commands/rollout.ts';
import { withdrawCommand } from '../../tools/publisher/commands/withdraw.ts';
import { inspect } from '../../tools/publisher/inspect.ts';
import { askPassphrase } from '../../tools/publisher/passphrase.ts';
import { DEFAULT_PLACES, type Publisher } from '../../tools/publisher/publisher.ts';

type Options = Readonly<Record<string, string | true>>;
type Content = string | Uint8Array;

/** What a further revision has in place of what the starter model has. */
export interface Release {
  readonly about?: Partial<ManifestData>;
  readonly files?: Readonly<Record<string, (before: Uint8Array) => Content>>;
  /** Of `publish`, as `{ notes: '...', percentage: '10' }`. */
  readonly options?: Options;
}

/**
 * A publisher at work on a copy of the built site, with the commands of the command line and the keys of the checkout. Big files are
 * linked, and what is published lies in the copy alone.
 */
export class TestPublisher {
  private releases = 0;

  private constructor(
    private readonly folder: string,
    /** The site, to be served. */
    readonly directory: string,
    private readonly publisher: Publisher,
  ) {}

  static async open(dist: string): Promise<TestPublisher> {
    const folder = await mkdtemp(join(tmpdir(), 'sill-publisher-'));
    const directory = join(folder, 'site');
    await mkdir(directory);
    for (const name of await readdir(dist)) if (name !== 'models') await symlink(join(dist, name), join(directory, name));
    const repo = join(directory, 'models');
    await mirror(join(dist, 'models'), repo);
    // What is shipped with the app was built before: this publisher's own goes nowhere.
    const publisher = { ...DEFAULT_PLACES, repo, trust: join(folder, 'trust'), ask: askPassphrase(), now: Date.now };
    return new TestPublisher(folder, directory, publisher);
  }

  async close(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Packs and publishes a further revision of a starter model, in its variant for the processor. */
  async release(id: string, { about = {}, files = {}, options = {} }: Release): Promise<RevisionId> {
    const { manifest, folder } = await this.#first(id);
    const variants = manifest.variants.filter(({ device }) => device === 'wasm').slice(0, 1);
    const packed = join(this.folder, `release-${this.releases++}`);
    for (const { path } of variants.flatMap((variant) => filesOf(manifest, variant))) {
      await mkdir(dirname(join(packed, path)), { recursive: true });
      const change = files[path];
      if (change) await writeFile(join(packed, path), change(await readFile(join(folder, path))));
      else await copyFile(join(folder, path), join(packed, path));
    }
    const { schema: _schema, files: _files, referenceScores = [], ...rest } = manifest;
    const scores = referenceScores.filter((score) => variants.some((variant) => variant.id === score.variant));
    await writeFile(join(packed, 'sill.json'), JSON.stringify({ ...rest, variants, referenceScores: scores, ...about }));
    return this.publish(packed, options);
  }

  /**
   * Runs the commands of a guide in a folder as they are written, by the command line itself, but for this publisher's places.
   * @returns what they print
   */
  async follow(commands: string, folder: string): Promise<string> {
    const { repo, trust, keys } = this.publisher;
    const cli = [process.execPath, '--import', import.meta.resolve('tsx'), resolve(import.meta.dirname, '../../tools/sill.ts')];
    const quoted = (words: readonly string[]) => words.map((word) => `'${word}'`).join(' ');
    // `npm run sill -- <command>`.
    const npm = `npm() { shift 3; ${quoted(cli)} "$@" ${quoted(['--repo', repo, '--trust', trust, '--keys', resolve(keys)])}; }`;
    const { stdout } = await promisify(execFile)('bash', ['-ec', `${npm}\n${commands}`], { cwd: folder });
    return stdout;
  }

  /** Packs and publishes a folder that says itself what it is. */
  async publish(folder: string, options: Options = {}): Promise<RevisionId> {
    await this.#run(packCommand, [folder]);
    const { revision } = await this.#run(publishCommand, [folder], options);
    return parseRevisionId(String(revision));
  }

  rollout(id: string, revision: RevisionId, options: Options): Promise<unknown> {
    return this.#run(rolloutCommand, [id], { revision: hexOf(revision), ...options });
  }

  withdraw(id: string, revision: RevisionId, reason: string): Promise<unknown> {
    return this.#run(withdrawCommand, [id], { revision: hexOf(revision), reason });
  }

  /** The revision that the checkout itself publishes. */
  async first(id: string): Promise<RevisionId> {
    return (await this.#first(id)).revision;
  }

  async #first(id: string): Promise<{ manifest: Manifest; folder: string; revision: RevisionId }> {
    const oldest = (await inspect(this.publisher.repo)).models
      .filter((model) => model.id === id)
      .sort((a, b) => (a.publishedAtMs ?? 0) - (b.publishedAtMs ?? 0))[0];
    if (!oldest) throw new Error(`The built site has no ${id}.`);
    const folder = join(this.publisher.repo, oldest.path);
    const manifest = parseManifest(JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')));
    return { manifest, folder, revision: oldest.revision };
  }

  async #run(command: Command, positionals: readonly string[], options: Options = {}): Promise<Readonly<Record<string, unknown>>> {
    const { data } = await command.run({
      publisher: this.publisher,
      positionals,
      text: (option) => (typeof options[option] === 'string' ? options[option] : undefined),
      flag: (option) => options[option] === true,
    });
    return data;
  }
}

export const short = shortRevision;

/** Damages weights as a fault on the publisher's side does: they are packed and signed like this, and load. */
export function scrambled(before: Uint8Array): Uint8Array {
  const after = Uint8Array.from(before);
  // Every byte of the last third moved by half its range: numbers all the same, and none of them right.
  for (let i = Math.floor((after.length * 2) / 3); i < after.length; i++) after[i] = ((after[i] ?? 0) + 128) % 256;
  return after;
}

/** The folders of the revisions are linked; what signing rewrites is copied. */
async function mirror(from: string, to: string): Promise<void> {
  await mkdir(to);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (!entry.isDirectory() || SIGNED_FOLDERS.includes(entry.name)) {
      await cp(source, target, { recursive: true });
      continue;
    }
    await mkdir(target);
    for (const revision of await readdir(source)) await symlink(join(source, revision), join(target, revision));
  }
}
