import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Metadata, MetadataKind, type Root, type Snapshot, type Targets, type Timestamp } from '@tufjs/models';
import { unlessCode } from '../models/errno.ts';
import { writeWhole } from '../models/stamp.ts';
import { PublisherError } from './publisherError.ts';

/** What a repository says now. */
export interface Published {
  readonly root: Metadata<Root>;
  readonly timestamp: Metadata<Timestamp>;
  readonly snapshot: Metadata<Snapshot>;
  readonly targets: Metadata<Targets>;
}

type Signed = Root | Timestamp | Snapshot | Targets;

export const metadataFolder = (repo: string): string => join(repo, 'metadata');
const fileOf = (repo: string, name: string): string => join(metadataFolder(repo), name);

/** The name of a metadata file: with its version, but for the timestamp, which is where everybody begins. */
export const metadataName = ({ type, version }: Signed): string =>
  type === MetadataKind.Timestamp ? 'timestamp.json' : `${version}.${type}.json`;

export const hasRepository = async (repo: string): Promise<boolean> =>
  access(fileOf(repo, '1.root.json')).then(
    () => true,
    (reason) => unlessCode('ENOENT', 'ENOTDIR')(reason) ?? false,
  );

/** @throws PublisherError `invalid` where there is no repository, or none that can be read */
export async function readRepository(repo: string): Promise<Published> {
  const { root } = await readRoot(repo);
  try {
    const timestamp = Metadata.fromJSON(MetadataKind.Timestamp, await json(repo, 'timestamp.json'));
    const snapshot = Metadata.fromJSON(MetadataKind.Snapshot, await json(repo, `${timestamp.signed.snapshotMeta.version}.snapshot.json`));
    const version = snapshot.signed.meta['targets.json']?.version;
    const targets = Metadata.fromJSON(MetadataKind.Targets, await json(repo, `${version}.targets.json`));
    return { root, timestamp, snapshot, targets };
  } catch (cause) {
    throw new PublisherError('invalid', `The repository in ${repo} is damaged: ${wordsOf(cause)}. Restore metadata/ from a copy.`, cause);
  }
}

/** The end of the chain of roots, with its text. */
export async function readRoot(repo: string): Promise<{ root: Metadata<Root>; text: string }> {
  let text: string | undefined;
  for (let version = 1; ; version++) {
    const next = await readFile(fileOf(repo, `${version}.root.json`), 'utf8').catch(unlessCode('ENOENT', 'ENOTDIR'));
    if (next === undefined) break;
    text = next;
  }
  if (text === undefined) throw new PublisherError('invalid', `There is no repository in ${repo}. Make one: npm run sill -- init`);
  return { root: Metadata.fromJSON(MetadataKind.Root, JSON.parse(text)), text };
}

export const textOf = (metadata: Metadata<Signed>): string => `${JSON.stringify(metadata.toJSON(), undefined, 1)}\n`;

/** Writes one file whole: a reader sees the old or the new one. */
export async function writeMetadata(repo: string, metadata: Metadata<Signed>): Promise<void> {
  await writeWhole(fileOf(repo, metadataName(metadata.signed)), textOf(metadata));
}

const json = async (repo: string, name: string) => JSON.parse(await readFile(fileOf(repo, name), 'utf8'));

const wordsOf = (reason: unknown): string => (reason instanceof Error ? reason.message : String(reason));
