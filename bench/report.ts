import type { Machine } from './measure/machine.ts';
import { type Ratio, ratioOf, type Spread, spreadOf } from './measure/ratios.ts';
import type { Generation, Load, Own, Peer } from './peers/peer.ts';
import { PROMPT_TOKENS } from './prompts.ts';
import type { Restart } from './restarts.ts';
import { type MemoryVisit, OPENING_TOKENS, type Round, type Visit } from './rounds.ts';

type Name = Peer['name'];

export interface Row {
  readonly what: string;
  readonly unit: 'ms' | 'tokens/s' | 'MiB';
  readonly values: Readonly<Record<Name, Spread>>;
  readonly toStock: Ratio;
  readonly toStockSame: Ratio;
}

/** What the project promises of a row: Sill divided by stock. */
export interface Target {
  readonly what: string;
  readonly against: 'toStock' | 'toStockSame';
  readonly atMost?: number;
  readonly atLeast?: number;
}

const WARM_LOAD = 'warm load';
const GIGABYTE_LOAD = 'warm load of a gigabyte';
const OPENING = `first ${OPENING_TOKENS} tokens after a start of the browser`;
const FROM_OPENING = `from opening the page to ${OPENING_TOKENS} tokens`;
const DECODE = 'decode';

const TARGETS: readonly Target[] = [
  { what: WARM_LOAD, against: 'toStock', atMost: 0.5 },
  { what: GIGABYTE_LOAD, against: 'toStock', atMost: 0.5 },
  { what: OPENING, against: 'toStock', atMost: 0.5 },
  // Work that is done before a question is work all the same.
  { what: FROM_OPENING, against: 'toStock', atMost: 0.5 },
  { what: DECODE, against: 'toStock', atLeast: 1.25 },
  { what: DECODE, against: 'toStockSame', atLeast: 1.1 },
];

const NAMES = ['sill', 'stock', 'stockSame'] as const;

type Visits<T> = ReadonlyArray<{ readonly [name in Name]: T }>;

/** Visits of the peers that followed each other, side by side. */
function sideBySide<T>(rounds: ReadonlyArray<Round<T>>, kind: 'first' | 'later'): Visits<T> {
  return rounds.flatMap(({ peers }) => {
    if (kind === 'first') return [{ sill: peers.sill.first, stock: peers.stock.first, stockSame: peers.stockSame.first }];
    return peers.sill.later.flatMap((sill, index) => {
      const stock = peers.stock.later[index];
      const stockSame = peers.stockSame.later[index];
      return stock && stockSame ? [{ sill, stock, stockSame }] : [];
    });
  });
}

function row<T>(what: string, unit: Row['unit'], visits: Visits<T>, measure: (visit: T) => number): Row {
  const of = (name: Name) => visits.map((visit) => measure(visit[name]));
  const pairs = (name: Name) => visits.map((visit) => [measure(visit.sill), measure(visit[name])] as const);
  return {
    what,
    unit,
    values: { sill: spreadOf(of('sill')), stock: spreadOf(of('stock')), stockSame: spreadOf(of('stockSame')) },
    toStock: ratioOf(pairs('stock')),
    toStockSame: ratioOf(pairs('stockSame')),
  };
}

