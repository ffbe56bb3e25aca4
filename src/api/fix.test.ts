import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fix } from "./fix.ts";

const workflow = `on: push
jobs:
  a:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v5
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with:
          context: .
          platforms: linux/amd64,linux/arm64
`;
const dockerfile =
  "FROM --platform=$BUILDPLATFORM debian:13 AS fetch\r\nRUN curl -fo /tool https://example.org/tool-$TARGETARCH\r\nFROM scratch\r\nCOPY --from=fetch /tool /tool\r\n";
const mended = dockerfile.replace("\r\nRUN", "\r\nARG TARGETARCH\r\nRUN");

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "multihull-fix-"));
  put(".github/workflows/ci.yml", workflow);
  put("Dockerfile", `\ufeff${dockerfile}`);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(name: string, text: string): void {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), text);
}
const get = (name: string): string => readFileSync(join(root, name), "utf8");
const request = () => ({ path: root, rules: ["targetarch-not-declared"], asOf: "2026-08-21" });

describe("a repository with a mistake", () => {
  test("gets a diff, byte-order mark and line ends as they are, and nothing is written", async () => {
    const report = await fix(request());
    expect(report.files).toEqual([
      {
        path: "Dockerfile",
        diff: `--- a/Dockerfile\n+++ b/Dockerfile\n@@ -1,4 +1,5 @@\n \ufeff${mended.replaceAll("\r\nRUN", "\r\n RUN").replace("\r\nARG", "\r\n+ARG").replaceAll("\r\nFROM", "\r\n FROM").replace("\r\nCOPY", "\r\n COPY")}`,
      },
    ]);
    expect([report.applied.length, report.remaining, report.written, report.failed]).toEqual([1, [], false, true]);
    expect(get("Dockerfile")).toBe(`\ufeff${dockerfile}`);
  });
  test("is mended, once", async () => {
    const report = await fix({ ...request(), write: true });
    expect([report.written, report.failed]).toEqual([true, false]);
    expect(get("Dockerfile")).toBe(`\ufeff${mended}`);
    expect(get(".github/workflows/ci.yml")).toBe(workflow);
    expect(await fix({ ...request(), write: true })).toMatchObject({ applied: [], remaining: [], files: [], written: false, failed: false });
  });
  test("is left alone where only other rules are asked for", async () => {
    expect(await fix({ ...request(), rules: ["syntax"] })).toMatchObject({ applied: [], files: [], failed: false });
  });
  test("is not mended where the file cannot be kept as it is", async () => {
    const bytes = Buffer.concat([Buffer.from(dockerfile), Buffer.from([0x23, 0xff, 0x0a])]);
    writeFileSync(join(root, "Dockerfile"), bytes);
    const report = await fix({ ...request(), write: true });
    expect([report.applied, report.written, report.failed]).toEqual([[], false, true]);
    expect(report.remaining.flatMap(({ advice }) => advice.map(({ reason }) => reason))).toEqual([
      '"Dockerfile" cannot be edited: it is not there, or not in UTF-8',
    ]);
    expect(readFileSync(join(root, "Dockerfile")).equals(bytes)).toBe(true);
  });
});

test("a rule that does not exist is wrong usage", async () => {
  await expect(fix({ ...request(), rules: ["targetarch-not-declard"] })).rejects.toMatchObject({
    code: "usage",
    hint: "did you mean targetarch-not-declared?",
  });
});
