import { SillError } from '../core/errors.ts';
import type { Fetcher } from '../ports/delivery.ts';
import type { SpeechSample } from '../ports/runtime.ts';

/** Of a WAV file without further chunks. */
const HEADER_BYTES = 44;
const MIDDLE = 128;

/**
 * A sentence of a speech synthesiser, made for this project (e2e/fixtures/README.md), cut to 8 bits a sample: WAV, mono, 16 kHz, unsigned.
 * @throws SillError `network_unavailable` where the app is not stored for use offline
 */
export async function loadSpeechSample(fetcher: Fetcher): Promise<SpeechSample> {
  const response = await fetcher(new URL('./speech.wav', import.meta.url).href).catch((cause: unknown) => {
    throw new SillError('network_unavailable', 'The recording that tests models which transcribe is not on this device.', { cause });
  });
  const samples = new Uint8Array(await response.arrayBuffer()).subarray(HEADER_BYTES);
  return {
    audio: Float32Array.from(samples, (value) => (value - MIDDLE) / MIDDLE),
    text: 'Please open the window and let some fresh air into the room.',
    language: 'en',
  };
}
