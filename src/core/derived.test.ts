import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Derived, outdone } from './derived.ts';
import { parseDigest, parseRevisionId } from './ids.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const derived = fc
  .record({ key: fc.string({ minLength: 1, maxLength: 3 }), sizeBytes: fc.nat(100), usedAtMs: fc.nat(1000) })
  .map((some): Derived => ({ ...some, recipe: 'test', source: parseRevisionId(digest), result: parseDigest(digest) }));

describe('what gives way to a derived artefact', () => {
  it('is no more than has to, oldest use first, and never what takes its own place', () => {
    fc.assert(
      fc.property(fc.uniqueArray(derived, { selector: ({ key }) => key }), derived, fc.nat(300), (kept, next, maxBytes) => {
        const gone = outdone(kept, next, maxBytes);
        const stays = kept.filter(({ key }) => key !== next.key && !gone.includes(key));
        const sum = (all: readonly Derived[]) => all.reduce((bytes, { sizeBytes }) => bytes + sizeBytes, 0);
        expect(gone).not.toContain(next.key);
        if (next.sizeBytes <= maxBytes) expect(sum(stays) + next.sizeBytes).toBeLessThanOrEqual(maxBytes);
        const leaving = kept.filter(({ key }) => gone.includes(key));
        for (const one of leaving) for (const other of stays) expect(one.usedAtMs).toBeLessThanOrEqual(other.usedAtMs);
        const youngest = leaving.reduce<Derived | undefined>(
          (last, each) => (last && last.usedAtMs >= each.usedAtMs ? last : each),
          undefined,
        );
        if (youngest) {
          const without = kept.find(({ key }) => key === gone.at(-1));
          expect(sum(stays) + next.sizeBytes + (without?.sizeBytes ?? 0)).toBeGreaterThan(maxBytes);
        }
      }),
    );
  });
});
