import { createDigests } from '../src/delivery/digests.ts';
import { createSignatures } from '../src/delivery/tuf/signatures.ts';
import { createTufCatalog } from '../src/delivery/tuf/tufCatalog.ts';
import { verificationHandlers } from '../src/delivery/tuf/verificationHandlers.ts';
import { openWorkerDoor } from '../src/platform/networkDoor.ts';
import { realmClock } from '../src/platform/realm.ts';
import { serve } from '../src/protocol/server.ts';
import { verificationContract } from '../src/protocol/verification.ts';
import { openIdbStore } from '../src/storage/idbStore.ts';

const fetcher = openWorkerDoor('verifier').for('catalog');

serve(
  verificationContract,
  verificationHandlers(async (baseUrl) => {
    const store = await openIdbStore();
    // A mirror is another place of the site's own catalog, and shares what is remembered of it against rollback.
    const root = __SILL_SOURCES__.find((source) => source.kind === 'catalog' && source.url === baseUrl)?.root;
    return createTufCatalog({
      baseUrl,
      ...(root === undefined ? { shipped: __SILL_TRUST__, trust: store.trust } : { shipped: { root }, trust: store.trustOf(baseUrl) }),
      fetcher,
      digests: createDigests(crypto.subtle),
      signatures: createSignatures(crypto.subtle),
      clock: realmClock,
    });
  }),
  self,
);
