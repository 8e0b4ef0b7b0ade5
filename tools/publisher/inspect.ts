import type { CatalogEntry } from '../../src/core/catalog.ts';
import { offered } from './offers.ts';
import { readRepository } from './repository.ts';

export interface RoleReport {
  readonly version: number;
  readonly expires: string;
  readonly keys: readonly string[];
  readonly threshold: number;
}

export interface Inspection {
  readonly roles: Readonly<Record<string, RoleReport>>;
  readonly models: readonly CatalogEntry[];
}

/** What a repository says, without asking whether it is true: that is `verify`. */
export async function inspect(repo: string): Promise<Inspection> {
  const published = await readRepository(repo);
  const root = published.root.signed;
  const roles = Object.entries(published).map(([name, { signed }]) => {
    const { keyIDs = [], threshold = 0 } = root.roles[name] ?? {};
    return [name, { version: signed.version, expires: signed.expires, keys: keyIDs, threshold }] as const;
  });
  return { roles: Object.fromEntries(roles), models: offered(published.targets.signed).map(({ entry }) => entry) };
}
