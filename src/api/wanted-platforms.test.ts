import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Clock } from "../core/clock.ts";
import { formatPlatform } from "../core/platform.ts";
import { publishedPlatforms } from "./wanted-platforms.ts";

const clock: Clock = { nowMs: () => Date.parse("2026-11-01T00:00:00Z"), sleep: async () => {} };
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "multihull-wanted-"));
  mkdirSync(join(root, ".git"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

interface Build {
  readonly tags: string;
  readonly platforms?: string;
  readonly push?: string;
}

const workflow = (...builds: readonly Build[]): string =>
  `on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: docker/setup-buildx-action@v4
${builds
  .map(
    ({ tags, platforms, push = "true" }) => `      - uses: docker/build-push-action@v7
        with:
          context: .
          push: ${push}
          tags: ${tags}
${platforms === undefined ? "" : `          platforms: ${platforms}\n`}`,
  )
  .join("")}`;

const both = "linux/amd64,linux/arm64";

test.each<[name: string, builds: readonly Build[], reference: string | undefined, wanted: string | undefined]>([
  ["the build of that name", [{ tags: "ghcr.io/a/b:v1", platforms: both }], "ghcr.io/a/b:v1", `${both} .github/workflows/w.yml:12`],
  ["another tag of that name", [{ tags: "ghcr.io/a/b:v1", platforms: both }], "ghcr.io/a/b:v2", `${both} .github/workflows/w.yml:12`],
  ["a digest of that name", [{ tags: "ghcr.io/a/b:v1", platforms: both }], `ghcr.io/a/b@sha256:${"0".repeat(64)}`, `${both} .github/workflows/w.yml:12`],
  ["a tag that is not known", [{ tags: `ghcr.io/a/b:\${{ github.sha }}`, platforms: both }], "ghcr.io/a/b:v1", `${both} .github/workflows/w.yml:12`],
  [
    "an owner that is not known",
    [{ tags: `ghcr.io/\${{ github.repository_owner }}/b:v1`, platforms: both }],
    "ghcr.io/a/b:v1",
    `${both} .github/workflows/w.yml:12`,
  ],
  ["an image of Docker Hub", [{ tags: "a/b:v1", platforms: both }], "docker.io/a/b:v1", `${both} .github/workflows/w.yml:12`],
  ["another name", [{ tags: "ghcr.io/a/b:v1", platforms: both }], "docker.io/library/debian:12", undefined],
  ["a name of which nothing is known", [{ tags: `\${{ secrets.NAME }}`, platforms: both }], "ghcr.io/a/b:v1", undefined],
  ["a build that does not push", [{ tags: "ghcr.io/a/b:v1", platforms: both, push: "false" }], "ghcr.io/a/b:v1", undefined],
  ["a build without platforms", [{ tags: "ghcr.io/a/b:v1" }], "ghcr.io/a/b:v1", undefined],
  ["platforms that are not known", [{ tags: "ghcr.io/a/b:v1", platforms: `\${{ vars.PLATFORMS }}` }], "ghcr.io/a/b:v1", undefined],
  [
    "builds that disagree",
    [
      { tags: `ghcr.io/a/b:\${{ github.sha }}`, platforms: both },
      { tags: `ghcr.io/a/b:\${{ github.ref_name }}`, platforms: "linux/amd64" },
    ],
    "ghcr.io/a/b:v1",
    undefined,
  ],
  [
    "the build of that very tag, where another disagrees",
    [
      { tags: "ghcr.io/a/b:debug", platforms: "linux/amd64" },
      { tags: "ghcr.io/a/b:v1", platforms: both },
    ],
    "ghcr.io/a/b:v1",
    `${both} .github/workflows/w.yml:18`,
  ],
  ["a name that is none", [{ tags: "ghcr.io/a/b:v1", platforms: both }], "NOT A NAME", `${both} .github/workflows/w.yml:12, supposedly`],
  ["an image in a folder", [{ tags: "ghcr.io/a/b:v1", platforms: both }], undefined, `${both} .github/workflows/w.yml:12, supposedly`],
])("%s", async (_, builds, reference, wanted) => {
  write({ ".github/workflows/w.yml": workflow(...builds) });
  expect(shown(await publishedPlatforms(root, reference, clock))).toBe(wanted);
});

test("a bake file says it, too", async () => {
  write({ "docker-bake.hcl": 'target "default" {\n  tags = ["ghcr.io/a/b:v1"]\n  platforms = ["linux/amd64", "linux/riscv64"]\n}\n' });
  expect(shown(await publishedPlatforms(root, "ghcr.io/a/b:v1", clock))).toBe("linux/amd64,linux/riscv64 docker-bake.hcl:3");
  expect(await publishedPlatforms(root, "ghcr.io/a/c:v1", clock)).toBeUndefined();
});

test("nothing is wanted where there is no repository", async () => {
  expect(await publishedPlatforms(join(root, "not", "there"), "ghcr.io/a/b:v1", clock)).toBeUndefined();
});

const shown = (wanted: Awaited<ReturnType<typeof publishedPlatforms>>): string | undefined =>
  wanted === undefined ? undefined : `${wanted.platforms.map(formatPlatform).join(",")} ${wanted.by}${wanted.supposed === true ? ", supposedly" : ""}`;
