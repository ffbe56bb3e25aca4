import { expect, test } from "vitest";
import { planOf } from "../../test/harness/plan-of.ts";
import { parsePlatform } from "../core/platform.ts";
import { describePlan } from "../plan/describe.ts";
import { planText, type ShownPlan } from "./plan-text.ts";

const text = async (lines: readonly string[], about: Parameters<typeof planOf>[1], engines: ShownPlan["engines"] = []): Promise<string> =>
  planText({ ...describePlan(await planOf(lines, about), parsePlatform("linux/amd64")), engines }).replace(/sha256:\w+/g, "sha256:…");

test("two platforms: what is shared, what each needs, how programs run", async () => {
  const lines = ["FROM debian:12 AS build", "RUN make", "FROM scratch", "COPY --from=build /out /", "COPY LICENSE /"];
  const programs = [
    { platform: "linux/amd64", way: "native" },
    { platform: "linux/arm64", way: "emulated", why: "by qemu-aarch64" },
  ];
  const engines = [
    { name: "the embedded engine", chosen: false, why: "it could build this, too", programs },
    { name: 'BuildKit (builder "team", remote)', chosen: true, why: "it runs linux/amd64 natively", programs: programs.slice(0, 1) },
  ];
  expect(await text(lines, { platforms: ["linux/amd64", "linux/arm64"], args: { LOST: "1" } }, engines)).toBe(
    `#1 [linux/amd64 build 1/2] FROM docker.io/library/debian:12@sha256:…
   for linux/amd64
#2 [linux/arm64 build 1/2] FROM docker.io/library/debian:12@sha256:…
   for linux/arm64
#3 [linux/amd64 build 2/2] RUN make
   for linux/amd64; needs #1; runs on linux/amd64
#4 [linux/amd64 stage-1 1/2] COPY --from=build /out /
   for linux/amd64; needs #1, #3
#5 [internal] load build context
   for both platforms
#6 [stage-1 2/2] COPY LICENSE /
   for both platforms; needs #5
#7 [linux/arm64 build 2/2] RUN make
   for linux/arm64; needs #2; runs on linux/arm64
#8 [linux/arm64 stage-1 1/2] COPY --from=build /out /
   for linux/arm64; needs #2, #7

linux/amd64  2 layers from scratch; programs run natively
linux/arm64  2 layers from scratch; programs run under an emulator

8 vertices for 2 platforms; 2 shared

not by the embedded engine: it could build this, too
  linux/amd64  native
  linux/arm64  emulated: by qemu-aarch64
built by BuildKit (builder "team", remote): it runs linux/amd64 natively
  linux/amd64  native

warning: build argument "LOST" was not consumed: no ARG names it
`,
  );
});

test("one platform, nothing to do but take the base; the epoch is told", async () => {
  expect(await text(["FROM debian:12"], { environmentEpoch: "0" })).toBe(
    `#1 [1/1] FROM docker.io/library/debian:12@sha256:…
   for linux/amd64

linux/amd64  0 layers on docker.io/library/debian:12@sha256:… (1 layer); no program is run

1 vertex for 1 platform; 0 shared
no time in the result is later than 1970-01-01T00:00:00.000Z (SOURCE_DATE_EPOCH=0)
`,
  );
});

test("nothing at all", async () => {
  expect(await text(["FROM scratch"], {})).toBe(`linux/amd64  0 layers from scratch; no program is run\n\n0 vertices for 1 platform; 0 shared\n`);
});
