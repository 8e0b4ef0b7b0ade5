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

export const rootFile = (version: number): string => `metadata/${version}.root.json`;

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
    const bytes = await repository.readIfThere(file, ROOT_CAP_BYTES, signal);
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

function assertSame(trusted: RootMark, shipped: RootMark): void {
  if (trusted.version === shipped.version && trusted.digest !== shipped.digest) throw anotherRoot(shipped, trusted.digest);
}

const anotherRoot = ({ version, digest }: RootMark, trusted = '') =>
  refusal('another_root', 'trust/root.json', { version, met: digest, ...(trusted ? { trusted } : {}) });
