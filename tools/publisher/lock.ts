import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { hasCode, unlessCode } from '../models/errno.ts';
import { PublisherError } from './publisherError.ts';

const HolderSchema = v.object({ pid: v.number(), host: v.string(), since: v.string() });
type Holder = v.InferOutput<typeof HolderSchema>;

/**
 * Runs `work` while nobody else changes the repository. A lock that a killed process of this machine left is taken over.
 * @throws PublisherError `locked`
 */
export async function withLock<T>(repo: string, work: () => Promise<T>): Promise<T> {
  const path = join(repo, '.publisher.lock');
  await mkdir(repo, { recursive: true });
  const own: Holder = { pid: process.pid, host: hostname(), since: new Date().toISOString() };
  const take = () => writeFile(path, JSON.stringify(own), { flag: 'wx' });
  try {
    await take();
  } catch (reason) {
    if (!hasCode(reason, 'EEXIST')) throw reason;
    const holder = await holderOf(path);
    if (holder && !isDead(holder)) {
      throw new PublisherError(
        'locked',
        `Another publisher (process ${holder.pid} on ${holder.host}, since ${holder.since}) is changing ${repo}. Wait until it has ` +
          `finished; if it was killed on another machine, delete ${path}.`,
      );
    }
    await rm(path, { force: true });
    await take().catch((cause: unknown) => {
      throw new PublisherError('locked', `Another publisher was quicker to take ${path}. Try again.`, cause);
    });
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

/** Undefined where the lock is gone, or was not written to its end by a process that was killed. */
async function holderOf(path: string): Promise<Holder | undefined> {
  const text = await readFile(path, 'utf8').catch(unlessCode('ENOENT'));
  try {
    return text === undefined ? undefined : v.parse(HolderSchema, JSON.parse(text));
  } catch {
    return undefined;
  }
}

function isDead({ pid, host }: Holder): boolean {
  if (host !== hostname()) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (reason) {
    return hasCode(reason, 'ESRCH');
  }
}
