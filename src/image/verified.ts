import { algorithmOf, type Digest, Digester } from "../core/digest.ts";
import { ProblemError } from "../core/problem.ts";
import type { ByteStream } from "./blob-store.ts";

/**
 * The same bytes, checked as they pass.
 * @param what  for the message: where the blob lies
 * @throws {ProblemError} `digest-mismatch` at the end, before the stream is over
 */
export async function* verified(stream: ByteStream, digest: Digest, what: string): AsyncGenerator<Uint8Array> {
  const digester = new Digester(algorithmOf(digest));
  for await (const chunk of stream) {
    digester.update(chunk);
    yield chunk;
  }
  const got = digester.digest();
  if (got !== digest) {
    throw new ProblemError("digest-mismatch", { message: `${what} has the digest ${got}, wanted ${digest}`, facts: { got, wanted: digest } });
  }
}
