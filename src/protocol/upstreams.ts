import type { ErrorData } from '../core/errors.ts';
import type { ModelId } from '../core/ids.ts';
import type { UpstreamRequest } from '../core/upstreams.ts';

/** How a server fares, as far as requests of this device have seen since the app was started. It is never asked for that alone. */
export interface UpstreamHealth {
  /** `rests`: it failed again and again and is left alone until `retryAtMs`; what can be answered here is. `fails`: the last request was not answered. */
  readonly state: 'unknown' | 'answers' | 'fails' | 'rests';
  /** In a row. */
  readonly failures: number;
  readonly answeredAtMs?: number;
  readonly retryAtMs?: number;
  /** Of the last failure. */
  readonly error?: ErrorData;
}

/** A name under which another computer answers, as the operator's policy has it. What is written to it leaves the device. */
export interface UpstreamSummary {
  readonly alias: ModelId;
  /** Of the server. */
  readonly name: string;
  readonly url: string;
  /** As the server calls the model. */
  readonly model: string;
  /** Which requests go there. */
  readonly requests: readonly UpstreamRequest[];
  /** Who answers on this device where the server cannot, or for other requests. */
  readonly fallback?: ModelId;
  /** False where a model of this name is on this device: it answers, and the server is never asked. */
  readonly isUsed: boolean;
  /** Of the server. Not told to pages that embed Sill. */
  readonly health?: UpstreamHealth;
}
