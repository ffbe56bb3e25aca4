/** One request to the embedded registry, as a log tells it. */
export interface AccessLine {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly status: number;
  /** Bytes of body sent. */
  readonly bytes: number;
  readonly durationMs: number;
  /** False when the client went away, or the registry failed, before the end. */
  readonly complete: boolean;
}
