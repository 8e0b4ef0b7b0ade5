import type { Sill } from '../protocol/sill.ts';

/**
 * Somebody installed, wrote or added something here, or began to; what the operator's file brings is nobody's. An address asks such a device
 * before it does what takes it away from them.
 */
export async function isInUse(sill: Sill): Promise<boolean> {
  const [storage, operator, { heads }] = await Promise.all([sill.storage(), sill.operator(), sill.conversations.list()]);
  // Those from elsewhere are named with their commit.
  const brought = new Set(operator.install.map((named) => named.split('@')[0]));
  const models = [...storage.models, ...storage.unfinished].some(({ id }) => !brought.has(id));
  return models || storage.documentBytes > 0 || heads.length > 0;
}
