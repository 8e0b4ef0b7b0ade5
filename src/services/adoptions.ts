import { SillError } from '../core/errors.ts';
import { manifestOfHub } from '../core/hubModel.ts';
import { type ModelId, parseRevisionId, type RevisionId } from '../core/ids.ts';
import { canonicalManifest, type ManifestFile } from '../core/manifest.ts';
import { Pace } from '../core/pace.ts';
import { repositoryOf, sourceChanged } from '../core/sources.ts';
import type { Locks } from '../ports/browser.ts';
import type { Clock } from '../ports/clock.ts';
import type { Adopter, Digests } from '../ports/delivery.ts';
import type { Store } from '../ports/store.ts';
import { adoptionLock, installLock } from '../protocol/locks.ts';
import type { InstallProgress } from '../protocol/modelReports.ts';
import type { FoundModel, SourcesReport } from '../protocol/sourceReports.ts';
import type { AdoptedRecords, Adopting } from './adopted.ts';
import type { Hub } from './hub.ts';
import { createHubLookup, type HubLookupDeps, type Looked, summaryOf, summaryOfFound } from './hubLookup.ts';
import type { Installs } from './installs.ts';

export interface AdoptionsDeps extends HubLookupDeps {
  readonly adopter: Adopter;
  readonly records: AdoptedRecords;
  readonly store: Store;
  readonly digests: Digests;
  readonly installs: Installs;
  readonly locks: Locks;
  readonly clock: Clock;
  readonly hub: Hub;
}

interface AddCall {
  /** Address of the source to take it from; the first that the policy allows, where it is not given. */
  readonly source?: string;
  readonly variant?: string;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: InstallProgress) => void;
}

/** Models from servers in Hugging Face's layout, which nobody signed: trusted as they are seen first. */
export interface Adoptions {
  sources(): Promise<SourcesReport>;
  /**
   * What a server has under a name or address; none of the weights is fetched.
   * @throws SillError `source_not_allowed` | `source_changed` | `unknown_model` | `unsupported_task` | `unsupported_device` | `invalid_request`
   *   | `network_unavailable` | `chunk_unavailable`
   */
  find(text: string, call: Pick<AddCall, 'source' | 'signal'>): Promise<FoundModel>;
  /**
   * Fetches a model, records what it is, and installs it. What was recorded once is only accepted as it was.
   * @throws what `find`, an install and `Adopter.adopt` throw
   */
  add(text: string, call: AddCall): Promise<{ readonly id: ModelId; readonly role: 'active' | 'candidate' }>;
  /** True when the id is one of those that are added and not listed yet. */
  isUnknown(id: ModelId): Promise<boolean>;
  stop(id: ModelId): boolean;
  /** Drops what is remembered, and an unfinished download. An installed model runs on. */
  forget(id: ModelId): Promise<boolean>;
}

