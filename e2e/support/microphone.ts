import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JSHandle, Page } from '@playwright/test';

/** A file of `e2e/fixtures`. */
export const recording = (name: string): string => join(import.meta.dirname, '../fixtures', name);

interface Microphone {
  /** Of the device that was asked for last, and of what is heard in its place. */
  tracks: MediaStreamTrack[];
  /** The last word was heard. */
  spoken: Promise<void>;
}

export interface Speaker {
  /** Resolves when the last word, and the silence after it, has gone into the microphone. */
  spoken(): Promise<void>;
  /** Whether every microphone that was asked for last is let go. */
  isLetGo(): Promise<boolean>;
}

/**
 * Says the sentence of `speech.wav` whenever this page asks for a microphone, a second after it was given one. The device is asked for as ever, with its
 * permission, and let go with it; its sound alone is ours. Chromium's own microphone of a file plays by the clock, and on a busy machine loses words.
 */
export async function speakInto(page: Page): Promise<Speaker> {
  const speech = (await readFile(recording('speech.wav'))).toString('base64');
  const heard: JSHandle<Microphone> = await page.evaluateHandle((base64) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const microphone: Microphone = { tracks: [], spoken: Promise.resolve() };
    const { mediaDevices } = navigator;
    const ask = mediaDevices.getUserMedia.bind(mediaDevices);
    mediaDevices.getUserMedia = async (wanted) => {
      let end = () => {};
      // At once: whoever waits for the last word must not wait for that of the time before.
      microphone.spoken = new Promise((resolve) => {
        end = resolve;
      });
      const device = await ask(wanted);
      const context = new AudioContext();
      const words = await context.decodeAudioData(bytes.buffer.slice(0));
      const second = words.sampleRate;
      const buffer = new AudioBuffer({ length: words.length + 2 * second, sampleRate: second });
      buffer.copyToChannel(words.getChannelData(0), 0, second);
      const voice = new AudioBufferSourceNode(context, { buffer });
      const ear = new MediaStreamAudioDestinationNode(context, { channelCount: 1 });
      voice.connect(ear);
      const { stream } = ear;
      const [track] = stream.getAudioTracks();
      if (!track) throw new Error('Nothing to be heard');
      track.stop = () => {
        MediaStreamTrack.prototype.stop.call(track);
        for (const each of device.getTracks()) each.stop();
        void context.close();
      };
      microphone.tracks = [track, ...device.getTracks()];
      voice.addEventListener('ended', () => end());
      voice.start();
      return stream;
    };
    return microphone;
  }, speech);
  return {
    spoken: () => heard.evaluate(({ spoken }) => spoken),
    isLetGo: () => heard.evaluate(({ tracks }) => tracks.length > 0 && tracks.every(({ readyState }) => readyState === 'ended')),
  };
}
