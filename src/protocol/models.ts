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
  /** Installed and unfinished models first, then what is offered besides. Without a network those that are on this device. */
  list(options?: CallOptions): Promise<readonly ModelSummary[]>;
  /**
   * As `list`, and why the catalog could not be read, if so. With `recent` the server is not asked where this engine was answered some seconds ago,
   * as a view does that follows the changes on its device.
   */
  overview(options?: CallOptions & { readonly recent?: boolean }): Promise<ModelList>;
  /**
   * Puts the model into the queue and resolves when it is on the device, whichever tab carried it. Accepts its licence. A download that
   * lost its network waits for it; one on a metered connection waits for a person, see `downloads`.
   * @param options `revision`: by default the newest that this device is offered; `variant`: by default the first of the model's `fits`
   * @throws SillError `unknown_model` | `unsupported_device` | `quota_exceeded` | `revision_refused` for one that failed its trial here | `aborted`
   *   when it is paused or cancelled, in whichever tab | what the catalog throws
   */
  install(
    id: string,
    options?: CallOptions & {
      readonly revision?: string;
      readonly variant?: string;
      readonly onProgress?: (progress: InstallProgress) => void;
    },
  ): Promise<ModelSummary>;
  /** As `downloads.pause`, for the model's download. */
  stop(id: string, options?: CallOptions): Promise<boolean>;
  /**
   * The whole model, or with `revision` one that is not the running one. Of a derived model its Modelfile, unless others are made from it.
   * @throws SillError `unknown_model` where this device has nothing of it | `invalid_request` for the running revision, or while others are made from it
   */
  remove(id: string, options?: { readonly revision?: string }): Promise<RemovalReport>;
  /**
   * Hashes every stored part of a revision again, by default of the running one. Damaged parts are taken out.
   * @throws SillError `model_not_installed` | `aborted`
   */
  verify(
    id: string,
    options?: CallOptions & { readonly revision?: string; readonly onProgress?: (progress: VerifyProgress) => void },
  ): Promise<VerifyReport>;
  /**
   * Verifies every revision of the model on this device and fetches what is damaged or missing again, alone. On a connection that costs it
   * fetches nothing and reports `waiting: 'metered'`, unless `metered: 'allow'` says that it may or the settings of `downloads` do.
   * @throws SillError `model_not_installed` | `busy` | `aborted`
   */
  repair(
    id: string,
    options?: CallOptions & { readonly metered?: 'allow'; readonly onProgress?: (progress: RepairProgress) => void },
  ): Promise<RepairReport>;
  /**
   * What is on the device, what the catalog has, what would change, and the model's story. Works with no network.
   * @throws SillError `model_not_installed` where this device has neither the model nor a story of it
   */
  versions(id: string, options?: CallOptions): Promise<VersionsReport>;
  /**
   * Makes a revision the running one: at once where it was before, otherwise after download and trial. A trial that fails resolves with
   * `result: 'rejected'` and why; what ran before goes on running.
   * @throws SillError `model_not_installed` | `unknown_model` for a revision that is neither here nor offered | `revision_refused` | `busy` while another
   *   tab has one on trial | what `install` throws
   */
  activate(
    id: string,
    revision: string,
    options?: CallOptions & { readonly onProgress?: (progress: InstallProgress) => void },
  ): Promise<UpdateOutcome>;
  /**
   * Back to the revision before; the one that is left is not offered again by itself. Needs no network.
   * @throws SillError `model_not_installed`, also where there is none to go back to
   */
  rollback(id: string, options?: { readonly reason?: string }): Promise<VersionsReport>;
  /** What lies between two revisions, and what would be downloaded for the second. Works offline where both are on the device. @throws SillError `model_not_installed` | `unknown_model` */
  diff(id: string, from: string, to: string, options?: CallOptions): Promise<RevisionDiff>;
  /** Holds a model at one revision; `undefined` lets it go on. @throws SillError `model_not_installed` */
  pin(id: string, revision: string | undefined): Promise<VersionsReport>;
  /**
   * Installed models as a tar file that another device can import, put together from what is stored without copying it.
   * @param ids of models that are installed: the revision that runs, in the variants that are here, unless a wish says otherwise
   * @throws SillError `model_not_installed` | `installation_damaged` | `invalid_request`
   */
  export(ids: string | readonly (string | ExportWish)[], options?: CallOptions): Promise<Blob>;
  /** As `export`, in parts of at most `volumeBytes` with their names: 4 GiB - 1 for a stick with FAT32. Without it, in one. */
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
   * Brings it into memory before it is asked. Also one that was given up after failing again and again.
   * @param options `keep_alive`: how long it stays after its last request, see `memory`
   * @throws SillError `model_not_installed` | `installation_damaged` | `model_too_large` | `busy` | what the runtime throws
   */
  load(id: string, options?: CallOptions & { readonly keep_alive?: string | number }): Promise<ModelSummary>;
  /** Takes it out of memory once what it answers has ended. False where it was not there. */
  unload(id: string): Promise<boolean>;
  /**
   * Has a model that was made for the graphics processor run on the processor (`wasm`), or on the graphics processor although
   * `device.preferCpu` is set (`webgpu`). `undefined` leaves it to the device. Takes hold with the next request.
   */
  place(id: string, device: 'wasm' | 'webgpu' | undefined): Promise<void>;
}
