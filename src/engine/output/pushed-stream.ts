import type { ByteStream } from "../../image/blob-store.ts";

/** Bytes that may wait between the two ends before the writing one is held up. */
const HIGH_WATER_BYTES = 1024 * 1024;

class ReaderGone extends Error {}

/**
 * A stream of what `produce` writes: for a producer that pushes (an archive being read) and a consumer that pulls (a file being written).
 * `write` gives a promise when the producer must wait; chunks are copied, so the caller may reuse its buffer.
 * When the consumer leaves early, the next `write` throws and the producer is waited for.
 */
export async function* pushedStream(produce: (write: (chunk: Uint8Array) => Promise<void> | undefined) => Promise<void>): ByteStream {
  const waiting: Uint8Array[] = [];
  let bytes = 0;
  let gone = false;
  let wakeReader = (): void => {};
  let wakeWriter = (): void => {};
  const write = (chunk: Uint8Array): Promise<void> | undefined => {
    if (gone) throw new ReaderGone("nobody reads any more");
    waiting.push(Buffer.from(chunk));
    bytes += chunk.byteLength;
    wakeReader();
    if (bytes < HIGH_WATER_BYTES) return undefined;
    return new Promise((resolve) => {
      wakeWriter = resolve;
    });
  };
  let ended = false;
  const ending = produce(write).then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  void ending.then(() => {
    ended = true;
    wakeReader();
  });
  try {
    for (;;) {
      const chunk = waiting.shift();
      if (chunk !== undefined) {
        bytes -= chunk.byteLength;
        if (bytes < HIGH_WATER_BYTES) wakeWriter();
        yield chunk;
      } else if (ended) {
        break;
      } else {
        await new Promise<void>((resolve) => {
          wakeReader = resolve;
        });
      }
    }
    const failure = await ending;
    if (failure !== undefined) throw failure.error;
  } finally {
    gone = true;
    wakeWriter();
    await ending;
  }
}
