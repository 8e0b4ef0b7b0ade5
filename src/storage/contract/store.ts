import type { Store } from '../../ports/store.ts';
import { adoptionsContract } from './adoptions.ts';
import { chunksContract } from './chunks.ts';
import { conversationsContract } from './conversations.ts';
import { derivedContract } from './derived.ts';
import { documentsContract } from './documents.ts';
import { evaluationsContract } from './evaluations.ts';
import { eventsContract } from './events.ts';
import { garbageContract } from './garbage.ts';
import { installsContract } from './installs.ts';
import { logContract } from './log.ts';
import { modelfilesContract } from './modelfiles.ts';
import { restoreContract } from './restore.ts';
import { resultsContract } from './results.ts';
import { settingsContract } from './settings.ts';
import { slotsContract } from './slots.ts';
import { type Runner, suiteOver } from './suite.ts';
import { trustContract } from './trust.ts';

const CONTRACTS = [
  chunksContract,
  installsContract,
  adoptionsContract,
  slotsContract,
  garbageContract,
  derivedContract,
  modelfilesContract,
  documentsContract,
  conversationsContract,
  settingsContract,
  resultsContract,
  evaluationsContract,
  eventsContract,
  logContract,
  trustContract,
  restoreContract,
];

/** What every form of the store promises. `open` gives an empty store each time; the suite closes it. */
export function storeContract(runner: Runner, open: () => Promise<Store>): void {
  const suite = suiteOver(runner, open);
  for (const contract of CONTRACTS) contract(suite);
}
