// Needs: docker-registry, BuildKit, Docker with both image stores, buildah, skopeo, crane, QEMU for seven platforms
import { afterAll, beforeAll, expect, test } from "vitest";
import { verify } from "../../src/api/verify.ts";
import type { VerifyReport } from "../../src/verify/report.ts";
import { OURS, REGISTRY } from "../compare/places.ts";
import { sharedDocker } from "../harness/peer-docker.ts";
import { peerSuite } from "./peer-suite.ts";
import { type RealImages, realImages, SEVEN, TWO } from "./real-images.ts";

const QEMU = "/usr/bin/qemu-aarch64-static";

let real: RealImages;
beforeAll(async () => {
  real = await realImages();
});
afterAll(async () => {
  for (const store of ["containerd", "classic"] as const) {
    const docker = { DOCKER_HOST: sharedDocker(store) };
    const images = (await real.run(["docker", "images", "--quiet", `${REGISTRY}/verify-real/*`], docker)).split("\n").filter((id) => id !== "");
    if (images.length > 0) await real.run(["docker", "rmi", "--force", ...new Set(images)], docker);
  }
  for (const list of ["small", "static"]) await real.run(["buildah", "manifest", "rm", `multihull-verify-${list}`]).catch(() => {});
  await real.end();
});

const check = (name: string, more: Parameters<typeof verify>[1] = {}): Promise<VerifyReport> =>
  verify(name, { store: real.store, repository: real.folder, ...more });
const remarks = ({ findings }: VerifyReport): string[] => [...new Set(findings.filter(({ severity }) => severity === "info").map(({ rule }) => rule))].sort();
/** Makes it when first asked. */
const once = (make: () => Promise<string>): (() => Promise<string>) => {
  let made: Promise<string> | undefined;
  return () => (made ??= make());
};
/** What is worse than a remark, a line each. */
const troubles = ({ findings }: VerifyReport): string[] =>
  findings.filter(({ severity }) => severity !== "info").map(({ severity, at, rule, message }) => `${severity} ${at.platform ?? "all"} ${rule}: ${message}`);
const UNLABELLED = ["standard-labels-missing"];
/** Of the base: its tool is there for two platforms. */
const LACKS_TOOL = ["files-missing-on-some"];

const CLEAN = `
FROM {wide} AS files
ARG TARGETARCH
COPY bin/\${TARGETARCH}/hello bin/\${TARGETARCH}/greet /usr/local/bin/
COPY entrypoint.sh /usr/local/bin/
COPY app.py /app/app.py
COPY config /etc/app
LABEL org.opencontainers.image.source=https://example.com/app org.opencontainers.image.version=1
ENV MODE=production
WORKDIR /app
USER nobody
EXPOSE 8080
HEALTHCHECK CMD hello
ENTRYPOINT ["entrypoint.sh"]
CMD ["python3", "app.py"]

FROM scratch AS static
ARG TARGETARCH
LABEL org.opencontainers.image.source=https://example.com/static
COPY bin/\${TARGETARCH}/greet /greet
ENTRYPOINT ["/greet"]
CMD ["world"]

FROM {run} AS ran
LABEL org.opencontainers.image.source=https://example.com/ran
RUN mkdir -p /srv/data && uname -m >/srv/data/machine && chown -R app /srv/data && ln -s /usr/bin/busybox /usr/local-sh
ARG TARGETARCH
COPY bin/\${TARGETARCH}/greet /usr/bin/greet
USER app
CMD greet from a shell

FROM {run} AS small
LABEL org.opencontainers.image.source=https://example.com/small
ARG TARGETARCH
COPY bin/\${TARGETARCH}/greet /opt/bin/
COPY entrypoint.sh /
ENTRYPOINT ["/entrypoint.sh", "/opt/bin/greet"]
`;

