import { expect, test } from 'vitest';
import { watchGpu } from './gpuWatch.ts';

const { guard } = watchGpu();
const device = await (await navigator.gpu.requestAdapter())?.requestDevice();

test('a buffer that a GPU cannot give fails the call that asked for it', async () => {
  await expect(guard(async () => 'as it was')).resolves.toBe('as it was');
  const call = guard(async () => {
    device?.createBuffer({ size: device.limits.maxBufferSize + 4, usage: GPUBufferUsage.STORAGE });
    // As scores are read back: everything seems to be in order.
    await device?.queue.onSubmittedWorkDone();
    return 'nonsense';
  });
  await expect(call).rejects.toMatchObject({ code: 'runtime_failed' });
});
