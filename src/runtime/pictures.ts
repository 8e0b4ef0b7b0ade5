import { SillError } from '../core/errors.ts';
import type { Picture, Pixels, PlainTensor } from '../ports/task.ts';
import type { Transformers } from './transformers.ts';

type RawImage = InstanceType<Transformers['RawImage']>;

/** @throws SillError `image_undecodable` for a file that is no picture */
export async function readPicture({ RawImage }: Transformers, picture: Picture): Promise<RawImage> {
  if (!(picture instanceof Blob)) {
    const { width, height, data } = picture;
    return new RawImage(data, width, height, channelsOf(data.length / (width * height))).rgb();
  }
  try {
    return (await RawImage.fromBlob(picture)).rgb();
  } catch (reason) {
    throw new SillError('image_undecodable', 'This file is no picture that the browser can read. Choose a PNG, JPEG, WebP or GIF file.', {
      details: { type: picture.type, sizeBytes: picture.size },
      cause: reason,
    });
  }
}

const channelsOf = (channels: number): 1 | 3 | 4 => (channels === 1 || channels === 3 ? channels : 4);

export const pixelsOf = ({ width, height, data }: RawImage): Pixels => ({
  width,
  height,
  data: data instanceof Uint8ClampedArray ? data : new Uint8ClampedArray(data),
});

/** Copied out of the runtime's memory, which it may reuse. */
export const plainTensor = ({ dims, data }: InstanceType<Transformers['Tensor']>): PlainTensor => ({
  dims: [...dims],
  data: Float32Array.from(data, Number),
});
