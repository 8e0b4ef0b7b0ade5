/** Size classes as people speak of them: Micro from 100 million to 1.4 billion parameters, Small to 14, Medium to 30; Nano is below. */
export const TIERS = ['nano', 'micro', 'small', 'medium', 'large'] as const;
export type Tier = (typeof TIERS)[number];

const MILLION = 1e6;
const BILLION = 1e9;

export function tierOf(parameters: number): Tier {
  if (parameters < 100 * MILLION) return 'nano';
  if (parameters <= 1.4 * BILLION) return 'micro';
  if (parameters <= 14 * BILLION) return 'small';
  if (parameters <= 30 * BILLION) return 'medium';
  return 'large';
}
