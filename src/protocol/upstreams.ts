import type { ModelId } from '../core/ids.ts';
import type { UpstreamRequest } from '../core/upstreams.ts';

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
}
