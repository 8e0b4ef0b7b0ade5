import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CatalogEntry, parseCatalog } from '../../src/core/catalog.ts';
import { DIST } from './fixtures.ts';

/** What the built site offers, by its own catalog: the starters, and what it was built with besides. */
export const OFFER: readonly CatalogEntry[] = parseCatalog(JSON.parse(readFileSync(join(DIST, 'models/catalog.json'), 'utf8'))).models;

/** The only one of them that holds conversations. */
export const OFFERS_CHAT = OFFER.some(({ id }) => id === 'tinyllama');
