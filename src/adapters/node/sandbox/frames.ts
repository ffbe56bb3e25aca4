import type { ByteStream } from "../../../image/blob-store.ts";

export interface Frame {
  readonly kind: number;
  readonly bytes: Buffer;
}

const HEAD = 5;

/** A stream of frames (see `FRAME`), cut into them. Each frame's bytes are the receiver's to keep. */
export async function* framesOf(stream: ByteStream): AsyncGenerator<Frame> {
  let rest: Buffer[] = [];
  let size = 0;
  let wanted = HEAD;
  for await (const chunk of stream) {
    rest.push(chunk as Buffer);
    size += chunk.byteLength;
    if (size < wanted) continue;
    let bytes = rest.length === 1 ? (rest[0] as Buffer) : Buffer.concat(rest);
    wanted = HEAD;
    while (bytes.byteLength >= HEAD) {
      wanted = HEAD + bytes.readUInt32BE(1);
      if (bytes.byteLength < wanted) break;
      yield { kind: bytes.readUInt8(0), bytes: bytes.subarray(HEAD, wanted) };
      bytes = bytes.subarray(wanted);
      wanted = HEAD;
    }
    rest = bytes.byteLength === 0 ? [] : [bytes];
    size = bytes.byteLength;
  }
}
