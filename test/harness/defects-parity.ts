import { EVERY, error, type WrittenDefect, warning } from "./defects.ts";
import { appFiles, cleanImage, cleanPlatform, debianFiles, library, machineOf, program, SOURCE, staticProgram } from "./defects-bases.ts";
import { layered, platform } from "./defects-change.ts";

const AMD = "linux/amd64";
const ARM = "linux/arm64";
const V7 = "linux/arm/v7";
const v7 = machineOf(V7);
const arm64 = machineOf(ARM);
const env = cleanPlatform(ARM).config?.Env as readonly string[];
const labels = cleanPlatform(ARM).config?.Labels as Readonly<Record<string, string>>;
const { [SOURCE]: _source, ...withoutSource } = labels;

/** Platforms that differ where they should not, and programs that no compiler on this machine makes. */
export const PARITY_DEFECTS: readonly WrittenDefect[] = [
  {
    name: "a variable of one platform only",
    image: platform(ARM, { config: { Env: [...env, "GOMAXPROCS=1"] } }),
    found: warning("env-differs"),
  },
  {
    name: "an arm64 image of two months ago was put into the index again",
    image: platform(ARM, { created: "2025-10-20T00:00:00Z" }),
    found: warning("created-differs", ARM),
  },
  { name: "another ENTRYPOINT on one platform", image: platform(ARM, { config: { Entrypoint: ["app"], Cmd: ["--serve"] } }), found: warning("start-differs") },
  { name: "a health check on one platform only", image: platform(ARM, { config: { Healthcheck: null } }), found: warning("healthcheck-differs") },
  { name: "a volume on one platform only", image: platform(ARM, { config: { Volumes: null } }), found: warning("volumes-differ") },
  { name: "another stop signal on one platform", image: platform(ARM, { config: { StopSignal: "SIGTERM" } }), found: warning("stop-signal-differs") },
  { name: "root on one platform", image: platform(ARM, { config: { User: null } }), found: warning("user-differs") },
  {
    name: "platforms of two revisions",
    image: platform(ARM, { config: { Labels: { ...labels, "org.opencontainers.image.revision": "9a8b7c6" } } }),
    found: warning("labels-differ"),
  },
  { name: "a label on one platform only", image: platform(ARM, { config: { Labels: withoutSource } }), found: warning("label-missing-on-some") },
  {
    name: "a download that failed unseen on one platform",
    image: {
      ...cleanImage(),
      platforms: Object.fromEntries(
        [AMD, ARM].map((name) => {
          const clean = cleanPlatform(name);
          const files = { "srv/model.bin": name === ARM ? "Not Found" : { size: 6_000_000 } };
          return [name, { ...clean, layers: [...(clean.layers ?? []), { createdBy: "RUN /bin/sh -c curl -o model.bin", compression: "gzip", files }] }];
        }),
      ),
    },
    found: warning("sizes-far-apart", ARM),
  },
  {
    name: "setuid is lost in one platform's layer",
    image: layered(ARM, 1, { files: { "usr/bin/su": { ...(program(arm64, { needed: ["libc.so.6"] }) as object), mode: 0o755 } } }, "add"),
    found: warning("setuid-differs"),
  },
  {
    name: "a library is missing on one platform",
    image: layered(ARM, 1, { files: Object.fromEntries(Object.entries(debianFiles(arm64)).filter(([path]) => !path.includes("libz"))) }),
    found: warning("missing-library", ARM),
  },
  {
    name: "the loader is for another machine",
    image: layered(
      ARM,
      2,
      {
        files: { "usr/local/bin/app": program(arm64, { interpreter: "/opt/ld.so" }), "opt/ld.so": { elf: { machine: "amd64", soname: "ld.so" }, mode: 0o755 } },
      },
      "add",
    ),
    found: error("interpreter-of-other-architecture", ARM),
  },
  {
    name: "a library of soft float for a program of hard float",
    image: {
      ...cleanImage([AMD, V7]),
      platforms: {
        ...cleanImage([AMD]).platforms,
        [V7]: v7With({
          "usr/local/bin/app": program(v7, { needed: ["libc.so.6", "libfoo.so.1"] }),
          "usr/lib/libfoo.so.1": library(v7, "libfoo.so.1", { flags: 0x5000200, arm: { vfpArgs: 0 } }),
        }),
      },
    },
    found: error("soft-and-hard-float-mixed", V7),
  },
  { name: "a program for ARMv7 in an image for ARMv6", image: v6(), found: error("start-for-newer-machine", "linux/arm/v6") },
  {
    name: "a program for x86-64-v3 in an image for amd64",
    image: layered(AMD, 2, { files: { "usr/local/bin/app": program(machineOf(AMD), { x86Isa: 7 }) } }, "add"),
    found: warning("start-for-newer-machine", AMD),
  },
  {
    name: "a big-endian program in an image for ppc64le",
    image: other("linux/ppc64le", "ppc64"),
    found: error("start-of-other-architecture", "linux/ppc64le"),
  },
  {
    name: "a 32-bit program in an image for amd64",
    image: layered(AMD, 2, { files: { "usr/local/bin/app": staticProgram(machineOf("linux/386")) } }, "add"),
    found: warning("start-of-other-architecture", AMD),
  },
  { name: "an arm64 program in an image for riscv64", image: other("linux/riscv64", "arm64"), found: error("start-of-other-architecture", "linux/riscv64") },
  { name: "an s390x image of ppc64le files", image: whole("linux/s390x", "linux/ppc64le"), found: error("image-of-other-architecture", "linux/s390x") },
  {
    name: "the program of Windows in an image for Linux",
    image: layered(ARM, 2, { files: { "usr/local/bin/app": { pe: { machine: "arm64" }, mode: 0o755 } } }, "add"),
    found: error("start-of-other-architecture", ARM),
  },
  {
    name: "the program of macOS in an image for Linux",
    image: layered(ARM, 2, { files: { "usr/local/bin/app": { macho: { machine: "arm64" }, mode: 0o755 } } }, "add"),
    found: error("start-of-other-architecture", ARM),
  },
  {
    name: "a Windows image for every version",
    image: {
      ...cleanImage(),
      platforms: {
        "windows/amd64": windows("10.0.17763.1"),
        "windows/amd64#2": windows("10.0.20348.1"),
      },
    },
    found: warning("windows-without-version", EVERY),
  },
];

function windows(version: string): object {
  return {
    image: { "os.version": version },
    config: { Entrypoint: ["C:\\app.exe"] },
    layers: [{ createdBy: "COPY app.exe", files: { "Files/app.exe": { pe: { machine: "amd64" } }, "Files/version.txt": version } }],
  };
}

function v7With(files: object): object {
  const clean = cleanPlatform(V7);
  return { ...clean, layers: (clean.layers ?? []).map((layer, i) => (i === 1 ? { ...layer, files: { ...appFiles(v7), ...files } } : layer)) };
}

function v6(): WrittenDefect["image"] {
  const clean = v7With({ "usr/local/bin/app": program(v7, { arm: { vfpArgs: 1, cpuArch: 10 } }) });
  return { ...cleanImage(), platforms: { ...cleanImage().platforms, "linux/arm/v6": clean } };
}

/** A third platform with a program of another machine. */
function other(name: string, machine: string): WrittenDefect["image"] {
  return layered(name, 2, { files: { "usr/local/bin/app": { elf: { machine } } } }, "add");
}

function whole(name: string, files: string): WrittenDefect["image"] {
  return platform(name, { layers: cleanPlatform(files).layers ?? [] });
}
