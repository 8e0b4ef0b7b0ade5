import * as v from 'valibot';
import { toLlamaBenchJson } from '../../core/benchmark/llamaBench.ts';
import { PRESETS } from '../../core/benchmark/plan.ts';
import { SillError, toSillError } from '../../core/errors.ts';
import type { BenchmarkRequest, UnattendedBenchmark } from '../../protocol/benchmarks.ts';
import type { Sill } from '../../protocol/sill.ts';
import type { BenchmarksStore } from '../benchmarks-store.ts';
import { saveFile } from '../elements/saveFile.ts';
import { routeHref } from '../routes.ts';

const number = v.optional(v.pipe(v.string(), v.regex(/^\d{1,6}$/, 'is a whole number'), v.transform(Number)));
const AskedSchema = v.object({
  bench: v.picklist(PRESETS, `is one of ${PRESETS.join(', ')}`),
  model: v.pipe(v.optional(v.string(), ''), v.minLength(1, 'names an installed model, as in &model=stories15m')),
  label: v.optional(v.string()),
  download: v.optional(v.literal('json', 'is json')),
  promptTokens: number,
  generatedTokens: number,
  depth: number,
  repetitions: number,
  warmups: number,
  warmLoads: number,
  seconds: number,
});

/**
 * Runs what the address asks for, with the view in front, and leaves the outcome where a script finds it. Never rejects. When it is done the address
 * asks for it no more, and shows its result: a reload, or a browser that brings its tabs back, does not measure again what nobody asked for again. What
 * failed, or was under way, does begin anew.
 */
export async function runUnattended(sill: Sill, store: BenchmarksStore, search: string): Promise<void> {
  // In place of the entry that asks for it: the way back would lead there.
  location.replace(routeHref('benchmarks'));
  tell({ state: 'waiting' });
  const follow = (): void => {
    if (store.run?.kind === 'running' && store.run.progress) tell({ state: 'running', progress: store.run.progress });
  };
  store.addEventListener('change', follow);
  try {
    const { request, download } = asked(search);
    await untilGiven(sill, request.model);
    const run = await store.start(request);
    if (run?.kind === 'done') {
      askNoMore(search, run.outcome.id);
      tell({ state: 'done', result: run.outcome });
      if (download)
        saveFile(`sill-benchmark-${run.outcome.id}.json`, new Blob([toLlamaBenchJson([run.outcome])], { type: 'application/json' }));
    } else if (run?.kind === 'failed') throw run.error;
    else throw new SillError('aborted', 'The benchmark was stopped.');
  } catch (reason) {
    tell({ state: 'failed', error: toSillError(reason).toData() });
  } finally {
    store.removeEventListener('change', follow);
  }
}

/** @throws SillError `invalid_request` that names the part of the address which is wrong */
function asked(search: string): { readonly request: BenchmarkRequest; readonly download: boolean } {
  const parsed = v.safeParse(AskedSchema, Object.fromEntries(new URLSearchParams(search)));
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw new SillError('invalid_request', `The address asks for a benchmark that there is not: ${v.getDotPath(issue)} ${issue.message}.`);
  }
  const { bench: preset, model, label, download, ...custom } = parsed.output;
  return { request: { model, preset, custom, ...(label ? { label } : {}) }, download: download !== undefined };
}

/** A model that the operator gives to every device may still be on its way. */
async function untilGiven(sill: Sill, model: string): Promise<void> {
  const isThere = async () => (await sill.models.list()).some(({ id, installed }) => id === model && installed !== undefined);
  const { install } = await sill.operator();
  if (!install.some((id) => id === model)) return;
  await new Promise<void>((resolve, reject) => {
    const look = (): void => {
      isThere().then((there) => {
        if (!there) return;
        stop();
        resolve();
      }, reject);
    };
    const stop = sill.watch(({ type }) => {
      if (type === 'models') look();
    });
    look();
  });
}

/** The rest of the address stays. */
function askNoMore(search: string, result: string): void {
  const kept = new URLSearchParams(search);
  for (const name of Object.keys(AskedSchema.entries)) kept.delete(name);
  const left = kept.size > 0 ? `?${kept}` : '';
  history.replaceState(history.state, '', `${location.pathname}${left}${routeHref('benchmarks', { result })}`);
}

/** In the page's globals, and in the document for tools that see no globals. */
function tell(state: UnattendedBenchmark): void {
  globalThis.sillBenchmark = state;
  document.documentElement.dataset.sillBenchmark = state.state;
  const found = document.getElementById('sill-benchmark');
  const output = found ?? document.createElement('output');
  output.id = 'sill-benchmark';
  output.hidden = true;
  output.textContent = JSON.stringify(state);
  if (!found) document.body.append(output);
}
