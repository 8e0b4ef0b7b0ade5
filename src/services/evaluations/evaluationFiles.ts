import * as v from 'valibot';
import { type CarriedFault, faultOfText, unreadableFile } from '../../core/carriedFile.ts';
import type { SillError } from '../../core/errors.ts';
import { type EvaluationCaseResult, EvaluationCaseSchema, type EvaluationRun, EvaluationRunSchema } from '../../core/evaluationRun.ts';

const FORMAT = 'sill-evaluations';
const VERSION = 1;
/** Read whole. */
const CAP_BYTES = 128 * 1024 * 1024;

export interface CarriedRun {
  readonly run: EvaluationRun;
  readonly cases: readonly EvaluationCaseResult[];
}

const FileSchema = v.object({
  format: v.literal(FORMAT),
  version: v.literal(VERSION),
  runs: v.pipe(v.array(v.object({ run: EvaluationRunSchema, cases: v.array(EvaluationCaseSchema) })), v.maxLength(10_000)),
});

/** In parts, so that thousands of answers never lie in memory as one text. */
export function writeRuns(runs: readonly CarriedRun[]): Blob {
  const head = JSON.stringify({ format: FORMAT, version: VERSION }).slice(0, -1);
  const parts = runs.map((run, i) => `${i === 0 ? '' : ','}\n${JSON.stringify(run)}`);
  return new Blob([`${head},"runs":[`, ...parts, ']}\n'], { type: 'application/json' });
}

/** @throws SillError `unreadableFile`, with what is wrong */
export async function readRuns(file: Blob): Promise<readonly CarriedRun[]> {
  if (file.size > CAP_BYTES) throw invalid('too_large', `it is larger than ${CAP_BYTES / 2 ** 20} MiB`);
  const text = await file.text();
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (cause) {
    throw invalid(faultOfText(text), 'it is cut off or damaged, or was never JSON', cause);
  }
  const parsed = v.safeParse(FileSchema, data);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const path = v.getDotPath(issue) ?? TOP;
    if (path === 'version' || path.endsWith('.schema'))
      throw invalid('version', 'another version of Sill wrote it; open it with that one, or run the suite anew');
    throw invalid(path === 'format' || path === TOP ? 'foreign' : 'damaged', `${issue.message} (at ${path})`);
  }
  for (const { run, cases } of parsed.output.runs) {
    if (cases.some((it) => it.run !== run.id)) throw invalid('damaged', `cases of another run lie in run ${run.id}`);
  }
  return parsed.output.runs;
}

const TOP = 'the top level';

const invalid = (fault: CarriedFault, why: string, cause?: unknown): SillError =>
  unreadableFile('runs', fault, `This file holds no results of evaluations that can be read: ${why}. Nothing was changed.`, { cause });
