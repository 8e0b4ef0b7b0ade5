import { SillError } from '../core/errors.ts';

/** What speech models are trained on. */
const SAMPLE_RATE = 16_000;

/**
 * Decodes whatever the browser can into mono samples at 16 kHz or the given rate, -1 to 1; several channels are averaged.
 * @throws SillError `empty_input` for an empty file, `audio_undecodable` for one that holds no audio the browser knows
 */
export async function decodeAudio(file: Blob, sampleRate = SAMPLE_RATE): Promise<Float32Array<ArrayBuffer>> {
  if (file.size === 0) throw new SillError('empty_input', 'The audio file is empty. Record again, or choose another file.');
  const bytes = await file.arrayBuffer();
  // An offline context resamples to its own rate while decoding, and plays nothing.
  const context = new OfflineAudioContext(1, 1, sampleRate);
  let decoded: AudioBuffer;
  try {
    decoded = await context.decodeAudioData(bytes);
  } catch (reason) {
    throw new SillError(
      'audio_undecodable',
      'This file holds no audio that the browser can decode. Use a common format such as WAV, MP3, M4A, OGG or WebM.',
      { details: { type: file.type, sizeBytes: file.size }, cause: reason },
    );
  }
  return mixDown(decoded);
}

function mixDown(buffer: AudioBuffer): Float32Array<ArrayBuffer> {
  const mono = new Float32Array(buffer.getChannelData(0));
  for (let channel = 1; channel < buffer.numberOfChannels; channel += 1) {
    const samples = buffer.getChannelData(channel);
    for (let i = 0; i < mono.length; i += 1) mono[i] = (mono[i] ?? 0) + (samples[i] ?? 0);
  }
  if (buffer.numberOfChannels > 1) for (let i = 0; i < mono.length; i += 1) mono[i] = (mono[i] ?? 0) / buffer.numberOfChannels;
  return mono;
}
