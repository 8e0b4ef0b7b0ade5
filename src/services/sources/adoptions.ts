import { assertSameFiles, beginAdoption } from '../../core/adoption.ts';
import { SillError } from '../../core/errors.ts';
import { rankVariants, type VariantFit } from '../../core/fit.ts';
import { expectedManifest } from '../../core/hubModel.ts';
import { type ModelId, parseRevisionId, parseVariantId } from '../../core/ids.ts';
import { type AdoptionEntry, isAdoption, isDownload } from '../../core/journal.ts';
import type { Task } from '../../core/tasks.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Digests } from '../../ports/delivery.ts';
import type { Store } from '../../ports/store.ts';
import type { FoundModel, SourcesReport } from '../../protocol/sourceReports.ts';
import { provenChoice } from '../device/choosing.ts';
import type { Arrival, ArrivalOptions, Role } from '../downloads/arrivals.ts';
import type { Downloads } from '../downloads/downloads.ts';
import { acceptedAtMs, type Installs } from '../downloads/installs.ts';
import type { Hub } from '../hub.ts';
import { type AdoptedRecords, recordOf } from './adopted.ts';
import { createHubLookup, type HubLookupDeps, type Looked, summaryOf, summaryOfFound } from './hubLookup.ts';

export interface AdoptionsDeps extends HubLookupDeps {
  readonly records: AdoptedRecords;
  readonly store: Store;
  readonly digests: Digests;
  readonly downloads: Downloads;
  readonly installs: Pick<Installs, 'install'>;
  readonly arrival: Arrival;
  readonly clock: Clock;
  readonly hub: Hub;
}

interface AddCall extends ArrivalOptions {
  /** A device by itself, where no person asked. */
  readonly by?: 'person' | 'device';
  /** Address of the source to take it from; the first that the policy allows, where it is not given. */
  readonly source?: string;
  readonly variant?: string;
  /** What it is for, where its server and its configuration do not say, or not what is meant. */
  readonly task?: Task;
}

interface Added {
  readonly id: ModelId;
  readonly role: Role;
}

/** Models from servers in Hugging Face's layout, which nobody signed: trusted as they are seen first. */
export interface Adoptions {
  sources(): SourcesReport;
  /**
   * What a server has under a name or address; none of the weights is fetched.
   * @throws SillError `source_not_allowed` | `source_changed` | `unknown_model` | `unsupported_task` | `unsupported_device` | `invalid_request`
   *   | `network_unavailable` | `chunk_unavailable`
   */
  find(text: string, call: { readonly source?: string; readonly task?: Task; readonly signal: AbortSignal }): Promise<FoundModel>;
  /**
   * Puts a model into the queue and resolves when it is on the device, whichever tab carried it. What was recorded once is only accepted as it
   * was; one that is in the queue already is joined.
   * @throws what `find`, an install and `Adopting` throw
   */
  add(text: string, call: AddCall): Promise<Added>;
  /**
   * As `add`, of a model by its id alone: what is in the queue, or was seen before, is what is meant, and its server is not asked what it is again.
   * @param call.commit a commit, branch or tag that is meant, whatever was seen before
   */
  install(id: ModelId, call: AddCall & { readonly commit?: string }): Promise<Added>;
  /** Drops what is remembered, and an unfinished download. An installed model runs on. */
  forget(id: ModelId): Promise<boolean>;
}

export function createAdoptions(deps: AdoptionsDeps): Adoptions {
  const { records, store, digests, downloads, installs, arrival, clock, hub } = deps;
  const look = createHubLookup(deps);

  /** The same in each tab and at each try, so that what was begun is found again. */
  const nameOf = async ({ source, id, commit, named }: Looked, variant: string) =>
    parseRevisionId(
      await digests.sha256(new TextEncoder().encode(`${source.url}${id}@${commit} ${variant}${named === undefined ? '' : ` ${named}`}`)),
    );

  const enqueue = async (looked: Looked, variant: string, by: 'person' | 'device'): Promise<AdoptionEntry> => {
    const { id, source, commit, description, files } = looked;
    const revision = await nameOf(looked, variant);
    const begun = (await store.models.journal()).find((entry) => entry.revision === revision);
    if (begun?.adoption) {
      assertSameFiles(id, begun.adoption.files, files);
      const joined = await downloads.change(id, { type: 'want', by });
      if (joined?.revision === revision && isAdoption(joined)) return joined;
    }
    const entry: AdoptionEntry = {
      ...{ modelId: id, revision, variant: parseVariantId(variant), startedAtMs: clock.now(), state: 'queued', by, rank: 0 },
      licenceAcceptedAtMs: await acceptedAtMs(store, id, description.licence.text, clock),
      adoption: beginAdoption({ url: source.url, commit, description, files }, variant),
    };
    await downloads.enqueueAdoption(entry);
    return entry;
  };

  /** @throws SillError `invalid_request` | `quota_exceeded` | `unsupported_device` */
  const fittingOf = async ({ id, description, files }: Looked, wished: string | undefined): Promise<VariantFit> => {
    const manifest = expectedManifest(description, files);
    const { fit, fits } = await provenChoice(deps.device, (report) => rankVariants(manifest, report), wished);
    if (!fit)
      throw new SillError('invalid_request', `${id} has no variant "${wished}". It has: ${fits.map((each) => each.variant).join(', ')}.`);
    if (fit.verdict !== 'no') return fit;
    throw new SillError(
      fit.reasons.includes('storage') ? 'quota_exceeded' : 'unsupported_device',
      `${id} (${fit.variant}) cannot be installed on this device: ${fit.reasons.join(', ')}.`,
      { details: { variant: fit.variant, reasons: fit.reasons, sizeBytes: fit.sizeBytes } },
    );
  };

  const add: Adoptions['add'] = async (text, call) => {
    const looked = await look(text, call);
    const { id } = looked;
    const { variant } = await fittingOf(looked, call.variant);
    const recorded = recordOf(looked.known, id, looked.commit, variant);
    const role = recorded
      ? await installs.install(id, { ...call, revision: recorded.revision, variant })
      : await arrival(await enqueue(looked, variant, call.by ?? 'person'), call);
    return { id, role };
  };

  return {
    sources: () => ({ sources: deps.allowedSources.map(summaryOf) }),
    async find(text, call) {
      const looked = await look(text, call);
      return { source: summaryOf(looked.source), commit: looked.commit, summary: summaryOfFound(looked) };
    },
    add,
    async install(id, { commit, ...call }) {
      if (commit !== undefined) return add(`${id}@${commit}`, call);
      const isKnown = (await records.list()).some((each) => each.id === id);
      if (isKnown) {
        const { variant, ...known } = call;
        const wish = variant === undefined ? {} : { variant: parseVariantId(variant) };
        return { id, role: await installs.install(id, { ...known, ...wish }) };
      }
      const begun = (await store.models.journal()).find((entry) => entry.modelId === id && isAdoption(entry));
      const joined =
        begun &&
        (call.variant ?? begun.variant) === begun.variant &&
        (await downloads.change(id, { type: 'want', by: call.by ?? 'person' }));
      return joined ? { id, role: await arrival(joined, call) } : add(id, call);
    },
    async forget(id) {
      const unfinished = (await store.models.journal()).some((entry) => entry.modelId === id && isDownload(entry));
      if (unfinished) await downloads.cancel(id);
      const forgot = await records.forget(id);
      hub.tell({ type: 'models' });
      return forgot || unfinished;
    },
  };
}
