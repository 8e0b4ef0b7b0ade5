import { SillError } from '../src/core/errors.ts';
import { passing } from '../src/forge/byteSource.ts';
import { bytesOf } from '../src/forge/externalData.ts';
import { readGguf } from '../src/forge/gguf/readGguf.ts';
import { planWeights, type WeightsPlan } from '../src/forge/transcode/planTranscode.ts';
import { blobSource } from '../src/platform/blobSource.ts';
import { openWorkerDoor } from '../src/platform/networkDoor.ts';
import { quantiserContract } from '../src/protocol/forge.ts';
import { serve, Transferring } from '../src/protocol/server.ts';
import { orOutOfMemory } from '../src/services/forms/forgeFaults.ts';

let plan: WeightsPlan | undefined;

const own = (view: ArrayBufferView): Uint8Array<ArrayBuffer> => {
  const bytes = bytesOf(view);
  return bytes.buffer instanceof ArrayBuffer && bytes.byteLength === bytes.buffer.byteLength
    ? new Uint8Array(bytes.buffer)
    : new Uint8Array(bytes);
};

openWorkerDoor('quantiser');
serve(
  quantiserContract,
  {
    async open({ files, ...recipe }) {
      plan = await orOutOfMemory(() => planWeights(readGguf(files.map((file) => passing(blobSource(file)))), recipe));
      return plan.weights.steps.length;
    },
    async make({ step, piece }) {
      const planned = plan?.weights.steps[step];
      if (!planned || piece >= planned.pieces) throw new SillError('internal', `There is no computation ${step}, ${piece}.`);
      const { moved, error } = await orOutOfMemory(() => {
        const { parts, error } = planned.make(piece);
        return { moved: parts.map(own), error };
      });
      return new Transferring(
        { parts: moved, ...(error ? { error: { squares: error.squares, differences: error.differences } } : {}) },
        moved.map(({ buffer }) => buffer),
      );
    },
  },
  self,
);
