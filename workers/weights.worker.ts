import { openWorkerDoor } from '../src/platform/networkDoor.ts';
import { readWeights } from '../src/runtime/readWeights.ts';
import type { ReaderSetup } from '../src/runtime/weightReaders.ts';

declare const self: DedicatedWorkerGlobalScope;

openWorkerDoor('weights');
self.addEventListener('message', ({ data }: MessageEvent<ReaderSetup>) => {
  self.postMessage('ready');
  void readWeights(data);
});
