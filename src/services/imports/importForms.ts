import type { DeviceReport } from '../../core/device.ts';
import { SillError } from '../../core/errors.ts';
import { heldAgainst, rankVariants, type VariantFit } from '../../core/fit.ts';
import { expectedManifest, type HubDescription } from '../../core/hubModel.ts';
import { type ModelId, parseModelId, parseRevisionId, type RevisionId } from '../../core/ids.ts';
import { describeImport, importId } from '../../core/importing.ts';
import type { ImportEntry } from '../../core/journal.ts';
import { madeBytes, RECIPE } from '../../core/making.ts';
import type { Manifest } from '../../core/manifest.ts';
import type { Digests } from '../../ports/delivery.ts';
import type { Forge, FoundModelFile } from '../../ports/forge.ts';
import type { RefusedForm } from '../../protocol/importReports.ts';
import { type Choice, provenChoice } from '../device/choosing.ts';
import type { DeviceService } from '../device/device.ts';
import { refuseUnfit } from '../downloads/installs.ts';
import { REFERENCE } from '../forms/makingForms.ts';
import type { Memory } from '../sessions/memory.ts';
import { tooLarge } from '../sessions/room.ts';

export interface ImportFormsDeps {
  readonly forge: Pick<Forge, 'inspect'>;
  readonly device: DeviceService;
  readonly memory: Pick<Memory, 'budget'>;
  readonly digests: Digests;
  readonly sillVersion: string;
}

/** A model file that was looked at. */
export interface FileLook {
  readonly id: ModelId;
  readonly found: FoundModelFile;
  readonly description: HubDescription;
}

/** What can be made of a model file, and what of that on this device. */
export interface ImportForms {
  /** @throws SillError as the forge does for a file that it cannot read */
  look(files: readonly File[], call: { readonly name?: string | undefined; readonly signal: AbortSignal }): Promise<FileLook>;
  /** Best first; `fit` is the best. @param begun the unfinished import of the same model */
  fits(what: FileLook, begun: ImportEntry | undefined): Promise<Choice>;
  /** @throws SillError `invalid_request` where there is no such form | `quota_exceeded` | `unsupported_device` | `model_too_large` for what models may take */
  choose(what: FileLook, wished: string | undefined, begun: ImportEntry | undefined): Promise<VariantFit>;
  /**
   * Another form that this device runs, of what was refused in some: 16 bits after 4 on a GPU that is tested for them, where models may take so much
   * memory, else the best of the others. Undefined where none is left.
   */
  otherThan(what: FileLook, refused: readonly RefusedForm[], begun: ImportEntry | undefined): Promise<VariantFit | undefined>;
  /** Under which the journal has it: the same for the same file, name, form and way of making it. */
  revisionOf(what: FileLook, variant: string): Promise<RevisionId>;
}

/** What is planned of a file before anything of it is made. */
interface Expected {
  readonly manifest: Manifest;
  /** With the form alone that others are held against. */
  readonly reference?: Manifest;
  readonly isCompared: (variant: string) => boolean;
}

