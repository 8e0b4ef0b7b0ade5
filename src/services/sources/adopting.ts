import { chunkBytes, manifestOfAdoption, withoutChunks } from '../../core/adoption.ts';
import { SillError } from '../../core/errors.ts';
import { parseRevisionId, type RevisionId } from '../../core/ids.ts';
import { type AdoptionEntry, isAdoption } from '../../core/journal.ts';
import { canonicalManifest, type ManifestChunk } from '../../core/manifest.ts';
import type { TransferMarks } from '../../core/pace.ts';
import { hubFileUrl, type Source } from '../../core/sources.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Adopter, Digests } from '../../ports/delivery.ts';
import type { ChunkStore, DescribedRevision, Store } from '../../ports/store.ts';
import type { AdoptedRecords } from './adopted.ts';

export interface AdoptingDeps {
  readonly store: Store;
  readonly adopter: Adopter;
  readonly records: AdoptedRecords;
  readonly digests: Digests;
  readonly clock: Clock;
  /** What the policy allows. */
  readonly allowedSources: readonly Source[];
}

/**
 * Brings what is lacking of a model that nobody described, and records what it turned out to be. Needs nothing of the tab that asked for it.
 * @throws SillError `source_not_allowed` | `source_changed` | `revision_refused` for what failed on this device | `aborted` when the entry is gone |
 * what `Adopter.adopt` throws
 */
export type Adopting = (
  entry: AdoptionEntry,
  signal: AbortSignal,
  onProgress: (marks: TransferMarks) => void,
) => Promise<DescribedRevision>;

export function createAdopting(deps: AdoptingDeps): Adopting {
  const { store, adopter, records, digests, clock } = deps;

  const fetchFiles = async (
    { modelId: id, revision: name, adoption }: AdoptionEntry,
    signal: AbortSignal,
    onProgress: (marks: TransferMarks) => void,
  ): Promise<void> => {
    const { url, commit, files } = adoption;
    const held = await Promise.all(files.map((file) => storedPrefix(store.chunks, file.chunks)));
    const storedBytes = held.map(chunkBytes);
    const receivedBytes = files.map(() => 0);
    const totalBytes = sum(files.map(({ sizeBytes }) => sizeBytes));
    // One request at a time: where a file is cut is known only when what goes before has arrived.
    for (const [index, { path, sizeBytes, sha256 }] of files.entries()) {
      const job = {
        url: hubFileUrl(url, id, commit, path),
        ...{ sizeBytes, held: held[index] ?? [], entry: name, path },
        ...(sha256 === undefined ? {} : { sha256 }),
      };
      await adopter.adopt(job, {
        signal,
        onProgress(progress) {
          storedBytes[index] = progress.storedBytes;
          receivedBytes[index] = progress.receivedBytes;
          onProgress({ storedBytes: sum(storedBytes), totalBytes, receivedBytes: sum(receivedBytes) });
        },
      });
    }
  };

  /** Bytes that cannot be true are not where the next try goes on. */
  const discard = async (name: RevisionId): Promise<void> => {
    await store.models.updateJournal(name, (entry) => (isAdoption(entry) ? { ...entry, adoption: withoutChunks(entry.adoption) } : entry));
    await store.models.collectGarbage();
  };

  return async (entry, signal, onProgress) => {
    const { modelId: id, revision: name, variant } = entry;
    const { url, commit } = entry.adoption;
    if (!deps.allowedSources.some((source) => source.kind === 'hub' && source.url === url)) {
      throw new SillError('source_not_allowed', `${id} comes from ${url}, which this site no longer allows. Cancel its download.`, {
        details: { id, url },
      });
    }
    try {
      await fetchFiles(entry, signal, onProgress);
    } catch (reason) {
      if (reason instanceof SillError && reason.code === 'source_changed') await discard(name);
      throw reason;
    }
    const whole = (await store.models.journal()).find((each) => each.revision === name);
    if (!whole || !isAdoption(whole)) throw new SillError('aborted', `The download of ${id} was cancelled.`);
    const manifest = manifestOfAdoption(whole.adoption, variant);
    const revision = parseRevisionId(await digests.sha256(new TextEncoder().encode(canonicalManifest(manifest))));
    const failed = (await store.models.quarantined()).find((each) => each.revision === revision);
    if (failed) throw new SillError('revision_refused', failed.reason, { details: { id, revision } });
    const sha256 = Object.fromEntries(
      whole.adoption.files.flatMap((file) => (file.sha256 === undefined ? [] : [[file.path, file.sha256]])),
    );
    // Before it is installed: what is on the device is always something that it remembers.
    await records.put({ id, revision, url, commit, adoptedAtMs: clock.now(), manifest, sha256 });
    return { revision, manifest };
  };
}

/** Up to the first chunk that the browser took, or that was noted and never stored. */
async function storedPrefix(store: ChunkStore, chunks: readonly ManifestChunk[]): Promise<readonly ManifestChunk[]> {
  const missing = new Set(await store.missing(chunks.map(({ digest }) => digest)));
  const until = chunks.findIndex(({ digest }) => missing.has(digest));
  return until < 0 ? chunks : chunks.slice(0, until);
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
