import { linkSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { copyTree } from "./copy-tree.ts";

const koffi = ((): boolean => {
  try {
    createRequire(import.meta.url)("koffi");
    return process.platform === "linux";
  } catch {
    return false;
  }
})();

test.skipIf(!koffi)(`a folder with names that are no text is copied${koffi ? "" : " (koffi is not installed, or this is not Linux)"}`, () => {
  const place = mkdtempSync(join(tmpdir(), "multihull-copy-"));
  try {
    const odd = Buffer.of(0x64, 0xff);
    const at = (...parts: readonly (string | Buffer)[]): Buffer =>
      Buffer.concat([place, ...parts].flatMap((part, nth) => [Buffer.from(nth === 0 ? "" : "/"), Buffer.from(part)]));
    mkdirSync(at("from"));
    mkdirSync(at("from", odd));
    writeFileSync(at("from", odd, odd), "content", { mode: 0o640 });
    linkSync(at("from", odd, odd), at("from", "name"));
    symlinkSync(odd, at("from", "link"));
    utimesSync(at("from", odd), 1_500_000_000, 1_500_000_000);
    copyTree(join(place, "from"), join(place, "to"));
    expect(readdirSync(at("to"), { encoding: "latin1" }).sort()).toEqual(["d\u00ff", "link", "name"]);
    expect(readFileSync(at("to", odd, odd), "latin1")).toBe("content");
    expect(lstatSync(at("to", odd, odd)).ino).toBe(lstatSync(at("to", "name")).ino);
    expect(lstatSync(at("to", odd, odd)).mode & 0o777).toBe(0o640);
    expect(readlinkSync(at("to", "link"), { encoding: "buffer" })).toEqual(odd);
    expect(lstatSync(at("to", odd)).mtimeMs).toBe(1_500_000_000_000);
  } finally {
    rmSync(place, { recursive: true });
  }
});
