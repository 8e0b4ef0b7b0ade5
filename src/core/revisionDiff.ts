import type { Digest, VariantId } from './ids.ts';
import { chunksOf, filesOf, type Manifest, variantBytes, variantOf } from './manifest.ts';

export interface RevisionDiff {
  readonly fromBytes: number;
  readonly toBytes: number;
  /** Bytes of chunks that have to be fetched: what is on the device is used again, in whatever file it lies. */
  readonly fetchBytes: number;
  /** Bytes of chunks that the other revision lacks, whatever the device holds. */
  readonly changedBytes: number;
  readonly files: ReadonlyArray<{
    readonly path: string;
    readonly change: 'added' | 'removed' | 'changed' | 'same';
    readonly fromBytes: number;
    readonly toBytes: number;
  }>;
  /** The publisher's figures, of both variants. */
  readonly scores: ReadonlyArray<{ readonly metric: string; readonly from?: number; readonly to?: number }>;
  readonly notes?: string;
}

/** A revision in one of its variants. */
export interface RevisionSide {
  readonly manifest: Manifest;
  readonly variant: VariantId;
}

/**
 * What lies between two revisions of a model.
 * @param stored chunks that are on the device; by default those of `from`
 * @throws SillError `invalid_request` when a manifest lacks the variant
 */
export function diffRevisions(from: RevisionSide, to: RevisionSide, stored?: ReadonlySet<Digest>): RevisionDiff {
  const old = variantOf(from.manifest, from.variant);
  const next = variantOf(to.manifest, to.variant);
  const had = new Set(chunksOf(from.manifest, old).map((chunk) => chunk.digest));
  const lacking = (chunks: ReadonlySet<Digest>) =>
    chunksOf(to.manifest, next).reduce((sum, chunk) => sum + (chunks.has(chunk.digest) ? 0 : chunk.sizeBytes), 0);
  const oldFiles = new Map(filesOf(from.manifest, old).map((file) => [file.path, file]));
  const newFiles = new Map(filesOf(to.manifest, next).map((file) => [file.path, file]));
  const { notes } = to.manifest;
  return {
    fromBytes: variantBytes(from.manifest, old),
    toBytes: variantBytes(to.manifest, next),
    fetchBytes: lacking(stored ?? had),
    changedBytes: lacking(had),
    files: [...new Set([...oldFiles.keys(), ...newFiles.keys()])].sort().map((path) => {
      const a = oldFiles.get(path);
      const b = newFiles.get(path);
      const isSame = a && b && a.chunks.map((c) => c.digest).join() === b.chunks.map((c) => c.digest).join();
      return {
        path,
        change: !a ? 'added' : !b ? 'removed' : isSame ? 'same' : 'changed',
        fromBytes: a?.sizeBytes ?? 0,
        toBytes: b?.sizeBytes ?? 0,
      };
    }),
    scores: scoresOf(from, to),
    ...(notes === undefined ? {} : { notes }),
  };
}

function scoresOf(from: RevisionSide, to: RevisionSide): RevisionDiff['scores'] {
  const of = ({ manifest, variant }: RevisionSide) =>
    new Map((manifest.referenceScores ?? []).filter((score) => score.variant === variant).map(({ metric, value }) => [metric, value]));
  const [old, next] = [of(from), of(to)];
  return [...new Set([...old.keys(), ...next.keys()])].sort().map((metric) => {
    const [a, b] = [old.get(metric), next.get(metric)];
    return { metric, ...(a === undefined ? {} : { from: a }), ...(b === undefined ? {} : { to: b }) };
  });
}
