import type { Spool } from '../../ports/spool.ts';

export const memorySpool: Spool = { through: (pieces, use) => use(pieces.map((bytes) => new Blob([bytes]))) };
