import { SillError } from '../../core/errors.ts';
import type { ModelId } from '../../core/ids.ts';
import { IMPORT_TEXT, SINK_TEXT } from '../../core/importGate.ts';
import { type Manifest, variantOf } from '../../core/manifest.ts';
import { type SinkQuestion, sinksOf } from '../../core/sinkSearch.ts';
import type { RuntimeAssets } from '../../ports/browser.ts';
import type { Runtime } from '../../ports/runtime.ts';
import type { Store } from '../../ports/store.ts';
import type { DeviceService } from '../device/device.ts';
import { orAbort } from '../orAbort.ts';
import { type LoadSpecDeps, loadSpecOf } from '../sessions/loadSpec.ts';
import type { Sessions } from '../sessions/sessions.ts';

export interface FormScoresDeps extends Pick<LoadSpecDeps, 'sourceOf'> {
  readonly store: Store;
  readonly runtime: Runtime;
  readonly assets: RuntimeAssets;
  readonly device: DeviceService;
  readonly sessions: Pick<Sessions, 'makeRoom'>;
}

export interface FormScore {
  /** Mean negative log-likelihood of a token, in nats. */
  readonly nll: number;
  /** Around which a prompt is to be cut, where that was measured. */
  readonly sinkTokens?: number[];
  /** How loud its channels became, of a graph that listens. */
  readonly loudness?: Float32Array<ArrayBuffer>;
}

/**
 * Loads a form that lies in the store, installed or not, and scores it on the text by which forms are compared.
 * @param call `question`: what is to be measured of it besides
 * @throws SillError what the runtime throws | `aborted`
 */
export async function scoreForm(
  deps: FormScoresDeps,
  manifest: Manifest,
  variantId: string,
  { signal, question }: { readonly signal: AbortSignal; readonly question?: SinkQuestion | undefined },
): Promise<FormScore> {
  const variant = manifest.variants.find(({ id }) => id === variantId);
  if (!variant) throw new SillError('internal', `There is no form ${variantId} to score.`);
  const spec = await loadSpecOf(deps, manifest, variantOf(manifest, variant.id));
  await deps.assets.ensure(spec.build, signal);
  const leave = await deps.sessions.makeRoom(variant.needs.memoryBytes, manifest.id as ModelId);
  const loading = deps.runtime.load(spec, { signal });
  try {
    const model = await orAbort(loading, signal);
    // Only 8-bit products take one scale for all tokens of a call.
    const harms = question && variant.dtype === 'int8' && (await orAbort(model.measureSinks(SINK_TEXT, question, { signal }), signal));
    const sinks = question && harms ? { sinkTokens: sinksOf(harms, question) } : {};
    // As whoever asks it something will have it read.
    const { nll, loudness } = await orAbort(model.score(IMPORT_TEXT, { signal, as: sinks }), signal);
    return { nll, ...sinks, ...(loudness ? { loudness } : {}) };
  } finally {
    // Also one whose loading was given up: it would hold its memory until the page is closed.
    void loading
      .then(
        (model) => model.unload(),
        () => undefined,
      )
      .then(leave);
  }
}
