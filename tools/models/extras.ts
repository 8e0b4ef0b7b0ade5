/** Models that are built only where they are asked for: `--with tinyllama`. */
export const EXTRAS = ['tinyllama'] as const;
export type Extra = (typeof EXTRAS)[number];

export const isExtra = (name: string): name is Extra => EXTRAS.some((extra) => extra === name);
