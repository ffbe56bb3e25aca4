import { describe, expect, test } from "vitest";
import { type PlanCase, planOf } from "../../test/harness/plan-of.ts";
import { parsePlatform } from "../core/platform.ts";
import { describePlan, type PlanReport } from "./describe.ts";

const TWO = ["linux/amd64", "linux/arm64"];
const AMD64 = parsePlatform("linux/amd64");

/** Dockerfiles as people write them; the reports beside this file, under __golden__, are read by people when they change. */
const CASES: readonly (readonly [name: string, about: PlanCase, dockerfile: string])[] = [
  [
    "operator",
    { platforms: TWO, environmentEpoch: "1700000000" },
    `FROM debian:12
ARG TARGETARCH
LABEL org.opencontainers.image.title="operator"
WORKDIR /opt/operator
COPY --chmod=0755 manager-\${TARGETARCH} manager
COPY LICENSE .
USER 65532:65532
ENTRYPOINT ["/opt/operator/manager"]
`,
  ],
  [
    "go-cross",
    { platforms: [...TWO, "linux/arm/v7"], images: { "docker.io/library/golang:1": {} } },
    `# syntax=docker/dockerfile:1
ARG GO=1
FROM --platform=$BUILDPLATFORM golang:$GO AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
ARG TARGETOS TARGETARCH TARGETVARIANT
RUN GOOS=$TARGETOS GOARCH=$TARGETARCH go build -o /out/app ./cmd
FROM scratch
COPY --from=build /out/app /app
ENTRYPOINT ["/app"]
`,
  ],
  [
    "node-emulated",
    { platforms: TWO, images: { "docker.io/library/node:22": { layers: 3, config: { Cmd: ["node"], Entrypoint: ["docker-entrypoint.sh"] } } } },
    `FROM node:22 AS base
WORKDIR /app
FROM base AS deps
COPY package.json package-lock.json ./
RUN npm ci --omit=dev
FROM base
COPY --from=deps --link /app/node_modules node_modules
COPY --exclude=**/*.test.js src src
ENV NODE_ENV=production
EXPOSE 3000
CMD ["src/main.js"]
`,
  ],
  [
    "static-site",
    { platforms: TWO },
    `FROM scratch
COPY --link public/ /srv/www/
COPY <<robots.txt <<humans.txt /srv/www/
User-agent: *
robots.txt
us
humans.txt
`,
  ],
  [
    "base-by-architecture",
    { platforms: TWO, images: { "docker.io/library/special:arm": { platforms: ["linux/arm64"] } } },
    `FROM debian:12 AS base-amd64
FROM special:arm AS base-arm64
FROM base-$TARGETARCH
COPY etc /etc
`,
  ],
  [
    "onbuild",
    {
      platforms: TWO,
      images: { "ghcr.io/org/onbuild:v1": { config: { OnBuild: ["WORKDIR /app", "COPY . .", "COPY --from=docker.io/library/alpine /etc/ssl /etc/ssl"] } } },
    },
    `FROM ghcr.io/org/onbuild:v1
CMD run
`,
  ],
  [
    "contexts",
    {
      platforms: TWO,
      contexts: { assets: { kind: "files" }, "debian:12": { kind: "layout", folder: "./base", tag: "v1" } },
      images: { "oci-layout://./base": {} },
    },
    `FROM debian:12
COPY --from=assets --parents ./img/./icons/*.svg /usr/share/
ADD archive.tar.gz /opt/
`,
  ],
  [
    "remote",
    {},
    `FROM scratch
ADD --checksum=sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 https://releases.example/tool.tgz /opt/
ADD --keep-git-dir=true https://git.example/org/repo.git#v1:docs /docs
ADD local.tar.gz https://releases.example/list.txt /data/
`,
  ],
  [
    "diamond",
    { platforms: TWO, target: "image" },
    `FROM debian:12 AS base
RUN apt-get update
FROM base AS left
COPY left /l
FROM base AS right
COPY right /r
FROM debian:12 AS image
COPY --from=left /l /l
COPY --from=right /r /r
FROM image AS unused
RUN test
`,
  ],
  [
    "windows",
    {
      platforms: ["windows(10.0.17763)/amd64"],
      images: { "docker.io/library/nano:1": { platforms: ["windows(10.0.17763.1)/amd64"], config: { User: "ContainerUser", WorkingDir: "C:\\" } } },
    },
    `# escape=\`
FROM nano:1
WORKDIR C:\\app
COPY bin\\ .
CMD app.exe
`,
  ],
];

const cases = CASES.map(([name, about, dockerfile]) => ({ name, about, dockerfile }));

describe("reports of whole Dockerfiles", () => {
  test.each(cases)("$name", async ({ name, about, dockerfile }) => {
    const report = describePlan(await planOf(dockerfile, about), AMD64);
    await expect(`${JSON.stringify(report, null, 2)}\n`).toMatchFileSnapshot(`__golden__/${name}.json`);
  });

  test.each(cases)("$name: the report is plain JSON and its needs are vertices before", async ({ about, dockerfile }) => {
    const report = describePlan(await planOf(dockerfile, about), AMD64);
    expect(JSON.parse(JSON.stringify(report)) as PlanReport).toEqual(report);
    const seen = new Set<string>();
    for (const { id, needs } of report.vertices) {
      for (const need of needs) expect(seen).toContain(need);
      seen.add(id);
    }
    expect(report.summary.vertices).toBe(seen.size);
  });
});

describe("how programs get to run", () => {
  const FILE = `FROM debian:12
ARG TARGETARCH
RUN x
`;
  test.each([
    ["linux/amd64", "linux/amd64", "native"],
    ["linux/arm64", "linux/amd64", "emulated"],
    ["linux/arm64", "linux/arm64", "native"],
    ["linux/386", "linux/amd64", "native"],
  ])("%s on %s: %s", async (platform, machine, execution) => {
    const images = { "docker.io/library/debian:12": { platforms: ["linux/amd64", "linux/arm64", "linux/386"] } };
    const report = describePlan(await planOf(FILE, { platforms: [platform], images }), parsePlatform(machine));
    expect(report.images).toMatchObject([{ platform, execution }]);
    expect(report.vertices.at(-1)?.runsOn).toBe(platform);
  });

  test("none where no RUN serves the image", async () => {
    const report = describePlan(await planOf("FROM debian:12 AS a\nRUN x\nFROM debian:12\nCOPY a /\n"), AMD64);
    expect(report.images).toMatchObject([{ execution: "none", layers: { base: 1, added: 1 } }]);
    expect(report.summary).toEqual({ platforms: 1, vertices: 3, shared: 0, runs: 0 });
  });
});
