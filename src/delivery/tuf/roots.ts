import { SillError } from '../../core/errors.ts';
import type { RootMark } from '../../core/trust.ts';
import type { Metadata } from '../../core/tuf/metadata.ts';
import { refusal } from '../../core/tuf/refusal.ts';
import { assertNextRoot } from '../../core/tuf/versions.ts';
import type { Repository } from './repository.ts';
import type { Verifier } from './verifier.ts';

/** More rotations than a device could have missed in years. */
const MAX_ROTATIONS = 256;
const ROOT_CAP_BYTES = 512 * 1024;

export interface RootChain {
  readonly root: Metadata<'root'>;
  readonly lineage: readonly RootMark[];
  /** The roots before it, as they were signed, as far as they were kept. */
  readonly earlier: readonly string[];
}

interface Walk {
  /** Where trust begins: the root of the last refresh, or else the shipped one. */
  readonly from: RootChain;
  /** The root that came with the app, which has to lie on the chain. */
  readonly shipped: Metadata<'root'>;
  readonly repository: Repository;
  readonly verifier: Verifier;
  readonly signal: AbortSignal;
}

const rootFile = (version: number): string => `metadata/${version}.root.json`;

/**
 * Follows the chain of roots to its end, each signed by the one before and by itself (TUF specification 5.3).
 * @throws SillError `untrusted_catalog` with attack `another_root` when the shipped root is not on the chain | `bad_signature` |
 *   `root_skipped` | ..., and whatever `Repository.read` throws: only the server's word that there is no next root ends the chain
 */
export async function walkRoots({ from, shipped, repository, verifier, signal }: Walk): Promise<RootChain> {
  const shippedMark: RootMark = { version: shipped.signed.version, digest: await verifier.digestOf(shipped) };
  for (const mark of from.lineage) assertSame(mark, shippedMark);
  let { root } = from;
  const lineage = [...from.lineage];
  const earlier = [...from.earlier];
  for (;;) {
    const version = root.signed.version + 1;
    const file = rootFile(version);
    const bytes = await readNext(file, repository, signal);
    if (!bytes && version !== shippedMark.version) break;
    const text = bytes ?? new TextEncoder().encode(shipped.text);
    const next = await verifier.read(root.signed, 'root', text, file);
    assertNextRoot(root, next, file);
    await verifier.assertSigned(next.signed, next, file);
    const mark = { version, digest: await verifier.digestOf(next) };
    assertSame(mark, shippedMark);
    lineage.push(mark);
    earlier.push(root.text);
    root = next;
    if (lineage.length > MAX_ROTATIONS) throw refusal('endless_data', file);
  }
  // The chain never came by it: it belongs to another one.
  if (shippedMark.version > root.signed.version) throw anotherRoot(shippedMark);
  return { root, lineage, earlier };
}

/**
 * A host that has an answer for every path hides the next root as well as somebody who means harm, and is refused alike. Where the
 * rest of the list is there, it is told apart: only its operator can mend it.
 */
async function readNext(file: string, repository: Repository, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return await repository.readIfThere(file, ROOT_CAP_BYTES, signal);
  } catch (reason) {
    if (!(reason instanceof SillError) || reason.code !== 'catalog_unavailable') throw reason;
    const { webPage, status } = reason.details;
    if (webPage !== true && status !== 403) throw reason;
    const isThere = await repository.readIfThere('metadata/timestamp.json', ROOT_CAP_BYTES, signal).then(
      (bytes) => bytes !== undefined,
      () => false,
    );
    if (!isThere) throw reason;
    throw new SillError(
      'catalog_unavailable',
      `For ${file}, which is probably not there, the server answered with ${webPage === true ? 'a web page' : `status ${status}`}. Only ` +
        '"not found" (404) says that there is no newer root of trust, so nothing new is accepted; installed models keep working. The ' +
        'operator of this site has to make the server answer 404 for files that it does not have.',
      { cause: reason, details: { ...reason.details, missingFile: webPage === true ? 'web page' : 'forbidden' } },
    );
  }
}

function assertSame(trusted: RootMark, shipped: RootMark): void {
  if (trusted.version === shipped.version && trusted.digest !== shipped.digest) throw anotherRoot(shipped, trusted.digest);
}

const anotherRoot = ({ version, digest }: RootMark, trusted = '') =>
  refusal('another_root', 'trust/root.json', { version, met: digest, ...(trusted ? { trusted } : {}) });
