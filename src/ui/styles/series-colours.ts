/** Distinct also for people who see few colours (Okabe and Ito), and dark or light enough for a thin line over any picture with a rim. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#f0e442', '#7a5195'] as const;

/** The colour of the n-th thing; they come again where there are more things than colours. */
export const colourOf = (index: number): string => COLOURS[index % COLOURS.length] ?? COLOURS[0];

/** Each kind of thing has one colour, in the order in which they come. */
export function coloursOf(labels: readonly string[]): ReadonlyMap<string, string> {
  return new Map([...new Set(labels)].map((label, index) => [label, colourOf(index)]));
}
