import { createDigests } from '../src/delivery/digests.ts';
import { createSignatures } from '../src/delivery/tuf/signatures.ts';
import { createTufCatalog } from '../src/delivery/tuf/tufCatalog.ts';
import { verificationHandlers } from '../src/delivery/tuf/verificationHandlers.ts';
import { realmClock } from '../src/platform/realm.ts';
import { serve } from '../src/protocol/server.ts';
import { verificationContract } from '../src/protocol/verification.ts';
import { openIdbStore } from '../src/storage/idbStore.ts';

serve(
  verificationContract,
  verificationHandlers(async (baseUrl) =>
    createTufCatalog({
      baseUrl,
      shipped: __SILL_TRUST__,
      trust: (await openIdbStore()).trust,
      fetcher: (url, init) => fetch(url, init),
      digests: createDigests(crypto.subtle),
      signatures: createSignatures(crypto.subtle),
      clock: realmClock,
    }),
  ),
  self,
);
