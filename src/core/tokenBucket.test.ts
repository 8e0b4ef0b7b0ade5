import fc from 'fast-check';
import { expect, it } from 'vitest';
import { TokenBucket } from './tokenBucket.ts';

it('lets no more through in any span than its speed and one small burst, however many take and whatever they ask for', () => {
  const asks = fc.array(fc.record({ bytes: fc.integer({ min: 1, max: 70_000 }), idleMs: fc.nat(3000) }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(asks, fc.integer({ min: 4096, max: 10_000_000 }), (all, bytesPerSecond) => {
      const bucket = new TokenBucket(bytesPerSecond, 0);
      let nowMs = 0;
      let passedBytes = 0;
      for (const { bytes, idleMs } of all) {
        nowMs += idleMs;
        nowMs += bucket.take(bytes, nowMs);
        passedBytes += bytes;
        expect(passedBytes).toBeLessThanOrEqual((nowMs / 1000 + 0.25) * bytesPerSecond + 1);
      }
    }),
  );
});

it('keeps nobody waiting who takes less than there is', () => {
  const bucket = new TokenBucket(1000, 0);
  for (let second = 0; second < 100; second++) expect(bucket.take(10, second * 1000)).toBe(0);
});