peerSuite(
  "real images for seven platforms",
  ["registry", "buildkitd", "buildx", "docker-containerd", "docker-classic", "buildah", "skopeo", "crane", "qemu"],
  () => {
    let file: string;
    const ENGINE_FLAGS = ["--platform", SEVEN.join(",")];
    beforeAll(async () => {
      file = await real.dockerfile(CLEAN);
    });

    /** How each is made and what it is called then; `smoke` tells that it is started on all platforms, too. */
    interface Made {
      readonly make: () => Promise<string>;
      readonly platforms?: readonly string[];
      readonly smoke?: true;
      /** Rules that have something to remark, and rightly so. */
      readonly remarks?: readonly string[];
    }
    const container = { DOCKER_HOST: sharedDocker("containerd") };
    const classic = { DOCKER_HOST: sharedDocker("classic") };
    const buildah = async (target: string, list: string): Promise<string> => {
      await real.run(["buildah", "manifest", "rm", list]).catch(() => {});
      await real.run([
        "buildah",
        "build",
        "--layers",
        "--isolation",
        "chroot",
        "--network",
        "host",
        "--tls-verify=false",
        ...ENGINE_FLAGS,
        "--target",
        target,
        "--manifest",
        list,
        "-f",
        file,
        real.context,
      ]);
      return list;
    };
    const ours = (target: string, ...flags: readonly string[]): Promise<string> =>
      real.run(
        [
          OURS,
          "build",
          "--engine",
          "embedded",
          "--quiet",
          ...(flags.includes("--platform") ? [] : ENGINE_FLAGS),
          "--target",
          target,
          "-f",
          file,
          ...flags,
          real.context,
        ],
        {
          MULTIHULL_STORE: real.store,
        },
      );

    // What several are made from.
    const onRegistry = once(async () => {
      await real.buildx(file, [...ENGINE_FLAGS, "--target", "files", "--provenance=mode=max", "-t", real.name("files:buildkit"), "--push"]);
      return real.name("files:buildkit");
    });
    const inDocker = async (env: Readonly<Record<string, string>>, name: string, ...flags: readonly string[]): Promise<string> => {
      await real.run(
        ["docker", "buildx", "build", "--builder", "default", "--quiet", ...flags, "--target", "files", "-f", file, "-t", name, real.context],
        env,
      );
      return name;
    };
    const inContainerd = once(() => inDocker(container, real.name("files:docker"), ...ENGINE_FLAGS, "--load"));
    const inClassic = once(() => inDocker(classic, real.name("files:classic"), "--platform", "linux/arm64"));
    const small = once(() => buildah("small", "multihull-verify-small"));
    const alone = once(() => buildah("static", "multihull-verify-static"));

    const MADE: Readonly<Record<string, Made>> = {
      "BuildKit, COPY only, on the registry, with provenance": {
        make: () => onRegistry(),
      },
      "BuildKit, for the platforms that are started": {
        platforms: TWO,
        smoke: true,
        async make() {
          await real.buildx(file, ["--platform", TWO.join(","), "--target", "files", "-t", real.name("files:two"), "--push"]);
          return real.name("files:two");
        },
      },
      "BuildKit, RUN under QEMU, OCI layout": {
        platforms: TWO,
        async make() {
          const to = real.place();
          await real.buildx(file, [
            "--platform",
            TWO.join(","),
            "--target",
            "ran",
            "--network",
            "none",
            "--provenance=true",
            "-o",
            `type=oci,tar=false,dest=${to}`,
          ]);
          return `oci:${to}`;
        },
      },
      "BuildKit, Go alone, OCI archive of zstd": {
        async make() {
          const to = real.place();
          await real.buildx(file, [...ENGINE_FLAGS, "--target", "static", "-o", `type=oci,dest=${to},compression=zstd,force-compression=true`]);
          return `oci-archive:${to}`;
        },
      },
      "BuildKit, one platform, Docker archive": {
        platforms: ["linux/s390x"],
        async make() {
          const to = real.place();
          await real.buildx(file, ["--platform", "linux/s390x", "--target", "files", "-o", `type=docker,dest=${to}`]);
          return `docker-archive:${to}`;
        },
      },
      "Docker with the containerd store, saved": {
        async make() {
          const to = real.place();
          await real.run(["docker", "save", "-o", to, await inContainerd()], container);
          return `docker-archive:${to}`;
        },
      },
      "Docker with the containerd store, pushed": {
        async make() {
          await real.run(["docker", "push", await inContainerd()], container);
          return real.name("files:docker");
        },
      },
      "Docker with the classic store, one platform, saved": {
        platforms: ["linux/arm64"],
        async make() {
          const to = real.place();
          await real.run(["docker", "save", "-o", to, await inClassic()], classic);
          return `docker-archive:${to}`;
        },
      },
      "Docker with the classic store, one platform, pushed": {
        platforms: ["linux/arm64"],
        async make() {
          await real.run(["docker", "push", await inClassic()], classic);
          return real.name("files:classic");
        },
      },
      "buildah, pushed": {
        remarks: LACKS_TOOL,
        async make() {
          await real.run(["buildah", "manifest", "push", "--all", "--tls-verify=false", await small(), `docker://${real.name("small:buildah")}`]);
          return real.name("small:buildah");
        },
      },
      "buildah, pushed in Docker's form": {
        remarks: LACKS_TOOL,
        async make() {
          await real.run([
            "buildah",
            "manifest",
            "push",
            "--all",
            "--tls-verify=false",
            "--format",
            "v2s2",
            await small(),
            `docker://${real.name("small:buildah-docker")}`,
          ]);
          return real.name("small:buildah-docker");
        },
      },
      "buildah, OCI layout": {
        async make() {
          const to = real.place();
          await real.run(["buildah", "manifest", "push", "--all", await alone(), `oci:${to}:v1`]);
          return `oci:${to}`;
        },
      },
      "buildah, OCI archive": {
        async make() {
          const to = real.place();
          await real.run(["buildah", "manifest", "push", "--all", await alone(), `oci-archive:${to}:v1`]);
          return `oci-archive:${to}`;
        },
      },
      "ours, RUN under QEMU, pushed": {
        remarks: LACKS_TOOL,
        smoke: true,
        async make() {
          await ours("ran", "-t", real.name("ran:ours"), "--push");
          return real.name("ran:ours");
        },
      },
      "ours, OCI layout": {
        async make() {
          const to = real.place();
          await ours("files", "-o", `type=oci,tar=false,dest=${to}`);
          return `oci:${to}`;
        },
      },
      "ours, OCI archive": {
        async make() {
          const to = real.place();
          await ours("files", "-o", `type=oci,dest=${to}`);
          return `oci-archive:${to}`;
        },
      },
      "ours, one platform, Docker archive": {
        platforms: ["linux/arm/v7"],
        async make() {
          const to = real.place();
          await ours("static", "--platform", "linux/arm/v7", "-o", `type=docker,dest=${to}`);
          return `docker-archive:${to}`;
        },
      },
      "skopeo's copy, OCI layout": {
        async make() {
          const to = real.place();
          await real.run(["skopeo", "copy", "--all", "--src-tls-verify=false", `docker://${await onRegistry()}`, `oci:${to}:v1`]);
          return `oci:${to}`;
        },
      },
      "skopeo's copy of one platform, Docker archive": {
        platforms: ["linux/ppc64le"],
        async make() {
          const to = real.place();
          await real.run([
            "skopeo",
            "copy",
            "--src-tls-verify=false",
            "--override-arch",
            "ppc64le",
            `docker://${await onRegistry()}`,
            `docker-archive:${to}:app:1`,
          ]);
          return `docker-archive:${to}`;
        },
      },
      "crane's copy of one platform, Docker archive": {
        platforms: ["linux/riscv64"],
        async make() {
          const to = real.place();
          await real.run(["crane", "pull", "--insecure", "--platform", "linux/riscv64", await onRegistry(), to]);
          return `docker-archive:${to}`;
        },
      },
      "Debian, configured": { remarks: UNLABELLED, platforms: TWO, make: async () => `${REGISTRY}/base/system:1` },
      "Debian with Python and Node.js": { remarks: UNLABELLED, platforms: TWO, make: async () => `${REGISTRY}/base/programs:1` },
      "Debian, unpacked": { remarks: UNLABELLED, make: async () => `${REGISTRY}/base/wide:1` },
      "BuildKit's own image": { remarks: UNLABELLED, platforms: ["linux/amd64"], make: async () => `${REGISTRY}/moby/buildkit:buildx-stable-1` },
    };

    test.concurrent.each(Object.entries(MADE))("%s: nothing is wrong", async (_, { make, platforms = SEVEN, smoke, remarks: expected = [] }) => {
      const report = await check(await make(), {
        ...(platforms.length === 1 ? {} : { platforms: [platforms.join(",")] }),
        ...(smoke === undefined ? {} : { smoke }),
      });
      expect(troubles(report)).toEqual([]);
      expect(remarks(report)).toEqual(expected);
      expect(report.platforms.map(({ name }) => name).sort()).toEqual([...platforms].sort());
      expect(
        report.platforms.flatMap(({ name, binaries }) => (binaries === undefined || binaries.total === 0 || binaries.fitting !== binaries.total ? [name] : [])),
      ).toEqual([]);
      expect(report.smoke?.filter(({ state }) => state !== "passed")).toEqual(smoke === undefined ? undefined : []);
    });
  },
);

