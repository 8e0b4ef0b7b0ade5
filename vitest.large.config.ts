import { defineConfig } from 'vitest/config';

/** Tests on models of a gigabyte: `npm run test:large`, after `npm run models -- --with tinyllama`. Never part of `npm test`. */
export default defineConfig({
  test: { name: 'large', include: ['tools/**/*.large.test.ts'], testTimeout: 1_800_000, hookTimeout: 1_800_000, fileParallelism: false },
});
