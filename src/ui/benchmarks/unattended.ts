import * as v from 'valibot';
import { toLlamaBenchJson } from '../../core/benchmark/llamaBench.ts';
import { PRESETS } from '../../core/benchmark/plan.ts';
import { type ErrorData, isAbort, SillError, toSillError } from '../../core/errors.ts';
import { KIOSK_PARAMS } from '../../core/kiosk/rules.ts';
import { isPassing } from '../../core/operatorRules.ts';
import type { BenchmarkRequest, UnattendedBenchmark } from '../../protocol/benchmarks.ts';
import type { Sill } from '../../protocol/sill.ts';
import type { BenchmarksStore } from '../benchmarks-store.ts';
import { saveFile } from '../elements/saveFile.ts';
import { isLocked } from '../errors.ts';
import { isInUse } from '../in-use.ts';
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
  texts: number,
  seconds: number,
});
/** Of an address that asks for a kiosk as well. */
const OTHER_PARAMS: ReadonlySet<string> = new Set(KIOSK_PARAMS);

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
  let hasBegun = false;
  try {
    const { request, download } = asked(search);
    await assertUnlocked(sill);
    await untilGiven(sill, request.model, (error) => {
      tell({ state: 'waiting', ...(error ? { error } : {}) });
      store.tellAddressed({ kind: 'waiting', model: request.model, error });
    });
    if (await isToBeAsked(sill)) {
      tell({ state: 'asking' });
      if (!(await store.ask(request))) {
        askNoMore(search);
        throw new SillError('aborted', 'The person at this device did not want the benchmark.');
      }
    }
    hasBegun = true;
    const run = await store.start(request);
    if (run?.kind === 'done') {
      askNoMore(search, run.outcome.id);
      tell({ state: 'done', result: run.outcome });
      if (download)
        saveFile(`sill-benchmark-${run.outcome.id}.json`, new Blob([toLlamaBenchJson([run.outcome])], { type: 'application/json' }));
    } else if (run?.kind === 'failed') throw run.error;
    else throw new SillError('aborted', 'The benchmark was stopped.');
  } catch (reason) {
    const error = toSillError(reason).toData();
    tell({ state: 'failed', error });
    // Also where it was locked while the model was waited for.
    if (isLocked(error)) askNoMore(search);
    // Of a run that began it is said where the run was.
    if (!hasBegun && !isAbort(reason)) store.tellAddressed({ kind: 'failed', error });
  } finally {
    store.removeEventListener('change', follow);
  }
}

/** @throws SillError `invalid_request` that names the part of the address which is wrong */
function asked(search: string): { readonly request: BenchmarkRequest; readonly download: boolean } {
  const params = Object.fromEntries(new URLSearchParams(search));
  const refuse = (why: string) => new SillError('invalid_request', `The address asks for a benchmark that there is not: ${why}.`);
  // Passed over, a misspelt one would measure something else than was asked for.
  const unknown = Object.keys(params).find((name) => !Object.hasOwn(AskedSchema.entries, name) && !OTHER_PARAMS.has(name));
  if (unknown !== undefined)
    throw refuse(`${unknown.slice(0, 80)} is none of its parameters, which are ${Object.keys(AskedSchema.entries).join(', ')}`);
  const parsed = v.safeParse(AskedSchema, params);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw refuse(`${v.getDotPath(issue)} ${issue.message}`);
  }
  const { bench: preset, model, label, download, ...custom } = parsed.output;
  return { request: { model, preset, custom, ...(label ? { label } : {}) }, download: download !== undefined };
}

/**
 * Whoever passes by a locked device can give it an address. What it computes for minutes is for its staff, and the address does not wait for them either.
 * @throws SillError `forbidden`
 */
async function assertUnlocked(sill: Sill): Promise<void> {
  if (!(await sill.kiosk.status()).locked) return;
  throw new SillError('forbidden', 'This device is locked, and no address measures it. Its staff can, with the PIN.', {
    details: { reason: 'locked' },
  });
}

/**
 * A link that a stranger sends is not to keep a person's device busy for minutes. A program that drives the browser is a lab, and says so itself; of a
 * device that nobody uses nothing is taken away.
 */
const isToBeAsked = async (sill: Sill): Promise<boolean> => !navigator.webdriver && (await isInUse(sill));

/**
 * A model that the operator gives to every device may still be on its way.
 * @throws SillError why it does not come
 */
async function untilGiven(sill: Sill, model: string, onWait: (error: ErrorData | undefined) => void): Promise<void> {
  const isThere = async () => (await sill.models.list()).some(({ id, installed }) => id === model && installed !== undefined);
  const { install } = await sill.operator();
  if (!install.some((named) => named === model || named.startsWith(`${model}@`))) return;
  const isReady = async (): Promise<boolean> => {
    if (await isThere()) return true;
    const why = (await sill.operator()).failed?.find(({ id }) => id === model)?.error;
    if (why && !isPassing(why.code)) throw SillError.fromData(why);
    onWait(why);
    return false;
  };
  await new Promise<void>((resolve, reject) => {
    const look = (): void => {
      isReady().then(
        (ready) => {
          if (!ready) return;
          stop();
          resolve();
        },
        (reason: unknown) => {
          stop();
          reject(reason);
        },
      );
    };
    // A model that could not be installed is told of as what a kiosk lacks.
    const stop = sill.watch(({ type }) => {
      if (type === 'models' || type === 'kiosk') look();
    });
    look();
  });
}

/** The rest of the address stays. */
function askNoMore(search: string, result?: string): void {
  const kept = new URLSearchParams(search);
  for (const name of Object.keys(AskedSchema.entries)) kept.delete(name);
  const left = kept.size > 0 ? `?${kept}` : '';
  history.replaceState(history.state, '', `${location.pathname}${left}${routeHref('benchmarks', result === undefined ? {} : { result })}`);
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
