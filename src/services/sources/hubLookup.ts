import { assertSameFiles } from '../../core/adoption.ts';
import { SillError } from '../../core/errors.ts';
import { rankVariants, type VariantFit } from '../../core/fit.ts';
import { describeHubModel, expectedManifest, type HubDescription, type HubFile } from '../../core/hubModel.ts';
import { allowed, parseHubReference } from '../../core/hubReference.ts';
import { type ModelId, parseModelId, parseRevisionId } from '../../core/ids.ts';
import { isLicenceFile } from '../../core/modelFolder.ts';
import { firstUseId, type Source } from '../../core/sources.ts';
import type { Task } from '../../core/tasks.ts';
import { tierOf } from '../../core/tier.ts';
import type { HubServer } from '../../ports/delivery.ts';
import type { ModelSummary } from '../../protocol/modelReports.ts';
import type { SourceSummary } from '../../protocol/sourceReports.ts';
import type { DeviceService } from '../device/device.ts';
import type { Adopted, AdoptedRecords } from './adopted.ts';

export interface HubLookupDeps {
  /** What the policy allows. */
  readonly allowedSources: readonly Source[];
  readonly server: HubServer;
  readonly records: Pick<AdoptedRecords, 'list'>;
  readonly device: DeviceService;
  readonly sillVersion: string;
}

/** A model as its server describes it, and what this device knows of the same commit. */
export interface Looked {
  readonly id: ModelId;
  readonly source: Source;
  readonly commit: string;
  readonly description: HubDescription;
  readonly files: readonly HubFile[];
  readonly fits: readonly VariantFit[];
  readonly known: readonly Adopted[];
  /** The task that a person named. */
  readonly named?: Task;
}

/**
 * Finds a model by name or address at one of the allowed servers. Nothing but its small files is read.
 * @throws SillError as `Adoptions.find`, by the returned function
 */
export function createHubLookup(
  deps: HubLookupDeps,
): (text: string, call: { readonly source?: string; readonly task?: Task; readonly signal: AbortSignal }) => Promise<Looked> {
  const { records, server } = deps;
  const hubs = deps.allowedSources.filter((source) => source.kind === 'hub');
  return async (text, { source: wanted, task, signal }) => {
    const reference = parseHubReference(text, deps.allowedSources);
    const source = reference.source ?? (wanted === undefined ? hubs[0] : hubs.find(({ url }) => url === wanted));
    if (!source)
      throw new SillError('source_not_allowed', `Models cannot be added from there. ${allowed(hubs)}`, {
        details: { allowed: hubs.map(({ url }) => url) },
      });
    const { repository } = reference;
    const listing = await server.list(source.url, repository, reference.revision, signal);
    const read = (path: string) => server.text(source.url, repository, listing.commit, path, signal);
    const licenceFile = listing.files.find((file) => isLicenceFile(file.path))?.path;
    const [config, generation, licenceText] = await Promise.all([
      read('config.json'),
      listing.files.some((file) => file.path === 'generation_config.json') ? read('generation_config.json') : undefined,
      licenceFile === undefined ? undefined : read(licenceFile),
    ]);
    const description = describeHubModel({
      ...listing,
      repository,
      pageUrl: source.url + repository,
      config: jsonOf(config),
      generation: jsonOf(generation),
      ...(licenceText === undefined ? {} : { licenceText }),
      ...(task === undefined ? {} : { task }),
      minimumRuntime: deps.sillVersion,
    });
    const id = parseModelId(firstUseId(repository));
    const adopted = (await records.list()).filter((each) => each.id === id && each.commit === listing.commit);
    for (const record of adopted) assertSameFiles(id, statedOf(record), listing.files);
    // The same files for another task are another manifest.
    const known = adopted.filter(({ manifest }) => manifest.task === description.task);
    const fits = rankVariants(expectedManifest(description, listing.files), await deps.device.report());
    return {
      ...{ id, source, commit: listing.commit, description, files: listing.files, fits, known },
      ...(task === undefined ? {} : { named: task }),
    };
  };
}

export const summaryOf = ({ kind, name, url }: Source): SourceSummary => ({ kind, name, url });

export function summaryOfFound({ id, description, fits, commit, source }: Looked): ModelSummary {
  return {
    id,
    ...{ name: description.name, description: description.description, task: description.task, languages: description.languages },
    ...{ licence: description.licence, parameters: description.parameters, tier: tierOf(description.parameters) },
    ...(description.contextLength === undefined ? {} : { contextLength: description.contextLength }),
    provenance: description.provenance.source,
    trust: 'first-use',
    source: source.url,
    // A revision is the digest of a manifest, and that is not known before the bytes are: the commit stands for it.
    revision: parseRevisionId(`sha256:${commit.padEnd(64, '0')}`),
    offered: false,
    state: 'available',
    fits,
  };
}

/** What its server stated when this device saw it first. */
const statedOf = ({ manifest, sha256 }: Adopted): HubFile[] =>
  manifest.files.map(({ path, sizeBytes }) => {
    const digest = sha256[path];
    return { path, sizeBytes, ...(digest === undefined ? {} : { sha256: digest }) };
  });

function jsonOf(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    // A file that is no JSON says nothing.
    return undefined;
  }
}
