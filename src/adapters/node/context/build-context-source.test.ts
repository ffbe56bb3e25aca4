import { describe, expect, test } from "vitest";
import type { ProblemCode } from "../../../core/problem.ts";
import { type ContextSource, parseBuildContext, parseContextSource } from "./build-context-source.ts";

const digest = `sha256:${"a".repeat(64)}`;
const good: Record<string, { in: string; out: object }> = {
  "a folder": { in: ".", out: { kind: "folder", folder: "." } },
  "a folder with a colon": { in: "a:b", out: { kind: "folder", folder: "a:b" } },
  stdin: { in: "-", out: { kind: "stdin" } },
  "an image": { in: "docker-image://alpine:3", out: { kind: "image", source: { kind: "registry", reference: "docker.io/library/alpine:3" } } },
  "an image without a tag": { in: "docker-image://ghcr.io/a/b", out: { kind: "image", source: { kind: "registry", reference: "ghcr.io/a/b:latest" } } },
  scratch: { in: "docker-image://scratch", out: { kind: "image", source: { kind: "scratch" } } },
  "a layout": { in: "oci-layout://./out", out: { kind: "image", source: { kind: "layout", folder: "./out" } } },
  "a layout with a tag": { in: "oci-layout:///srv/a:v1", out: { kind: "image", source: { kind: "layout", folder: "/srv/a", tag: "v1" } } },
  "a layout with a digest": { in: `oci-layout:///srv/a@${digest}`, out: { kind: "image", source: { kind: "layout", folder: "/srv/a", digest } } },
  "a layout with both": { in: `oci-layout://a:v1@${digest}`, out: { kind: "image", source: { kind: "layout", folder: "a", tag: "v1", digest } } },
  "a git address": {
    in: "https://u:p@example.com/a.git#v1",
    out: { kind: "git", request: { remote: "https://u:p@example.com/a.git", ref: "v1" }, address: "https://example.com/a.git" },
  },
  "an archive's address": { in: "HTTPS://example.com/a.tar.gz", out: { kind: "http", url: "HTTPS://example.com/a.tar.gz" } },
};
describe("parseContextSource reads", () => {
  for (const [name, c] of Object.entries(good)) test(name, () => expect(parseContextSource(c.in)).toEqual(c.out as ContextSource));
});

const bad: Record<string, { in: string; code: ProblemCode }> = {
  nothing: { in: "", code: "usage" },
  "another target": { in: "target:base", code: "usage" },
  "an unknown scheme": { in: "ftp://example.com/a.tar", code: "usage" },
  "file://": { in: "file:///etc", code: "usage" },
  "an image that is no reference": { in: "docker-image://App", code: "reference-malformed" },
  "a layout without a folder": { in: "oci-layout://:v1", code: "usage" },
  "a layout with a digest that is none": { in: "oci-layout://a@sha256:12", code: "usage" },
};
describe("parseContextSource refuses", () => {
  for (const [name, c] of Object.entries(bad)) test(name, () => expect(() => parseContextSource(c.in)).toThrow(expect.objectContaining({ code: c.code })));
});

test("a named context is a name and a value, which may hold equals signs", () => {
  expect(parseBuildContext("base=dir/a=b")).toEqual({ name: "base", source: { kind: "folder", folder: "dir/a=b" } });
});
for (const text of ["base", "=dir", "base=-", "base="])
  test(`the named context "${text}" is refused`, () => expect(() => parseBuildContext(text)).toThrow(expect.objectContaining({ code: "usage" })));