interface Mistake {
  readonly dockerfile: string;
  /** What is told, and nothing else of that weight: `severity platform rule`. */
  readonly told: readonly string[];
  /**
   * What shows that it is true. `run`: the image's own command fails on arm64. Words: QEMU for arm64, started itself because this machine would run its own programs, fails with
   * these as its program. Absent: it is no fault of a program.
   */
  readonly truth?: "run" | readonly string[];
  /** What comes of starting it for arm64, where that is not to fail with an error and to pass without. */
  readonly smoke?: "passed" | "not-run";
}

/** The arm64 image is all amd64's. */
const ALL_AMD64 = ["error linux/arm64 image-of-other-architecture"];

const MISTAKES: Readonly<Record<string, Mistake>> = {
  "the host's program in all platforms": {
    dockerfile: 'FROM {wide}\nCOPY bin/amd64/greet /usr/local/bin/app\nENTRYPOINT ["app"]\n',
    told: ["error linux/arm64 start-of-other-architecture"],
    truth: ["/usr/local/bin/app"],
  },
  "the host's program, started by a script": {
    dockerfile: 'FROM {wide}\nCOPY bin/amd64/greet /usr/local/bin/app\nCOPY entrypoint.sh /\nENTRYPOINT ["/entrypoint.sh"]\nCMD ["app", "serve"]\n',
    told: ["error linux/arm64 start-of-other-architecture"],
    smoke: "not-run",
    truth: ["/usr/local/bin/app"],
  },
  "the host's program beside what is started": {
    dockerfile: 'FROM {wide}\nCOPY bin/amd64/greet /usr/local/bin/helper\nCMD ["sh"]\n',
    told: ["warning linux/arm64 foreign-binary"],
    truth: ["/usr/local/bin/helper"],
  },
  "a base that is pinned to amd64": {
    dockerfile: 'FROM --platform=linux/amd64 {wide}\nARG TARGETARCH\nCOPY bin/${TARGETARCH}/greet /usr/local/bin/app\nENTRYPOINT ["app"]\n',
    told: ALL_AMD64,
    // The program itself is arm64's.
    smoke: "passed",
    truth: ["/usr/bin/dash"],
  },
  "a final stage on $BUILDPLATFORM": {
    dockerfile:
      'FROM --platform=$BUILDPLATFORM {wide} AS build\nFROM --platform=$BUILDPLATFORM {wide}\nCOPY --from=build /etc/debian_version /v\nCMD ["python3"]\n',
    told: ALL_AMD64,
    truth: ["/usr/bin/python3.13"],
  },
  "a default that shadows TARGETARCH": {
    dockerfile: 'FROM {wide}\nARG TARGETARCH=amd64\nCOPY bin/${TARGETARCH}/greet /usr/local/bin/app\nENTRYPOINT ["app"]\n',
    told: ["error linux/arm64 start-of-other-architecture"],
    truth: ["/usr/local/bin/app"],
  },
  "go build on $BUILDPLATFORM without GOARCH": {
    dockerfile: [
      "FROM --platform=$BUILDPLATFORM {go} AS build",
      "COPY main.go /src/main.go",
      "ENV GOCACHE=/cache GOTMPDIR=/src GOFLAGS= GO111MODULE=off CGO_ENABLED=0",
      'RUN ["/usr/local/go/bin/go", "build", "-C", "/src", "-o", "/out/app", "main.go"]',
      "FROM scratch",
      "COPY --from=build /out/app /app",
      'ENTRYPOINT ["/app"]\n',
    ].join("\n"),
    told: ["error linux/arm64 start-of-other-architecture"],
    truth: ["/app"],
  },
  "the release for x86_64, downloaded for all": {
    dockerfile: "FROM {wide}\nADD --chmod=755 {address}/tool-linux-x86_64 /usr/local/bin/tool\nCMD exec tool serve\n",
    told: ["error linux/arm64 start-of-other-architecture"],
    truth: ["/usr/local/bin/tool"],
  },
  "a program of glibc on a base without it": {
    dockerfile: 'FROM {busybox}\nARG TARGETARCH\nCOPY bin/${TARGETARCH}/hello /bin/hello\nCMD ["hello"]\n',
    told: ["error linux/amd64 missing-interpreter", "error linux/arm64 missing-interpreter"],
    truth: "run",
  },
  "a program that was built against a newer glibc": {
    dockerfile: 'FROM {debian}\nCOPY --from={wide} /usr/bin/sort /usr/local/bin/app\nENTRYPOINT ["app", "--version"]\n',
    told: ["error linux/amd64 missing-symbol-version", "error linux/arm64 missing-symbol-version"],
    truth: "run",
  },
  "a script with the line ends of Windows": {
    dockerfile: 'FROM {wide}\nCOPY --chmod=755 crlf.sh /entrypoint.sh\nENTRYPOINT ["/entrypoint.sh"]\nCMD ["sh"]\n',
    told: ["error linux/amd64 start-script-with-crlf", "error linux/arm64 start-script-with-crlf"],
    truth: "run",
  },
  "a shell's line where there is no shell": {
    dockerfile: "FROM scratch\nARG TARGETARCH\nCOPY bin/${TARGETARCH}/greet /app\nCMD /app serve\n",
    told: ["error linux/amd64 start-without-shell", "error linux/arm64 start-without-shell"],
    truth: "run",
  },
  "a library that is missing": {
    dockerfile: 'FROM {wide}\nARG TARGETARCH\nCOPY bin/${TARGETARCH}/bc /usr/local/bin/bc\nENTRYPOINT ["bc", "--version"]\n',
    told: ["error linux/amd64 missing-library", "error linux/arm64 missing-library"],
    truth: "run",
  },
  "a program that is not executable": {
    dockerfile: 'FROM {wide}\nCOPY --chmod=644 entrypoint.sh /entrypoint.sh\nENTRYPOINT ["/entrypoint.sh"]\n',
    told: ["error linux/amd64 start-not-executable", "error linux/arm64 start-not-executable"],
    truth: "run",
  },
  "a program that is there for one platform only": {
    dockerfile: 'FROM {wide}\nARG TARGETARCH\nCOPY bin/${TARGETARCH}/greet /opt/${TARGETARCH}/greet\nENTRYPOINT ["/opt/amd64/greet"]\n',
    told: ["error linux/arm64 start-missing"],
    truth: "run",
  },
};

