import * as v from 'valibot';
import { type Catalog, CatalogEntrySchema } from '../core/catalog.ts';
import type { Manifest } from '../core/manifest.ts';
import type { Proof } from '../core/trust.ts';
import { method } from './contract.ts';

/** Absolute, with a slash at its end: where `metadata/` and `targets/` lie. */
const baseUrl = v.pipe(v.string(), v.url(), v.endsWith('/'));
const ofEntry = v.object({ baseUrl, entry: CatalogEntrySchema });

/** Between the engine and the worker that reads the signed list of models and believes none of it before it is verified. */
export const verificationContract = {
  catalog: method<never, Catalog>()(v.object({ baseUrl })),
  known: method<never, Catalog | null>()(v.object({ baseUrl })),
  manifest: method<never, Manifest>()(ofEntry),
  proof: method<never, Proof>()(ofEntry),
};
export type VerificationContract = typeof verificationContract;
