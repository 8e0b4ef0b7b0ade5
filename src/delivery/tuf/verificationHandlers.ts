import type { SignedSource } from '../../ports/delivery.ts';
import type { Handlers } from '../../protocol/server.ts';
import type { VerificationContract } from '../../protocol/verification.ts';

/** The answering half of `createWorkerCatalogs`. A source is opened once for each place and kept while the worker lives. */
export function verificationHandlers(open: (baseUrl: string) => Promise<SignedSource>): Handlers<VerificationContract> {
  const opened = new Map<string, Promise<SignedSource>>();
  const sourceAt = (baseUrl: string): Promise<SignedSource> => {
    const source =
      opened.get(baseUrl) ??
      open(baseUrl).catch((reason: unknown) => {
        // A refusal is not kept: the person may allow storage and try again.
        opened.delete(baseUrl);
        throw reason;
      });
    opened.set(baseUrl, source);
    return source;
  };
  return {
    catalog: async ({ baseUrl }, { signal }) => (await sourceAt(baseUrl)).catalog(signal),
    known: async ({ baseUrl }) => (await (await sourceAt(baseUrl)).known()) ?? null,
    manifest: async ({ baseUrl, entry }, { signal }) => (await sourceAt(baseUrl)).manifest(entry, signal),
    proof: async ({ baseUrl, entry }, { signal }) => (await sourceAt(baseUrl)).proof(entry, signal),
  };
}
