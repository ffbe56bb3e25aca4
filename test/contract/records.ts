import { expect, test } from "vitest";
import type { Records } from "../../src/engine/records.ts";

/** What every {@link Records} does. */
export function recordsContract(name: string, make: () => Promise<Records>): void {
  const bytes = (text: string): Uint8Array => Buffer.from(text);
  const text = (read: Uint8Array | undefined): string | undefined => (read === undefined ? undefined : Buffer.from(read).toString());

  test(`${name}: gives back the last document written, by kind and key`, async () => {
    const records = await make();
    expect(await records.read("steps", "k")).toBeUndefined();
    await records.write("steps", "k", bytes("one"));
    await records.write("layers", "k", bytes("other"));
    await records.write("steps", "k", bytes("two"));
    expect(text(await records.read("steps", "k"))).toBe("two");
    expect(text(await records.read("layers", "k"))).toBe("other");
    expect(await records.read("contexts", "k")).toBeUndefined();
  });

  test.each(["", "../../etc/passwd", "a/b", "a\0b", "x".repeat(10_000), "ключ", "."])(`${name}: takes any text as a key: %j`, async (key) => {
    const records = await make();
    await records.write("contexts", key, bytes("document"));
    expect(text(await records.read("contexts", key))).toBe("document");
    expect(await records.read("contexts", `${key}x`)).toBeUndefined();
  });

  test(`${name}: keeps an empty document, and does not keep the caller's buffer`, async () => {
    const records = await make();
    await records.write("steps", "empty", bytes(""));
    expect(text(await records.read("steps", "empty"))).toBe("");
    const mine = Buffer.from("before");
    await records.write("steps", "mine", mine);
    mine.write("after!");
    expect(text(await records.read("steps", "mine"))).toBe("before");
  });
}
