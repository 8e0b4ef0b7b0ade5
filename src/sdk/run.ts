import { SillError } from '../core/errors.ts';
import type { Task } from '../core/tasks.ts';
import type { AnyInput, Pixels } from '../ports/task.ts';
import type { Client } from '../protocol/client.ts';
import type { EngineContract } from '../protocol/engine.ts';
import type { PageInput, RunDoor, RunRequest, RunResult } from '../protocol/tasks.ts';
import type { PagePowers } from './sill.ts';

/** Speech models listen at 16 kHz; CLAP, which alone compares sounds with labels, at 48 kHz. */
const RATE = 16_000;
const RATE_WITH_LABELS = 48_000;

/** Turns what a page has into what crosses to the engine: decoded recordings, pixels of bitmaps. */
export function runDoor(client: Client<EngineContract>, page: Pick<PagePowers, 'decodeAudio'>): RunDoor {
  return async <T extends Task>(request: RunRequest<T>, { signal, onProgress }: Parameters<RunDoor>[1] = {}) => {
    const { model, task, options } = request;
    const input = await crossing(request.input, page);
    const result = await client.call(
      'run',
      { model, input, ...(task === undefined ? {} : { task }), ...(options === undefined ? {} : { options: { ...options } }) },
      { ...(signal ? { signal } : {}), ...(onProgress ? { onItem: onProgress } : {}) },
    );
    if (isAnswerTo<T>(result, task)) return result;
    throw new SillError('internal', `The engine answered for ${result.task} where ${task} was asked for.`);
  };
}

const isAnswerTo = <T extends Task>(result: { readonly task: Task }, task: Task | undefined): result is RunResult<T> =>
  task === undefined || result.task === task;

async function crossing(input: PageInput, page: Pick<PagePowers, 'decodeAudio'>): Promise<AnyInput> {
  if (typeof input !== 'object' || input === null) return input;
  if ('image' in input) return { ...input, image: input.image instanceof ImageBitmap ? pixelsOf(input.image) : input.image };
  if (!('audio' in input)) return input;
  const { audio } = input;
  if (!(audio instanceof Blob)) return { ...input, audio };
  return { ...input, audio: await page.decodeAudio(audio, 'candidate_labels' in input ? RATE_WITH_LABELS : RATE) };
}

function pixelsOf(bitmap: ImageBitmap): Pixels {
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
  if (!context) throw new SillError('image_undecodable', 'The browser gave no canvas to read the bitmap with. Give a file, or ImageData.');
  context.drawImage(bitmap, 0, 0);
  const { width, height, data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
  return { width, height, data };
}
