import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Activity } from '../activity.ts';

export type RecorderFailure = 'denied' | 'no-microphone' | 'unsupported';

/** Samples that one level is measured over: about 20 ms, short enough to follow syllables. */
const LEVEL_SAMPLES = 1024;

/** The microphone: asks for it, shows how loud it is, and gives what was said as a Blob. */
export class Recorder implements ReactiveController {
  state: 'idle' | 'asking' | 'recording' = 'idle';
  failure: RecorderFailure | undefined;
  /** Loudness, 0 to 1. */
  level = 0;
  elapsedSeconds = 0;
  readonly #host: ReactiveControllerHost;
  readonly #onRecorded: (recording: Blob) => void;
  readonly #activity: () => Activity | undefined;
  #recorder: MediaRecorder | undefined;
  #release: (() => void) | undefined;
  /** Of the element's stays in the page: what was begun in an earlier one is nobody's any more. */
  #stay = 0;

  /** @param activity a recording is cut off by no reload, and counts as somebody being there */
  constructor(host: ReactiveControllerHost, activity: () => Activity | undefined, onRecorded: (recording: Blob) => void) {
    this.#host = host;
    this.#activity = activity;
    this.#onRecorded = onRecorded;
    host.addController(this);
  }

  /** Whoever spoke is gone: it is dropped, and a microphone that is still being asked for is let go as soon as it is there. */
  hostDisconnected(): void {
    this.#stay += 1;
    this.stop();
    this.state = 'idle';
  }

  async start(): Promise<void> {
    if (this.state !== 'idle') return;
    this.failure = undefined;
    if (typeof MediaRecorder === 'undefined' || !navigator.mediaDevices) return this.#fail('unsupported');
    this.#set('asking');
    const stay = this.#stay;
    let stream: MediaStream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true } });
    } catch (error) {
      return stay === this.#stay ? this.#fail(failureOf(error)) : undefined;
    }
    if (stay === this.#stay) return this.#record(stream);
    release(stream);
  }

  stop(): void {
    if (this.#recorder?.state === 'recording') this.#recorder.stop();
  }

  #record(stream: MediaStream): void {
    const recorder = new MediaRecorder(stream);
    const parts: Blob[] = [];
    const stay = this.#stay;
    const ended = new Promise((end) => recorder.addEventListener('stop', end));
    void this.#activity()?.during(() => ended);
    recorder.addEventListener('dataavailable', (event) => parts.push(event.data));
    recorder.addEventListener('stop', () => {
      this.#release?.();
      this.#release = undefined;
      this.#recorder = undefined;
      if (stay !== this.#stay) return;
      this.#set('idle');
      this.#onRecorded(new Blob(parts, { type: recorder.mimeType }));
    });
    this.#recorder = recorder;
    const stopMeter = this.#meter(stream);
    this.#release = () => {
      stopMeter();
      release(stream);
    };
    recorder.start();
    this.#set('recording');
  }

  /** Measures loudness once a frame. Returns the way to stop. */
  #meter(stream: MediaStream): () => void {
    const context = new AudioContext();
    const analyser = new AnalyserNode(context, { fftSize: LEVEL_SAMPLES });
    context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(LEVEL_SAMPLES);
    const startedAt = performance.now();
    let frame = 0;
    const measure = (): void => {
      analyser.getFloatTimeDomainData(samples);
      const rms = Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
      // Speech lies between about -50 and -10 dB.
      this.level = rms > 0 ? Math.min(1, Math.max(0, (20 * Math.log10(rms) + 50) / 40)) : 0;
      this.elapsedSeconds = (performance.now() - startedAt) / 1000;
      this.#host.requestUpdate();
      frame = requestAnimationFrame(measure);
    };
    measure();
    return () => {
      cancelAnimationFrame(frame);
      this.level = 0;
      this.elapsedSeconds = 0;
      void context.close();
    };
  }

  #fail(failure: RecorderFailure): void {
    this.failure = failure;
    this.#set('idle');
  }

  #set(state: Recorder['state']): void {
    this.state = state;
    this.#host.requestUpdate();
  }
}

function release(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

function failureOf(error: unknown): RecorderFailure {
  if (!(error instanceof DOMException)) throw error;
  return error.name === 'NotAllowedError' || error.name === 'SecurityError' ? 'denied' : 'no-microphone';
}
