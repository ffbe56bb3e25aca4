import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { countEntries } from "./count-entries.ts";

test("counts what lies in folders whose names are no text; links are not followed", () => {
  const folder = mkdtempSync(join(tmpdir(), "multihull-count-"));
  try {
    const odd = Buffer.concat([Buffer.from(`${folder}/d`), Buffer.of(0xff)]);
    mkdirSync(odd);
    writeFileSync(Buffer.concat([odd, Buffer.from("/f")]), "");
    writeFileSync(Buffer.concat([odd, Buffer.from("/"), Buffer.of(0xfe)]), "");
    mkdirSync(join(folder, "plain/sub"), { recursive: true });
    symlinkSync("plain", join(folder, "link"));
    expect(countEntries(folder)).toBe(6);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
