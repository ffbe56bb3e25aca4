import type { ByteStream } from "../../image/blob-store.ts";

export type Method = "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";

/** A body of known length that can be read again from its start, for a retry or a redirect. */
export interface OutgoingBody {
  /** Bytes. */
  readonly length: number;
  open(): ByteStream;
}

export interface TransportRequest {
  readonly method: Method;
  readonly url: URL;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: OutgoingBody;
  /** Take any certificate: the user has named this host as insecure. */
  readonly insecureTls?: boolean;
  readonly signal?: AbortSignal;
}

export interface TransportResponse {
  readonly status: number;
  /** Names in lower case; several values of one name joined by ", ". */
  readonly headers: Readonly<Record<string, string>>;
  /** The bytes as sent, never decompressed. Throws {@link TransportError} when the connection breaks or ends early. */
  readonly body: ByteStream;
  /** Lets go of the connection without reading the body. Harmless after it was read. */
  discard(): Promise<void>;
}

/** One HTTP request and its answer: no redirects, no retries, no credentials of its own. */
export interface Transport {
  /**
   * Resolves with the answer's head, whatever its status.
   * @throws {TransportError} when no answer comes; the signal's reason when aborted; what `body.open()` throws, as it is
   */
  request(request: TransportRequest): Promise<TransportResponse>;
  /** Ends idle connections. */
  close(): Promise<void>;
}

/** Why no whole answer came. */
export type TransportFailure = "name-unknown" | "name-temporary" | "refused" | "timeout" | "reset" | "certificate" | "not-tls" | "proxy" | "not-http" | "other";

const TEMPORARY: ReadonlySet<TransportFailure> = new Set(["name-temporary", "timeout", "reset"]);

/** The network failed us. Turned into a problem by the client, which knows what was being done. */
export class TransportError extends Error {
  override readonly name = "TransportError";
  readonly failure: TransportFailure;

  /** @param message  lower-case, without credentials and URLs */
  constructor(failure: TransportFailure, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.failure = failure;
  }

  /** Worth another try a little later. */
  get temporary(): boolean {
    return TEMPORARY.has(this.failure);
  }
}

/** A body of bytes at hand. */
export function bytesBody(bytes: Uint8Array): OutgoingBody {
  return {
    length: bytes.byteLength,
    async *open() {
      if (bytes.byteLength > 0) yield bytes;
    },
  };
}