export function createImportForms({ forge, device, memory, digests, sillVersion }: ImportFormsDeps): ImportForms {
  /** The form that others are held against is none to choose. It is made first, and goes before the form itself is made: the larger of them needs its room. */
  const expected = ({ description, found }: FileLook, isCompared: (variant: string) => boolean): Expected => {
    const files = new Map(found.forms.flatMap((form) => form.files.map((file) => [file.path, file])));
    const bytesOf = (paths: readonly string[]) => paths.reduce((sum, path) => sum + (files.get(path)?.sizeBytes ?? 0), 0);
    const manifestOf = (variants: HubDescription['variants']) => expectedManifest({ ...description, variants }, [...files.values()]);
    const references = description.variants.filter(({ id }) => id === REFERENCE);
    const referenceBytes = bytesOf(references.flatMap((reference) => reference.files));
    const variants = description.variants
      .filter(({ id }) => id !== REFERENCE)
      .map((variant) => {
        const madeBytes = isCompared(variant.id) ? referenceBytes - bytesOf(variant.files) : 0;
        return madeBytes > 0 ? { ...variant, needs: { ...variant.needs, madeBytes } } : variant;
      });
    return { manifest: manifestOf(variants), ...(references.length > 0 ? { reference: manifestOf(references) } : {}), isCompared };
  };
  /** Once its score is known it is not made again: of the same file, in the same form. */
  const comparedOf =
    ({ found }: FileLook, begun: ImportEntry | undefined) =>
    (variant: string): boolean =>
      begun?.making.reference === undefined ||
      begun.making.recipe !== RECIPE ||
      begun.importing.fingerprint !== found.fingerprint ||
      begun.variant !== variant;
  /** @param begun what is here of it is a part of what is made, or goes before */
  const ranked = ({ manifest, reference, isCompared }: Expected, begun: ImportEntry | undefined, wished?: string): Promise<Choice> => {
    const rank = (report: DeviceReport): readonly VariantFit[] => {
      const [against] = reference ? rankVariants(reference, report) : [];
      const fits = rankVariants(manifest, withRoom(report, begun ? madeBytes(begun.making) : 0));
      // Whatever has its score already was held against it here.
      return against && fits.every(({ variant }) => isCompared(variant)) ? heldAgainst(fits, against) : fits;
    };
    return provenChoice(device, rank, wished);
  };

  return {
    async look(files, { name, signal }) {
      const found = await forge.inspect(files, { signal });
      const fileName = files[0]?.name ?? 'model.gguf';
      const id = parseModelId(importId(name ?? fileName));
      return { id, found, description: describeImport(found, { id, fileName, minimumRuntime: sillVersion }) };
    },
    fits: (what, begun) => ranked(expected(what, comparedOf(what, begun)), begun),
    async choose(what, wished, begun) {
      const plan = expected(what, comparedOf(what, begun));
      const { fit, fits } = await ranked(plan, begun, wished);
      if (!fit)
        throw new SillError(
          'invalid_request',
          `There is no form "${wished}" to make of it. There are: ${fits.map((each) => each.variant).join(', ')}.`,
        );
      if (fit.reasons.includes('reference-memory')) throw nothingToHoldAgainst(plan.manifest, fit);
      refuseUnfit(plan.manifest, fit);
      const budget = await memory.budget();
      // Made, it would be refused whenever it is to be loaded.
      if (budget.isFirm && fit.memoryBytes > budget.bytes) throw tooLarge(what.id, fit.memoryBytes, budget.bytes);
      return fit;
    },
    async otherThan(what, refused, begun) {
      // Held against the same as the one that was refused.
      const plan = expected(what, () => false);
      const gone = new Set(refused.map(({ variant }) => variant));
      const { fits } = await ranked(plan, begun);
      const budget = await memory.budget();
      // What somebody chooses may try a budget that was guessed; what nobody chose may not.
      const left = fits.filter(
        ({ variant, verdict, dtype, memoryBytes }) =>
          !gone.has(variant) && verdict !== 'no' && (memoryBytes <= budget.bytes || (dtype !== 'fp16' && !budget.isFirm)),
      );
      const wider = left.find(({ dtype }) => dtype === 'fp16');
      const wasOnGpu = fits.some(({ variant, device }) => variant === refused.at(-1)?.variant && device === 'webgpu');
      const first = wasOnGpu && wider && !wider.reasons.includes('software-gpu') ? wider : undefined;
      // Each is tested for before it is made; one that fails its test leaves the others.
      for (const candidate of [...(first ? [first] : []), ...left.filter((each) => each !== first)]) {
        const { fit } = await ranked(plan, begun, candidate.variant);
        if (fit && fit.verdict !== 'no') return fit;
      }
      return undefined;
    },
    revisionOf: async ({ id, found }, variant) =>
      parseRevisionId(await digests.sha256(new TextEncoder().encode(`import ${id} ${found.fingerprint} ${variant} ${RECIPE}`))),
  };
}

const withRoom = (report: DeviceReport, bytes: number): DeviceReport => {
  const { usageBytes } = report.storage;
  return usageBytes === undefined ? report : { ...report, storage: { ...report.storage, usageBytes: Math.max(0, usageBytes - bytes) } };
};

const nothingToHoldAgainst = ({ name }: Manifest, { variant, reasons }: VariantFit): SillError =>
  new SillError(
    'unsupported_device',
    `${name} cannot be imported: what becomes of it is compared with its weights in 8 bits, and those take more memory than WebAssembly (4 GiB) or this device has. ` +
      'Nothing was made. Choose a smaller model.',
    { details: { variant, reasons } },
  );
