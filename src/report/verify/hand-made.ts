// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles
import type { ImageFinding } from "../../verify/finding.ts";
import type { VerifiedPlatform, VerifyReport } from "../../verify/report.ts";

/** Reports for tests of what prints them. */
const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;

export const wrongProgram: ImageFinding = {
  rule: "wrong-program",
  severity: "error",
  confidence: "certain",
  message: 'what starts, "/app", is a program for amd64',
  at: {
    platform: "linux/arm64",
    layer: { number: 2, digest: digest("b"), createdBy: "COPY --chmod=755 app /app # buildkit" },
    paths: ["/app", "/usr/lib/libapp.so"],
    pathCount: 7,
  },
  facts: ['ENTRYPOINT is ["/app"]', 'the ELF header of "/app" says machine 62'],
  clause: undefined,
  cause: "no machine of this platform can run it: `exec format error` is all that users see.",
  remedies: ["build the program for TARGETARCH", "copy the file of each platform: COPY app-${TARGETARCH} /app"],
};

const noVariant = (platform: string, number: number): ImageFinding => ({
  rule: "config-says-other-platform",
  severity: "warning",
  confidence: "likely",
  message: "the index and the config tell different variants",
  at: { platform, document: `manifests[${number}] config` },
  facts: [],
  clause: {
    name: 'OCI image-spec v1.1.1, config.md, "Properties"',
    url: "https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md#properties",
  },
  cause: "",
  remedies: ["write the index anew"],
});

const untold: ImageFinding = {
  rule: "platform-missing",
  severity: "error",
  confidence: "possible",
  message: "there is no image for linux/s390x",
  at: {},
  facts: [".github/workflows/release.yaml:43 asks for it"],
  clause: undefined,
  cause: "whoever pulls it there gets none",
  remedies: [],
};

/** Everything that a printer could mistake for its own. */
export const hostileFinding: ImageFinding = {
  rule: "hostile",
  severity: "info",
  confidence: "possible",
  message: 'a "](x) @octocat #1 <img src=x onerror=y> `a` **b** ::error::c \u001b[31m%0A]]>" b\r\n::warning::d',
  at: {
    platform: "linux/amd64",
    layer: { number: 1, digest: digest("a"), createdBy: `RUN </details><script>\u0000\u202e ${"x".repeat(300)}` },
    paths: ["/tmp/\u001b]0;x\u0007|a\n## b", "/b"],
  },
  facts: ["[a](1) {0} https://example.org www.example.org @octocat #1"],
  clause: { name: "a</a>", url: "https://example.org/a)b" },
  cause: "</details><script>x</script>",
  remedies: ["</failure>]]>"],
};

const platform = (name: string, letter: string, more: Partial<VerifiedPlatform>): VerifiedPlatform => ({
  name,
  digest: digest(letter),
  size: 12_345_678,
  layers: 3,
  files: 1204,
  binaries: { total: 210, fitting: 210 },
  starts: "/app (ELF amd64)",
  worst: undefined,
  ...more,
});

/** All that a report can hold. */
export const everything: VerifyReport = {
  name: "registry.example:5000/org/app:1.2",
  digest: digest("0"),
  mediaType: "application/vnd.oci.image.index.v1+json",
  platforms: [
    platform("linux/amd64", "1", { worst: "warning" }),
    platform("linux/arm64", "2", { binaries: { total: 210, fitting: 203 }, worst: "error", starts: `/bin/sh -c ${"x".repeat(80)}` }),
    platform("linux/arm/v7", "3", { files: undefined, binaries: undefined, starts: undefined }),
  ],
  findings: [wrongProgram, untold, noVariant("linux/amd64", 0), noVariant("linux/arm64", 1), hostileFinding],
  wanted: { platforms: ["linux/amd64", "linux/arm64", "linux/s390x"], by: ".github/workflows/release.yaml:43" },
  against: {
    name: "registry.example:5000/org/app:1.1",
    digest: digest("9"),
    mustBeEqual: false,
    identical: false,
    platforms: [
      {
        platform: "linux/amd64",
        presence: "both",
        identical: false,
        config: [
          { field: "config.Env", this: '["A=1"]', that: undefined },
          { field: "created", this: '"2026-01-02T00:00:00Z"', that: '"2026-01-01T00:00:00Z"' },
        ],
        layers: { shared: 1, onlyThis: 2, onlyThat: 2, repacked: 1 },
        files: {
          added: 1,
          removed: 1,
          changed: 22,
          timesOnly: 3,
          uncompared: 0,
          list: [
            { path: "/a\u001b[2J", change: "added", what: [] },
            { path: "/b", change: "removed", what: [] },
            ...Array.from({ length: 22 }, (_, i) => ({ path: `/c${i}`, change: "changed" as const, what: ["content", "mode"] })),
          ],
        },
      },
      {
        platform: "linux/arm64",
        presence: "both",
        identical: true,
        config: [],
        layers: { shared: 3, onlyThis: 0, onlyThat: 0, repacked: 0 },
        files: undefined,
      },
      {
        platform: "linux/arm/v7",
        presence: "only-this",
        identical: false,
        config: [],
        layers: { shared: 0, onlyThis: 3, onlyThat: 0, repacked: 0 },
        files: undefined,
      },
    ],
  },
  smoke: [
    {
      platform: "linux/amd64",
      command: ["/app", "--serve"],
      state: "passed",
      how: "native",
      exitCode: undefined,
      signal: "SIGTERM",
      outlasted: true,
      why: "it still ran after 10s, and was ended",
      output: "listening on :8080\n\u001b[31m::error::x\r\n```\n",
      ms: 10_012,
    },
    {
      platform: "linux/arm64",
      command: ["/app", "--serve"],
      state: "failed",
      how: "emulated",
      exitCode: 126,
      signal: undefined,
      outlasted: false,
      why: 'it could not be started: "exec format error"',
      output: "",
      ms: 45,
    },
    {
      platform: "linux/arm/v7",
      command: [],
      state: "not-run",
      how: undefined,
      exitCode: undefined,
      signal: undefined,
      outlasted: false,
      why: "its files could not be read",
      output: "",
      ms: 0,
    },
  ],
  notes: ['layer 1 of linux/arm/v7 lies at "https://example.org/x" only, and was not read'],
  failOn: "error",
  failed: true,
  read: { bytes: 45_678_901, layers: 5, remembered: 3 },
  rules: ["wrong-program", "config-says-other-platform", "platform-missing", "hostile", "smoke-failed", "smoke-not-run"].map((id) => ({
    id,
    summary: `the rule ${id} [x]`,
    severity: "error",
    confidence: "certain",
    page: `docs/checks/${id}.md`,
  })),
};

/** A sound image of which all was remembered. */
export const sound: VerifyReport = {
  ...everything,
  platforms: [platform("linux/amd64", "1", {}), platform("linux/arm64", "2", { starts: "/app (ELF arm64)" })],
  findings: [],
  wanted: undefined,
  against: undefined,
  smoke: undefined,
  notes: [],
  failed: false,
  read: { bytes: 0, layers: 0, remembered: 6 },
};