export function rowsOf(
  timed: ReadonlyArray<Round<Visit>>,
  memory: ReadonlyArray<Round<MemoryVisit>>,
  gigabyte: ReadonlyArray<Round<Load>> = [],
  opening: ReadonlyArray<Round<number>> = [],
): Row[] {
  const first = sideBySide(timed, 'first');
  const later = sideBySide(timed, 'later');
  const perSecond = ({ tokens, decodeMs }: Generation) => ((tokens - 1) * 1000) / decodeMs;
  const mebibytes = (visits: Visits<MemoryVisit>, what: string, measure: (visit: MemoryVisit) => number) =>
    row(what, 'MiB', visits, (visit) => measure(visit) / 2 ** 20);
  const rows = [
    ...(timed.length === 0
      ? []
      : [
          row('cold load', 'ms', first, (visit) => visit.load.loadMs),
          row(WARM_LOAD, 'ms', later, (visit) => visit.load.loadMs),
          row(OPENING, 'ms', later, (visit) => visit.opening.ttftMs + visit.opening.decodeMs),
          ...PROMPT_TOKENS.map((tokens) => row(`first token, ${tokens} tokens`, 'ms', later, (visit) => visit.prompts[tokens].ttftMs)),
          row(DECODE, 'tokens/s', later, (visit) => perSecond(visit.steady)),
          row('decode on a first visit', 'tokens/s', first, (visit) => perSecond(visit.steady)),
        ]),
    ...(opening.length === 0
      ? []
      : [
          row(FROM_OPENING, 'ms', sideBySide(opening, 'later'), (ms) => ms),
          row(`${FROM_OPENING}, with the download`, 'ms', sideBySide(opening, 'first'), (ms) => ms),
        ]),
    ...(gigabyte.length === 0
      ? []
      : [
          row('cold load of a gigabyte', 'ms', sideBySide(gigabyte, 'first'), (load) => load.loadMs),
          row(GIGABYTE_LOAD, 'ms', sideBySide(gigabyte, 'later'), (load) => load.loadMs),
        ]),
  ];
  if (memory.length === 0) return rows;
  const cold = sideBySide(memory, 'first');
  const warm = sideBySide(memory, 'later');
  return [
    ...rows,
    mebibytes(cold, 'peak of a cold load, all', (visit) => visit.loadBytes),
    mebibytes(cold, 'the same above the idle page', (visit) => visit.loadBytes - visit.idleBytes),
    mebibytes(warm, 'peak of a warm load, all', (visit) => visit.loadBytes),
    mebibytes(warm, 'the same above the idle page', (visit) => visit.loadBytes - visit.idleBytes),
    mebibytes(warm, 'peak while decoding, all', (visit) => visit.decodeBytes),
    mebibytes(warm, 'the same above the idle page', (visit) => visit.decodeBytes - visit.idleBytes),
  ];
}

/** Two measurements of Sill that belong together, in one visit. */
export interface OwnRow {
  readonly what: string;
  readonly values: Spread;
  readonly against: string;
  readonly others: Spread;
  readonly ratio: Ratio;
  /** Absent where nothing is promised. */
  readonly atMost?: number;
  readonly met?: boolean;
}

export function ownRowsOf(timed: ReadonlyArray<Round<Visit>>, restarts: readonly Restart[] = []): OwnRow[] {
  const visits = timed.flatMap(({ peers: { sill } }) => sill.later.flatMap(({ own }) => (own ? [own] : [])));
  const compared = (what: string, against: string, atMost: number | undefined, pairs: ReadonlyArray<readonly [number, number]>): OwnRow => {
    const ratio = ratioOf(pairs);
    return {
      what,
      values: spreadOf(pairs.map(([value]) => value)),
      against,
      others: spreadOf(pairs.map(([, other]) => other)),
      ratio,
      ...(atMost === undefined ? {} : { atMost, met: ratio.median <= atMost }),
    };
  };
  const row = (what: string, against: string, atMost: number | undefined, measure: (own: Own) => readonly [number, number]): OwnRow =>
    compared(what, against, atMost, visits.map(measure));
  const restarted =
    restarts.length === 0
      ? []
      : [
          compared(
            'first token after a restart, instructions kept',
            'evaluated',
            1,
            restarts.map(({ keptMs, evaluatedMs }) => [keptMs, evaluatedMs]),
          ),
          compared(
            'the same, asked in the moment of the load',
            'evaluated',
            undefined,
            restarts.map(({ atOnce }) => [atOnce.keptMs, atOnce.evaluatedMs]),
          ),
          compared(
            'first token after a restart, instructions kept',
            'in memory already',
            undefined,
            restarts.map(({ keptMs, inMemoryMs }) => [keptMs, inMemoryMs]),
          ),
        ];
  if (visits.length === 0) return restarted;
  return [
    ...restarted,
    row('first token, long beginning cached', 'not cached', 0.25, ({ cached, uncached }) => [cached.ttftMs, uncached.ttftMs]),
    row('the same for the first time', 'not cached', undefined, ({ cold }) => [cold.cachedMs, cold.uncachedMs]),
    row('four answers at once', 'one after the other', 1.05, ({ atOnceMs, inTurnMs }) => [atOnceMs, inTurnMs]),
    row('the same for the first time', 'one after the other', undefined, ({ cold }) => [cold.atOnceMs, cold.inTurnMs]),
    row('of four at once: first token of the last', 'end of the first', 1, ({ lastBeginsMs, firstEndsMs }) => [lastBeginsMs, firstEndsMs]),
  ];
}

