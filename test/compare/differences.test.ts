import { expect, test } from "vitest";
import { differences, type Outcome } from "./differences.ts";

const built = (file: Record<string, string>, config: Record<string, string> = {}): Outcome => ({
  built: {
    shape: { index: "x" },
    images: Object.fromEntries(["linux/amd64", "linux/arm64"].map((platform) => [platform, { files: { "/f": file }, config, oddities: [] }])),
  },
});
const between = (left: Outcome, right: Outcome, times = true) => differences(left, right, { times, names: ["ours", "buildkit"] });

test("equal outcomes have no differences", () => {
  expect(between(built({ mode: "0644" }), built({ mode: "0644" }))).toEqual([]);
  expect(between({ refused: "one" }, { refused: "other words" })).toEqual([]);
});
test("a field that differs on every platform is told once", () => {
  expect(between(built({ mode: "0644" }), built({ mode: "0600" }))).toEqual(["all: /f: mode 0644≠0600"]);
});
test("what one side lacks is told", () => {
  expect(between(built({}, { "config.User": '"a"' }), built({}))).toEqual(['all: config config.User "a"≠absent']);
});
test("a refusal of one side only is told", () => {
  expect(between({ refused: "no" }, built({}))).toEqual(["ours refused what buildkit built: no"]);
});
test("times count only when they are defined", () => {
  const [a, b] = [built({ type: "file", mtime: "1" }), built({ type: "file", mtime: "2" })];
  expect(between(a, b)).toHaveLength(1);
  expect(between(a, b, false)).toEqual([]);
});
test("documents are compared byte for byte, but for what BuildKit keeps for itself", () => {
  const of = (raw: string): Outcome => ({ built: { shape: { "linux/amd64 raw config": raw }, images: {} } });
  expect(between(of('{"a":1,"b":2}'), of('{"b":2,"a":1}'))).toHaveLength(1);
  expect(between(of('{"diff_ids":[]}'), of('{"created":null,"diff_ids":null}'))).toEqual([]);
  expect(between(of("x".repeat(400)), of(`${"x".repeat(399)}y`))[0]).toMatch(/^linux\/amd64 raw config …x{60,}…≠…x{60,}y…$/);
});
test("BuildKit's race over folder times is forgiven on its side only", () => {
  expect(between(built({ type: "folder", mtime: "5" }), built({ type: "folder", mtime: "build" }))).toEqual([]);
  expect(between(built({ type: "folder", mtime: "build" }), built({ type: "folder", mtime: "5" }))).toHaveLength(1);
  expect(between(built({ type: "file", mtime: "5" }), built({ type: "file", mtime: "build" }))).toHaveLength(1);
});