export function createAdoptions(deps: AdoptionsDeps): Adoptions {
  const { records, store, digests, adopter, locks, clock, hub } = deps;
  const look = createHubLookup(deps);
  const running = new Map<ModelId, AbortController>();

  /** Every file of the variant, as far as it is stored already, to its end. */
  const fetchFiles = async (looked: Looked, adopting: Adopting, call: AddCall): Promise<ManifestFile[]> => {
    const pace = new Pace();
    const { signal, onProgress } = call;
    let current = adopting;
    const storedBytes = () => current.files.flatMap((file) => file.chunks).reduce((sum, chunk) => sum + chunk.sizeBytes, 0);
    const before = storedBytes();
    const report = () => {
      pace.mark(clock.monotonicMs(), storedBytes() - before);
      const bytesPerSecond = pace.bytesPerSecond();
      const secondsLeft = pace.secondsLeft(adopting.totalBytes - storedBytes());
      const progress: InstallProgress = {
        ...{ phase: 'downloading', storedBytes: storedBytes(), totalBytes: adopting.totalBytes },
        ...(bytesPerSecond === undefined ? {} : { bytesPerSecond }),
        ...(secondsLeft === undefined ? {} : { secondsLeft }),
      };
      onProgress?.(progress);
    };
    report();
    for (const { path } of adopting.files) {
      const file = looked.files.find((each) => each.path === path);
      if (!file) throw sourceChanged(looked.id, path);
      const held = current.files.find((each) => each.path === path)?.chunks ?? [];
      const chunks = [...held];
      let saved = Promise.resolve();
      let isSaving = false;
      const { sha256 } = file;
      const job = {
        url: `${looked.source.url}${repositoryOf(looked.id)}/resolve/${looked.commit}/${path}`,
        ...{ sizeBytes: file.sizeBytes, held, lease: adopting.lease },
        leased: current.files.filter((each) => each.path !== path).flatMap((each) => each.chunks.map((chunk) => chunk.digest)),
        ...(sha256 === undefined ? {} : { sha256 }),
      };
      try {
        await adopter.adopt(job, {
          signal,
          onChunk(chunk) {
            chunks.push(chunk);
            current = { ...current, files: current.files.map((each) => (each.path === path ? { path, chunks: [...chunks] } : each)) };
            // Chunks come in batches, and one note for each batch is enough.
            if (!isSaving) {
              isSaving = true;
              saved = saved.then(() => {
                isSaving = false;
                return records.setUnfinished(current);
              });
            }
            report();
          },
        });
      } catch (reason) {
        await saved;
        // Bytes that cannot be true must not be where the next try goes on.
        if (reason instanceof SillError && reason.code === 'source_changed') {
          await records.setUnfinished(undefined);
          await store.models.abandonInstall(adopting.lease);
        }
        throw reason;
      }
      await saved;
    }
    return current.files.map(({ path, chunks }) => ({
      path,
      sizeBytes: chunks.reduce((sum, chunk) => sum + chunk.sizeBytes, 0),
      chunks: chunks.map(({ digest, sizeBytes }) => ({ digest, sizeBytes })),
    }));
  };

  /** What an earlier try left of the same variant, as far as it is still stored. */
  const begin = async (looked: Looked, variant: string): Promise<Adopting> => {
    const { id, commit, source } = looked;
    const lease = parseRevisionId(await sha256Of(`${source.url}${id}@${commit} ${variant}`));
    const unfinished = await records.unfinished();
    if (unfinished && unfinished.lease !== lease) await store.models.abandonInstall(unfinished.lease);
    const paths = looked.description.variants.find((each) => each.id === variant)?.files ?? [];
    const sizes = new Map(looked.files.map((file) => [file.path, file.sizeBytes]));
    const files: Array<Adopting['files'][number]> = [];
    for (const path of paths) {
      const held = (unfinished?.lease === lease && unfinished.files.find((file) => file.path === path)?.chunks) || [];
      const missing = new Set(await store.chunks.missing(held.map((chunk) => chunk.digest)));
      const until = held.findIndex((chunk) => missing.has(chunk.digest));
      files.push({ path, chunks: until < 0 ? held : held.slice(0, until) });
    }
    const totalBytes = paths.reduce((sum, path) => sum + (sizes.get(path) ?? 0), 0);
    const adopting = { id, url: source.url, commit, variant, lease, totalBytes, licenceAcceptedAtMs: clock.now(), files };
    await records.setUnfinished(adopting);
    return adopting;
  };

  const sha256Of = async (text: string): Promise<string> => digests.sha256(new TextEncoder().encode(text));

  const adopt = async (looked: Looked, variant: string, call: AddCall): Promise<RevisionId> => {
    const recorded = looked.known.find((record) => record.manifest.variants.some((each) => each.id === variant));
    if (recorded) return recorded.revision;
    const adopting = await begin(looked, variant);
    const files = await fetchFiles(looked, adopting, call);
    const manifest = manifestOfHub(looked.description, variant, files);
    const revision = parseRevisionId(await sha256Of(canonicalManifest(manifest)));
    const { id, source, commit } = looked;
    const sha256 = Object.fromEntries(looked.files.flatMap((file) => (file.sha256 === undefined ? [] : [[file.path, file.sha256]])));
    await records.put({ id, revision, url: source.url, commit, adoptedAtMs: clock.now(), manifest, sha256 });
    return revision;
  };

  return {
    async sources() {
      const unfinished = await records.unfinished();
      return {
        sources: deps.allowedSources.map(summaryOf),
        ...(unfinished ? { unfinished: unfinishedOf(unfinished) } : {}),
      };
    },
    async find(text, call) {
      const looked = await look(text, call);
      return { source: summaryOf(looked.source), commit: looked.commit, summary: summaryOfFound(looked) };
    },
    async add(text, call) {
      const looked = await look(text, call);
      const { id } = looked;
      const fit = call.variant === undefined ? looked.fits[0] : looked.fits.find((each) => each.variant === call.variant);
      if (!fit)
        throw new SillError(
          'invalid_request',
          `${id} has no variant "${call.variant}". It has: ${looked.fits.map((each) => each.variant).join(', ')}.`,
        );
      if (fit.verdict === 'no') {
        throw new SillError(
          fit.reasons.includes('storage') ? 'quota_exceeded' : 'unsupported_device',
          `${id} (${fit.variant}) cannot be installed on this device: ${fit.reasons.join(', ')}.`,
          { details: { variant: fit.variant, reasons: fit.reasons, sizeBytes: fit.sizeBytes } },
        );
      }
      const abort = new AbortController();
      const inner: AddCall = { ...call, signal: AbortSignal.any([call.signal, abort.signal]) };
      const work = async (): Promise<RevisionId> => {
        running.set(id, abort);
        try {
          return await adopt(looked, fit.variant, inner);
        } finally {
          running.delete(id);
        }
      };
      // One for all tabs, since they share the record of what is unfinished.
      const held = await locks
        .tryHold(adoptionLock, () => locks.tryHold(installLock(id), work))
        .finally(() => hub.tell({ type: 'models' }));
      if (!held?.value)
        throw new SillError('busy', 'Another model is being added already, here or in another tab. Wait until it is there, or stop it.');
      const revision = held.value.value;
      const role = await deps.installs.install(id, {
        revision,
        signal: call.signal,
        ...(call.onProgress ? { onProgress: call.onProgress } : {}),
      });
      const unfinished = await records.unfinished();
      // The install holds the chunks by now.
      if (unfinished?.id === id) {
        await records.setUnfinished(undefined);
        await store.models.abandonInstall(unfinished.lease);
      }
      return { id, role };
    },
    isUnknown: async (id) => (await records.list()).every((each) => each.id !== id),
    stop(id) {
      const abort = running.get(id);
      abort?.abort();
      return abort !== undefined;
    },
    async forget(id) {
      running.get(id)?.abort();
      const unfinished = await records.unfinished();
      if (unfinished?.id === id) {
        await records.setUnfinished(undefined);
        await store.models.abandonInstall(unfinished.lease);
        await store.models.collectGarbage();
      }
      const forgot = await records.forget(id);
      hub.tell({ type: 'models' });
      return forgot || unfinished?.id === id;
    },
  };
}

const unfinishedOf = ({ id, url, commit, totalBytes, files }: Adopting): NonNullable<SourcesReport['unfinished']> => ({
  ...{ id, url, commit, totalBytes },
  storedBytes: files.flatMap((file) => file.chunks).reduce((sum, chunk) => sum + chunk.sizeBytes, 0),
});
