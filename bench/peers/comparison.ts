import { type Ratio, ratioOf, type Spread, spreadOf } from '../measure/ratios.ts';
import type { Visits } from '../rounds.ts';

/** One measured quantity of all peers. */
export interface ComparedRow {
  readonly what: string;
  readonly unit: 'ms' | 'tokens/s' | 'MiB';
  readonly values: Readonly<Record<string, Spread>>;
  /** Sill divided by each of the others. */
  readonly ratios: Readonly<Record<string, Ratio>>;
}

/** What is promised of a row. */
export interface ComparedTarget {
  readonly what: string;
  readonly against: string;
  readonly atMost?: number;
  readonly atLeast?: number;
}

export type ComparedVerdict = ComparedTarget & { readonly measured: number; readonly met: boolean };

/** Visits of one round by peer. */
export type InTurns<T> = ReadonlyMap<string, Visits<T>>;

const SILL = 'sill';

/** A row over the first or the later visits of all rounds; ratios are of visits that followed each other. */
export function comparedRow<T>(
  what: string,
  unit: ComparedRow['unit'],
  rounds: ReadonlyArray<InTurns<T>>,
  kind: 'first' | 'later',
  measure: (visit: T) => number,
): ComparedRow {
  const names = [...(rounds[0]?.keys() ?? [])];
  const of = (name: string): number[] =>
    rounds.flatMap((round) => {
      const visits = round.get(name);
      if (!visits) throw new Error(`${name} was not measured in every round`);
      return (kind === 'first' ? [visits.first] : visits.later).map(measure);
    });
  const sill = of(SILL);
  const ratio = (name: string): Ratio => ratioOf(of(name).map((value, index) => [sill[index] ?? Number.NaN, value] as const));
  const others = names.filter((name) => name !== SILL);
  return {
    what,
    unit,
    values: Object.fromEntries(names.map((name) => [name, spreadOf(of(name))])),
    ratios: Object.fromEntries(others.map((name) => [name, ratio(name)])),
  };
}

export const comparedVerdicts = (rows: readonly ComparedRow[], targets: readonly ComparedTarget[]): ComparedVerdict[] =>
  targets.flatMap((target) => {
    const measured = rows.find(({ what }) => what === target.what)?.ratios[target.against]?.median;
    if (measured === undefined) return [];
    return [{ ...target, measured, met: measured <= (target.atMost ?? Number.POSITIVE_INFINITY) && measured >= (target.atLeast ?? 0) }];
  });

const number = (value: number): string => (Math.abs(value) < 10 ? value.toFixed(2) : value.toFixed(0));

/** The rows as a Markdown table. */
export function comparedTable(rows: readonly ComparedRow[]): string {
  const names = Object.keys(rows[0]?.values ?? {});
  const others = Object.keys(rows[0]?.ratios ?? {});
  const lines = [
    ['', ...names, ...others.map((name) => `Sill / ${name}`)],
    ['---', ...names.map(() => '---'), ...others.map(() => '---')],
    ...rows.map(({ what, unit, values, ratios }) => [
      `${what}, ${unit}`,
      ...names.map((name) => {
        const spread = values[name];
        return spread ? `${number(spread.median)} (${number(spread.min)} .. ${number(spread.max)})` : '';
      }),
      ...others.map((name) => {
        const ratio = ratios[name];
        return ratio ? `${ratio.median.toFixed(2)} [${ratio.interval95[0].toFixed(2)} .. ${ratio.interval95[1].toFixed(2)}]` : '';
      }),
    ]),
  ];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

export const verdictLine = ({ what, against, atMost, atLeast, measured, met }: ComparedVerdict): string =>
  `${met ? 'met   ' : 'MISSED'} ${what}, Sill to ${against}: ${measured.toFixed(2)}, target ${atMost === undefined ? `at least ${atLeast}` : `at most ${atMost}`}`;
