/** One request to a server that speaks OpenAI's API. */
export interface UpstreamCall {
  /** Of the API, with a slash at its end; relative to the app, or absolute. */
  readonly url: string;
  /** Behind it, as `chat/completions`. */
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly credentials: boolean;
  /** A server that says nothing for this long is given up. */
  readonly silenceMs: number;
}

export interface UpstreamServer {
  /**
   * The events of a streamed answer, as JSON, as fast as they are taken. Leaving the loop early ends the request.
   * @throws SillError `network_unavailable` where the server cannot be reached | `invalid_request` where it refuses what was asked | `upstream_failed` |
   *   `aborted`
   */
  ask(call: UpstreamCall, signal: AbortSignal): AsyncIterable<unknown>;
}
