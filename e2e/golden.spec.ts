import { test } from './support/fixtures.ts';
import { expectGoldenChoices } from './support/golden.ts';

/** The largest margin of a choice that 8 bits may turn. Measured: 0.17; without the cut behind the beginning token 1.0. */
const CLOSE_CALL = 0.3;

test.use({ installed: ['stories15m'] });

test('the 8-bit model makes every choice that the 32-bit one makes, but for close calls', async ({ page }) => {
  await expectGoldenChoices(page, { model: 'stories15m', variant: 'int8-wasm', closeCall: CLOSE_CALL, mostTurned: 4 });
});