export interface Verdict extends Target {
  readonly measured: number;
  readonly met: boolean;
}

export const verdictsOf = (rows: readonly Row[]): Verdict[] =>
  TARGETS.flatMap((target) => {
    const measured = rows.find((candidate) => candidate.what === target.what)?.[target.against].median;
    if (measured === undefined) return [];
    return [{ ...target, measured, met: measured <= (target.atMost ?? Number.POSITIVE_INFINITY) && measured >= (target.atLeast ?? 0) }];
  });

/** Whether the peers wrote the same as Sill, and from where on they do not. */
export interface Agreement {
  readonly stock: string;
  readonly stockSame: string;
  readonly texts: Readonly<Record<Name, string>>;
}

/** Of the last visits: each is greedy, so that one stands for all. */
export function agreementOf(rounds: ReadonlyArray<Round<Visit>>): { readonly short: Agreement; readonly long: Agreement } {
  const visit = sideBySide(rounds, 'later').at(-1);
  if (!visit) throw new Error('nothing was measured');
  const agreement = (answerOf: (one: Visit) => Generation): Agreement => {
    const texts = { sill: answerOf(visit.sill).text, stock: answerOf(visit.stock).text, stockSame: answerOf(visit.stockSame).text };
    return { stock: comparison(texts.sill, texts.stock), stockSame: comparison(texts.sill, texts.stockSame), texts };
  };
  return { short: agreement(({ steady }) => steady), long: agreement(({ prompts }) => prompts[200]) };
}

function comparison(one: string, other: string): string {
  const [a, b] = [one.trim(), other.trim()];
  if (a === b) return 'the same text';
  const at = [...a].findIndex((letter, index) => letter !== b[index]);
  return `differs from letter ${at === -1 ? a.length : at} of ${a.length} on`;
}

const number = (value: number): string => (Math.abs(value) < 10 ? value.toFixed(2) : value.toFixed(0));
const spread = ({ median, min, max }: Spread): string => `${number(median)} (${number(min)} .. ${number(max)})`;
const ratio = ({ median, interval95: [low, high] }: Ratio): string => `${median.toFixed(2)} [${low.toFixed(2)} .. ${high.toFixed(2)}]`;

/** The rows as a Markdown table. */
export function table(rows: readonly Row[], labels: Readonly<Record<Name, string>>): string {
  const lines = [
    ['', ...NAMES.map((name) => labels[name]), 'Sill / stock', 'Sill / stock, same'],
    ['---', '---', '---', '---', '---', '---'],
    ...rows.map((entry) => [
      `${entry.what}, ${entry.unit}`,
      ...NAMES.map((name) => spread(entry.values[name])),
      ratio(entry.toStock),
      ratio(entry.toStockSame),
    ]),
  ];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Sill beside itself, one line a row. */
export const ownLines = (rows: readonly OwnRow[]): string =>
  rows
    .map(
      ({ what, values, against, others, ratio: measured, atMost, met }) =>
        `${met === undefined ? '      ' : met ? 'met   ' : 'MISSED'} ${what}: ${spread(values)} ms; ${against}: ${spread(others)} ms; ${ratio(measured)}${atMost === undefined ? '' : `, target at most ${atMost}`}`,
    )
    .join('\n');

export const machineLines = (machine: Machine): string =>
  [
    `${machine.cpu}, ${machine.cores} cores, ${(machine.memoryBytes / 2 ** 30).toFixed(1)} GiB, ${machine.system}`,
    `${machine.chromium}, Node ${machine.node}; Sill ${machine.sill}, transformers.js ${machine.transformers}, onnxruntime-web ${machine.onnxruntime}`,
  ].join('\n');
