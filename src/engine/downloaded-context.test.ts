import { expect, test } from "vitest";
import { fetchedFile } from "../../test/harness/memory-build.ts";
import { collect } from "../image/blob-store.ts";
import { downloadedContext } from "./downloaded-context.ts";

test("is one file called context, with the server's time", async () => {
  const context = downloadedContext("https://example.test/a.tar", fetchedFile("packed or not", 1234));
  const entries = await context.entries();
  expect(entries).toEqual([{ path: "context", type: "file", mode: 0o600, uid: 0, gid: 0, mtime: 1234, size: 13 }]);
  expect(Buffer.from(await collect(context.open(entries[0]!))).toString()).toBe("packed or not");
});
