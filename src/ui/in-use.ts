import type { SillConversations } from '../protocol/conversations.ts';
import type { OperatorReport } from '../protocol/engineReports.ts';
import type { StorageReport } from '../protocol/storageReports.ts';

interface Asked {
  storage(): Promise<StorageReport>;
  operator(): Promise<OperatorReport>;
  readonly conversations: Pick<SillConversations, 'list'>;
}

/**
 * Somebody installed, wrote or added something here, or began to; what the operator's file brings is nobody's. An address asks such a device
 * before it does what takes it away from them.
 */
export async function isInUse(sill: Asked): Promise<boolean> {
  const [storage, operator, { heads }] = await Promise.all([sill.storage(), sill.operator(), sill.conversations.list()]);
  // Those from elsewhere are named with their commit.
  const brought = new Set(operator.install.map((named) => named.split('@')[0]));
  const models = [...storage.models, ...storage.unfinished].some(({ id }) => !brought.has(id));
  return models || storage.documentBytes > 0 || heads.length > 0;
}
