import fc from "fast-check";
import { expect, test } from "vitest";
import { framesOf } from "./frames.ts";

test("frames come out as they went in, however the stream is cut", async () => {
  const frame = fc.record({ kind: fc.integer({ min: 0, max: 255 }), bytes: fc.uint8Array({ maxLength: 40 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(frame), fc.infiniteStream(fc.integer({ min: 1, max: 17 })), async (frames, cuts) => {
      const whole = Buffer.concat(
        frames.map(({ kind, bytes }) => {
          const head = Buffer.alloc(5);
          head.writeUInt8(kind, 0);
          head.writeUInt32BE(bytes.byteLength, 1);
          return Buffer.concat([head, bytes]);
        }),
      );
      async function* stream(): AsyncGenerator<Uint8Array> {
        for (let at = 0; at < whole.byteLength; ) {
          const size = cuts.next().value ?? 1;
          yield whole.subarray(at, at + size);
          at += size;
        }
      }
      const got: { kind: number; bytes: Uint8Array }[] = [];
      for await (const { kind, bytes } of framesOf(stream())) got.push({ kind, bytes: new Uint8Array(bytes) });
      expect(got).toEqual(frames.map(({ kind, bytes }) => ({ kind, bytes: new Uint8Array(bytes) })));
    }),
  );
});
