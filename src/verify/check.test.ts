import { expect, test } from "vitest";
import { readMade } from "../../test/harness/made-image-subject.ts";
import { checkImage } from "./check.ts";
import type { ImageFinding } from "./finding.ts";
import { defineImageRule, type ImageRule, type ImageRuleMeta } from "./rule.ts";

const meta = (id: string, more: Partial<ImageRuleMeta> = {}): ImageRuleMeta => ({ id, summary: "s", severity: "warning", confidence: "likely", ...more });
const subject = await readMade({ platforms: { "linux/arm64": {}, "linux/amd64": {} } });
const shown = (findings: readonly ImageFinding[]): string[] =>
  findings.map(({ severity, rule, at, message }) => `${severity} ${rule} ${at.platform ?? "-"} ${message}`);

const rules: readonly ImageRule[] = [
  defineImageRule({
    meta: meta("a", { severity: "info" }),
    platform(image, _subject, report) {
      report({ message: "note", cause: "" });
      if (image.name === "linux/amd64") report({ message: "worse", cause: "", severity: "error", confidence: "certain" });
    },
  }),
  defineImageRule({
    meta: meta("b"),
    image(_subject, report) {
      report({ message: "of all", cause: "c" });
      report({ message: "of all", cause: "c" });
      report({ message: "of one", cause: "c", at: { platform: "linux/arm64" } });
      report({ message: "of one that is missing", cause: "c", at: { platform: "linux/s390x" } });
    },
  }),
];

test("the worst comes first, the image before its platforms, these in their order; twice the same is once", () => {
  expect(shown(checkImage(subject, rules))).toEqual([
    "error a linux/amd64 worse",
    "warning b - of all",
    "warning b linux/arm64 of one",
    "warning b linux/s390x of one that is missing",
    "info a linux/arm64 note",
    "info a linux/amd64 note",
  ]);
});

test("what a rule does not say is taken from what it says of itself", () => {
  const at = { document: "manifests[0]" };
  const rule = defineImageRule({ meta: meta("a"), platform: (_image, _subject, report) => report({ message: "m", cause: "c", at, remedies: ["r"] }) });
  expect(checkImage(subject, [rule])[0]).toEqual({
    rule: "a",
    severity: "warning",
    confidence: "likely",
    message: "m",
    at: { platform: "linux/arm64", document: "manifests[0]" },
    facts: [],
    clause: undefined,
    cause: "c",
    remedies: ["r"],
  });
});

test("a rule is not asked without what it needs", () => {
  const asking = (needs: NonNullable<ImageRuleMeta["needs"]>): ImageRule =>
    defineImageRule({ meta: meta(needs, { needs }), image: (_subject, report) => report({ message: "m", cause: "" }) });
  const all = [asking("wanted"), asking("against"), asking("smoke")];
  expect(checkImage(subject, all)).toEqual([]);
  expect(checkImage({ ...subject, smoke: [] }, all).map(({ rule }) => rule)).toEqual(["smoke"]);
});

test("a rule that throws is a bug, and is heard of", () => {
  const rule = defineImageRule({
    meta: meta("a"),
    image() {
      throw new TypeError("a bug");
    },
  });
  expect(() => checkImage(subject, [rule])).toThrow("a bug");
});