peerSuite("images with a known mistake, by real BuildKit", ["registry", "buildkitd", "buildx", "docker-containerd", "qemu"], () => {
  const docker = { DOCKER_HOST: sharedDocker("containerd") };
  const told = ({ findings }: VerifyReport): string[] =>
    findings
      .filter(({ severity, rule }) => severity !== "info" && rule !== "smoke-failed")
      .map(({ severity, at, rule }) => `${severity} ${at.platform ?? "all"} ${rule}`);

  const nameOf = (title: string): string => real.name(`mistake:${title.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}`);
  const MERGED = "FROM {wide}\nARG TARGETARCH\nARG JOB\nCOPY bin/${TARGETARCH}/greet /usr/bin/greet\nLABEL job=${JOB}\n";
  const PARTS = ["amd64", "arm64"].map((arch) => `merged:${arch}`);

  beforeAll(async () => {
    const images = Object.entries(MISTAKES).map(
      async ([title, { dockerfile }]) => [nameOf(title), { dockerfile: await real.dockerfile(dockerfile), platforms: TWO }] as const,
    );
    const parts = PARTS.map(
      async (part) => [real.name(part), { dockerfile: await real.dockerfile(MERGED), platforms: ["linux/amd64"], args: { JOB: part } }] as const,
    );
    await real.bake(Object.fromEntries(await Promise.all([...images, ...parts])));
  });

  test.concurrent.each(Object.entries(MISTAKES))("%s", async (title, mistake) => {
    const name = nameOf(title);
    const report = await check(name, { smoke: true });
    expect(told(report)).toEqual(mistake.told);
    // What is told as an error does not start, and everything else does.
    const starts = (platform: string): string => (mistake.told.some((line) => line.startsWith(`error ${platform} `)) ? "failed" : "passed");
    expect(report.smoke?.map(({ state }) => state)).toEqual([starts("linux/amd64"), mistake.smoke ?? starts("linux/arm64")]);
    if (mistake.truth === undefined) return;
    const arm = ["docker", "run", "--rm", "--pull", "always", "--quiet", "--network", "none", "--platform", "linux/arm64"];
    const command = mistake.truth === "run" ? [...arm, name] : [...arm, "-v", `${QEMU}:/qemu:ro`, "--entrypoint", "/qemu", name, ...mistake.truth];
    await expect(real.run(command, docker)).rejects.toThrow(
      mistake.truth === "run" ? /exit code (?:1|12[67]|255)\b/ : /Invalid ELF image for this architecture/,
    );
  });

  test("a merge of two images that were both built for amd64", async () => {
    const parts = PARTS.map((part) => real.name(part));
    await real.imagetools(["create", "-t", real.name("merged:both"), ...parts]);
    expect(told(await check(real.name("merged:both"), { platforms: [TWO.join(",")] }))).toEqual([
      "error all missing-platform",
      "warning all repeated-platform",
    ]);
    await real.imagetools(["create", "-t", real.name("merged:one"), parts[0] as string]);
    expect(told(await check(real.name("merged:one"), { platforms: [TWO.join(",")] }))).toEqual(["error all missing-platform"]);
    expect(told(await check(real.name("merged:one"), { platforms: ["linux/amd64"] }))).toEqual([]);
  });
});

peerSuite("a manifest list that says another platform than its images", ["registry", "buildah"], () => {
  test("by buildah manifest add --arch", async () => {
    const list = `multihull-verify-${process.pid}`;
    await real.run(["buildah", "manifest", "create", list]);
    try {
      const amd64 = `docker://${REGISTRY}/base/busybox@${(await real.run(["crane", "digest", "--insecure", "--platform", "linux/amd64", `${REGISTRY}/base/busybox:1`])).trim()}`;
      await real.run(["buildah", "manifest", "add", "--tls-verify=false", list, amd64]);
      await real.run(["buildah", "manifest", "add", "--tls-verify=false", "--arch", "arm64", list, amd64]);
      await real.run(["buildah", "manifest", "push", "--all", "--tls-verify=false", list, `docker://${real.name("listed:both")}`]);
    } finally {
      await real.run(["buildah", "manifest", "rm", list]);
    }
    const report = await check(real.name("listed:both"));
    expect(report.findings.filter(({ severity }) => severity === "error").map(({ rule }) => rule)).toContain("entry-unlike-config");
  });
});
