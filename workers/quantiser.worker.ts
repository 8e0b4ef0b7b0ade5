import { SillError } from '../src/core/errors.ts';
import { passing } from '../src/forge/byteSource.ts';
import { bytesOf, type MadePiece, type PlannedWeights } from '../src/forge/externalData.ts';
import { readGguf } from '../src/forge/gguf/readGguf.ts';
import { planWeights, type WeightsPlan } from '../src/forge/transcode/planTranscode.ts';
import { blobSource } from '../src/platform/blobSource.ts';
import { openWorkerDoor } from '../src/platform/networkDoor.ts';
import { quantiserContract } from '../src/protocol/forge.ts';
import { serve, Transferring } from '../src/protocol/server.ts';

let plan: WeightsPlan | undefined;

const own = (view: ArrayBufferView): Uint8Array<ArrayBuffer> => {
  const bytes = bytesOf(view);
  return bytes.buffer instanceof ArrayBuffer && bytes.byteLength === bytes.buffer.byteLength
    ? new Uint8Array(bytes.buffer)
    : new Uint8Array(bytes);
};

/** Of the engine's errors this one alone is about the device. */
function made({ make }: PlannedWeights, piece: number): MadePiece {
  try {
    return make(piece);
  } catch (cause) {
    if (!(cause instanceof RangeError && /allocation|array length/i.test(cause.message))) throw cause;
    throw new SillError('out_of_memory', 'There was not enough memory to rewrite the model. Close other tabs and try again.', { cause });
  }
}

openWorkerDoor('quantiser');
serve(
  quantiserContract,
  {
    async open({ files, ...recipe }) {
      plan = planWeights(readGguf(files.map((file) => passing(blobSource(file)))), recipe);
      return plan.weights.steps.length;
    },
    async make({ step, piece }) {
      const planned = plan?.weights.steps[step];
      if (!planned || piece >= planned.pieces) throw new SillError('internal', `There is no computation ${step}, ${piece}.`);
      const { parts, error } = made(planned, piece);
      const moved = parts.map(own);
      return new Transferring(
        { parts: moved, ...(error ? { error: { squares: error.squares, differences: error.differences } } : {}) },
        moved.map(({ buffer }) => buffer),
      );
    },
  },
  self,
);
