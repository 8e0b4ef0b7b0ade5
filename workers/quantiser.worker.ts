import { SillError } from '../src/core/errors.ts';
import { bytesOf, type MadeWeights, type PlannedWeights } from '../src/forge/externalData.ts';
import { readGguf } from '../src/forge/gguf/readGguf.ts';
import { planTranscode, type TranscodePlan } from '../src/forge/transcode/planTranscode.ts';
import { blobSource } from '../src/platform/blobSource.ts';
import { openWorkerDoor } from '../src/platform/networkDoor.ts';
import { quantiserContract } from '../src/protocol/forge.ts';
import { serve, Transferring } from '../src/protocol/server.ts';

let plan: TranscodePlan | undefined;

const own = (view: ArrayBufferView): Uint8Array<ArrayBuffer> => {
  const bytes = bytesOf(view);
  return bytes.buffer instanceof ArrayBuffer && bytes.byteLength === bytes.buffer.byteLength
    ? new Uint8Array(bytes.buffer)
    : new Uint8Array(bytes);
};

/** Of the engine's errors this one alone is about the device. */
function made({ make }: PlannedWeights): MadeWeights {
  try {
    return make();
  } catch (cause) {
    if (!(cause instanceof RangeError && /allocation|array length/i.test(cause.message))) throw cause;
    throw new SillError('out_of_memory', 'There was not enough memory to rewrite the model. Close other tabs and try again.', { cause });
  }
}

openWorkerDoor('quantiser');
serve(
  quantiserContract,
  {
    async open({ files, dtype }) {
      plan = planTranscode(readGguf(files.map(blobSource)), dtype);
      return plan.weights.steps.length;
    },
    async make({ step }) {
      const planned = plan?.weights.steps[step];
      if (!planned) throw new SillError('internal', `There is no computation ${step}.`);
      const { parts, error } = made(planned);
      const moved = parts.map(own);
      return new Transferring(
        { parts: moved, ...(error === undefined ? {} : { error }) },
        moved.map(({ buffer }) => buffer),
      );
    },
  },
  self,
);
