import type { BundleFile, BundleReport, ImportProgress, ImportReport } from './bundleReports.ts';
import type { CallOptions } from './callOptions.ts';
import type { RepairProgress, RepairReport, VerifyProgress, VerifyReport } from './integrityReports.ts';
import type { InstallProgress, ModelList, ModelSummary } from './modelReports.ts';
import type { RemovalReport } from './storageReports.ts';
import type { RevisionDiff, UpdateOutcome, VersionsReport } from './updateReports.ts';

/** Which revision of a model to export (the one that runs by default), and in which variants (those that are installed). */
export interface ExportWish {
  readonly id: string;
  readonly revision?: string;
  readonly variants?: readonly string[];
}

/** What is offered, what is on the device, and what becomes of it: part of `sill.models`. */
export interface SillModels {
  list(options?: CallOptions): Promise<readonly ModelSummary[]>;
  /**
   * As `list`, and why the catalog could not be read, if so. With `recent` the server is not asked where this engine was answered some seconds ago,
   * as a view does that follows the changes on its device.
   */
  overview(options?: CallOptions & { readonly recent?: boolean }): Promise<ModelList>;
  /**
   * Puts the model into the queue and resolves when it is on the device, whichever tab carried it. Accepts its licence. A download that
   * lost its network waits for it; one on a metered connection waits for a person, see `downloads`. Rejects with `aborted` when it is
   * paused or cancelled.
   */
  install(
    id: string,
    options?: CallOptions & {
      readonly revision?: string;
      readonly variant?: string;
      readonly onProgress?: (progress: InstallProgress) => void;
    },
  ): Promise<ModelSummary>;
  /** As `downloads.pause`. */
  stop(id: string, options?: CallOptions): Promise<boolean>;
  /** The whole model, or with `revision` one that is not the running one. Of a derived model its Modelfile, unless others are made from it. */
  remove(id: string, options?: { readonly revision?: string }): Promise<RemovalReport>;
  /** Hashes every stored part of a revision again, by default of the running one. Damaged parts are taken out. */
  verify(
    id: string,
    options?: CallOptions & { readonly revision?: string; readonly onProgress?: (progress: VerifyProgress) => void },
  ): Promise<VerifyReport>;
  /**
   * Verifies every revision of the model on this device and fetches what is damaged or missing again, alone. On a connection that costs it
   * fetches nothing and reports `waiting: 'metered'`, unless `metered: 'allow'` says that it may or the settings of `downloads` do.
   */
  repair(
    id: string,
    options?: CallOptions & { readonly metered?: 'allow'; readonly onProgress?: (progress: RepairProgress) => void },
  ): Promise<RepairReport>;
  /** What is on the device, what the catalog has, what would change, and the model's story. Works with no network. */
  versions(id: string, options?: CallOptions): Promise<VersionsReport>;
  /**
   * Makes a revision the running one: at once where it was before, otherwise after download and trial. A trial that fails resolves with
   * `result: 'rejected'` and why; what ran before goes on running.
   */
  activate(
    id: string,
    revision: string,
    options?: CallOptions & { readonly onProgress?: (progress: InstallProgress) => void },
  ): Promise<UpdateOutcome>;
  /** Back to the revision before, which is not offered again by itself. Needs no network. */
  rollback(id: string, options?: { readonly reason?: string }): Promise<VersionsReport>;
  /** What lies between two revisions, and what would be downloaded for the second. Works offline where both are on the device. */
  diff(id: string, from: string, to: string, options?: CallOptions): Promise<RevisionDiff>;
  /** Holds a model at one revision; `undefined` lets it go on. */
  pin(id: string, revision: string | undefined): Promise<VersionsReport>;
  /**
   * Installed models as a tar file that another device can import, put together from what is stored without copying it.
   * @param ids of models that are installed: the revision that runs, in the variants that are here, unless a wish says otherwise
   * @throws SillError `model_not_installed` | `installation_damaged` | `invalid_request`
   */
  export(ids: string | readonly (string | ExportWish)[], options?: CallOptions): Promise<Blob>;
  /** As `export`, in parts of at most `volumeBytes` with their names, as for a stick with FAT32 (4 GiB - 1). */
  exportVolumes(
    ids: string | readonly (string | ExportWish)[],
    options?: CallOptions & { readonly volumeBytes?: number },
  ): Promise<readonly BundleFile[]>;
  /**
   * What a bundle holds, who signed it and what it would mean here. Writes nothing.
   * @param files one file, or all parts in any order
   * @throws SillError `invalid_bundle` | `untrusted_bundle`, with `details.fault`
   */
  inspect(files: Blob | readonly Blob[], options?: CallOptions): Promise<BundleReport>;
  /**
   * Takes models out of a bundle, which means that their licences are accepted. Each piece is verified while it is read; what fails or is
   * cancelled leaves everything as it was. A model that runs in another version is updated by way of a trial.
   * @throws SillError as `inspect`, and `revision_refused` | `unsupported_device` | `quota_exceeded` | `busy` | `aborted`
   */
  import(
    files: Blob | readonly Blob[],
    options?: CallOptions & { readonly ids?: readonly string[]; readonly onProgress?: (progress: ImportProgress) => void },
  ): Promise<ImportReport>;
  /**
   * Also one that was given up after failing again and again.
   * @param options `keep_alive`: how long it stays after its last request, see `memory`
   */
  load(id: string, options?: CallOptions & { readonly keep_alive?: string | number }): Promise<ModelSummary>;
  unload(id: string): Promise<boolean>;
  /**
   * Has a model that was made for the graphics processor run on the processor (`wasm`), or on the graphics processor although
   * `device.preferCpu` is set (`webgpu`). `undefined` leaves it to the device. Takes hold with the next request.
   */
  place(id: string, device: 'wasm' | 'webgpu' | undefined): Promise<void>;
}
