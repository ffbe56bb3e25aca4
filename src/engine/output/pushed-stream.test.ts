import { expect, test } from "vitest";
import { collect } from "../../image/blob-store.ts";
import { pushedStream } from "./pushed-stream.ts";

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

test("gives what was written, even when the writer reuses its buffer", async () => {
  const buffer = Buffer.alloc(1);
  const stream = pushedStream(async (write) => {
    for (const letter of "abc") {
      buffer.write(letter);
      await write(buffer);
    }
  });
  expect(text(await collect(stream))).toBe("abc");
});

test("holds the writer up until it is read", async () => {
  const chunk = Buffer.alloc(600_000);
  let written = 0;
  const stream = pushedStream(async (write) => {
    for (let i = 0; i < 10; i++) {
      await write(chunk);
      written++;
    }
  });
  const reader = stream[Symbol.asyncIterator]();
  await reader.next();
  await new Promise((later) => setImmediate(later));
  expect(written).toBeLessThan(5);
  let chunks = 1;
  while ((await reader.next()).done !== true) chunks++;
  expect([chunks, written]).toEqual([10, 10]);
});

test("gives what came before a failure, then the failure", async () => {
  const seen: string[] = [];
  const stream = pushedStream(async (write) => {
    await write(Buffer.from("a"));
    throw new Error("broken");
  });
  const read = async (): Promise<void> => {
    for await (const chunk of stream) seen.push(text(chunk));
  };
  await expect(read()).rejects.toThrow("broken");
  expect(seen).toEqual(["a"]);
});

test("stops the writer when the reader leaves, and waits for it", async () => {
  let ended = "no";
  const stream = pushedStream(async (write) => {
    try {
      for (;;) await write(Buffer.alloc(600_000));
    } finally {
      ended = "yes";
    }
  });
  for await (const _ of stream) break;
  expect(ended).toBe("yes");
});

test("nothing written is an empty stream", async () => {
  expect(await collect(pushedStream(async () => {}))).toHaveLength(0);
});
