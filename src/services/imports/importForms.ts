import { SillError } from '../../core/errors.ts';
import { rankVariants, type VariantFit } from '../../core/fit.ts';
import { expectedManifest, type HubDescription } from '../../core/hubModel.ts';
import { type ModelId, parseModelId, parseRevisionId, type RevisionId } from '../../core/ids.ts';
import { describeImport, importId } from '../../core/importing.ts';
import { RECIPE } from '../../core/making.ts';
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
  /** Best first; `fit` is the one that is `wished`, or the best. */
  fits(what: FileLook, wished?: string): Promise<Choice>;
  /** @throws SillError `invalid_request` where there is no such form | `quota_exceeded` | `unsupported_device` | `model_too_large` for what models may take */
  choose(what: FileLook, wished: string | undefined): Promise<VariantFit>;
  /**
   * Another form that this device runs, of what was refused in some: 16 bits after 4 on a GPU that is tested for them, where models may take so much
   * memory, else the best of the others. Undefined where none is left.
   */
  otherThan(what: FileLook, refused: readonly RefusedForm[]): Promise<VariantFit | undefined>;
  /** Under which the journal has it: the same for the same file, name, form and way of making it. */
  revisionOf(what: FileLook, variant: string): Promise<RevisionId>;
}

export function createImportForms({ forge, device, memory, digests, sillVersion }: ImportFormsDeps): ImportForms {
  /** The form that others are held against is none to choose. */
  const expected = ({ description, found }: FileLook) => {
    const variants = description.variants.filter(({ id }) => id !== REFERENCE);
    const files = new Map(found.forms.flatMap((form) => form.files.map((file) => [file.path, file])));
    return expectedManifest({ ...description, variants }, [...files.values()]);
  };
  const ranked = (manifest: ReturnType<typeof expected>, wished?: string): Promise<Choice> =>
    provenChoice(device, (report) => rankVariants(manifest, report), wished);

  return {
    async look(files, { name, signal }) {
      const found = await forge.inspect(files, { signal });
      const fileName = files[0]?.name ?? 'model.gguf';
      const id = parseModelId(importId(name ?? fileName));
      return { id, found, description: describeImport(found, { id, fileName, minimumRuntime: sillVersion }) };
    },
    fits: (what, wished) => ranked(expected(what), wished),
    async choose(what, wished) {
      const manifest = expected(what);
      const { fit, fits } = await ranked(manifest, wished);
      if (!fit)
        throw new SillError(
          'invalid_request',
          `There is no form "${wished}" to make of it. There are: ${fits.map((each) => each.variant).join(', ')}.`,
        );
      refuseUnfit(manifest, fit);
      const budget = await memory.budget();
      // Made, it would be refused whenever it is to be loaded.
      if (budget.isFirm && fit.memoryBytes > budget.bytes) throw tooLarge(what.id, fit.memoryBytes, budget.bytes);
      return fit;
    },
    async otherThan(what, refused) {
      const manifest = expected(what);
      const gone = new Set(refused.map(({ variant }) => variant));
      const { fits } = await ranked(manifest);
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
        const { fit } = await ranked(manifest, candidate.variant);
        if (fit && fit.verdict !== 'no') return fit;
      }
      return undefined;
    },
    revisionOf: async ({ id, found }, variant) =>
      parseRevisionId(await digests.sha256(new TextEncoder().encode(`import ${id} ${found.fingerprint} ${variant} ${RECIPE}`))),
  };
}
