import type { MadeFile, MadeImage, MadePlatform } from "./made-image-spec.ts";

// Base images in the shape of Debian's and Alpine's, and a release that stands on one: what defects are planted in. Nothing is wrong with any of them.

/** One architecture, by the names that everybody has for it. */
export interface Machine {
  readonly platform: string;
  /** GOARCH; what ELF files are made with. */
  readonly go: string;
  readonly debian: string;
  readonly triplet: string;
  /** Where programs ask for glibc's loader. */
  readonly loader: string;
  /** The architecture as the kernel, Alpine and musl call it. */
  readonly musl: string;
}

export type Files = Readonly<Record<string, MadeFile>>;

const machine = (platform: string, go: string, debian: string, triplet: string, loader: string, musl: string): Machine => ({
  platform,
  go,
  debian,
  triplet,
  loader,
  musl,
});

export const MACHINES: readonly Machine[] = [
  machine("linux/amd64", "amd64", "amd64", "x86_64-linux-gnu", "/lib64/ld-linux-x86-64.so.2", "x86_64"),
  machine("linux/arm64", "arm64", "arm64", "aarch64-linux-gnu", "/lib/ld-linux-aarch64.so.1", "aarch64"),
  machine("linux/arm/v7", "arm", "armhf", "arm-linux-gnueabihf", "/lib/ld-linux-armhf.so.3", "armhf"),
  machine("linux/386", "386", "i386", "i386-linux-gnu", "/lib/ld-linux.so.2", "i386"),
  machine("linux/ppc64le", "ppc64le", "ppc64el", "powerpc64le-linux-gnu", "/lib64/ld64.so.2", "powerpc64le"),
  machine("linux/s390x", "s390x", "s390x", "s390x-linux-gnu", "/lib/ld64.so.1", "s390x"),
  machine("linux/riscv64", "riscv64", "riscv64", "riscv64-linux-gnu", "/lib/ld-linux-riscv64-lp64d.so.1", "riscv64"),
];

export const machineOf = (platform: string): Machine => {
  const found = MACHINES.find((one) => one.platform === platform);
  if (found === undefined) throw new Error(`there is no machine for ${platform}`);
  return found;
};

const baseName = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
const text = (...lines: readonly string[]): string => lines.map((line) => `${line}\n`).join("");

/** Debian 12's. */
const GLIBC = ["GLIBC_2.17", "GLIBC_2.34", "GLIBC_2.36", "GLIBC_PRIVATE"];
const hardFloat = ({ go }: Machine): object => (go === "arm" ? { arm: { vfpArgs: 1 } } : {});

export const library = (on: Machine, soname: string, more: object = {}): MadeFile => ({
  elf: { machine: on.go, soname, ...hardFloat(on), ...more },
  mode: 0o644,
});

/** A program of glibc: needs libc and zlib, and no newer ones than Debian 12 has. */
export const program = (on: Machine, more: object = {}): MadeFile => ({
  elf: {
    machine: on.go,
    interpreter: on.loader,
    needed: ["libc.so.6", "libz.so.1"],
    wants: { "libc.so.6": ["GLIBC_2.17", "GLIBC_2.34"] },
    ...hardFloat(on),
    ...more,
  },
});

export const staticProgram = (on: Machine): MadeFile => ({ elf: { machine: on.go } });

export const muslProgram = (on: Machine): MadeFile => ({
  elf: { machine: on.go, interpreter: `/lib/ld-musl-${on.musl}.so.1`, needed: [`libc.musl-${on.musl}.so.1`], ...hardFloat(on) },
});

const packages = ({ debian }: Machine, versions: Readonly<Record<string, string>>): string =>
  Object.entries(versions)
    .map(([name, version]) => text(`Package: ${name}`, "Status: install ok installed", `Architecture: ${debian}`, `Version: ${version}`, ""))
    .join("");

export const DEBIAN_PACKAGES: Readonly<Record<string, string>> = {
  "base-files": "12.4+deb12u11",
  dash: "0.5.12-2",
  libc6: "2.36-9+deb12u10",
  zlib1g: "1:1.2.13.dfsg-1",
};

/** Debian 12 with merged /usr: dash is its only shell. */
export function debianFiles(
  on: Machine,
  { version = "12", installed = DEBIAN_PACKAGES }: { version?: string; installed?: Readonly<Record<string, string>> } = {},
): Files {
  const lib = `usr/lib/${on.triplet}`;
  const loader = baseName(on.loader);
  const glibc = (soname: string, more: object = {}): MadeFile => library(on, soname, { needed: [loader], defines: GLIBC, ...more });
  return {
    bin: { link: "usr/bin" },
    lib: { link: "usr/lib" },
    ...(on.loader.startsWith("/lib64/") ? { lib64: { link: "usr/lib64" } } : {}),
    sbin: { link: "usr/sbin" },
    "etc/os-release": text('PRETTY_NAME="Debian GNU/Linux"', "ID=debian", `VERSION_ID="${version}"`),
    "etc/passwd": text("root:x:0:0:root:/root:/bin/sh", "app:x:1000:1000::/srv:/bin/sh", "nobody:x:65534:65534::/:/usr/sbin/nologin"),
    "etc/group": text("root:x:0:", "app:x:1000:", "nogroup:x:65534:"),
    "etc/ld.so.conf": text("include /etc/ld.so.conf.d/*.conf"),
    "etc/ld.so.conf.d/libc.conf": text("/usr/local/lib"),
    root: { folder: true, mode: 0o700 },
    tmp: { folder: true, mode: 0o1777 },
    "usr/local/bin": { folder: true },
    [`${lib}/${loader}`]: { elf: { machine: on.go, soname: loader, defines: GLIBC, ...hardFloat(on) }, mode: 0o755 },
    [`usr${on.loader}`]: { link: on.loader.startsWith("/lib64/") ? `../lib/${on.triplet}/${loader}` : `${on.triplet}/${loader}` },
    [`${lib}/libc.so.6`]: { ...(glibc("libc.so.6") as object), mode: 0o755 },
    [`${lib}/libm.so.6`]: glibc("libm.so.6"),
    [`${lib}/libz.so.1.2.13`]: library(on, "libz.so.1", { needed: ["libc.so.6"], wants: { "libc.so.6": ["GLIBC_2.17"] } }),
    [`${lib}/libz.so.1`]: { link: "libz.so.1.2.13" },
    "usr/bin/dash": program(on, { needed: ["libc.so.6"] }),
    "usr/bin/sh": { link: "dash" },
    "usr/bin/env": program(on, { needed: ["libc.so.6"] }),
    "usr/bin/su": { ...(program(on, { needed: ["libc.so.6"] }) as object), mode: 0o4755 },
    "var/lib/dpkg/status": packages(on, installed),
  };
}

/** Alpine 3.22: musl, and a busybox that is every program. */
export const alpineFiles = (on: Machine): Files => ({
  "bin/busybox": muslProgram(on),
  "bin/sh": { link: "/bin/busybox" },
  "bin/ls": { link: "/bin/busybox" },
  "usr/bin/env": { link: "/bin/busybox" },
  "etc/os-release": text('NAME="Alpine Linux"', "ID=alpine", "VERSION_ID=3.22.1"),
  "etc/alpine-release": text("3.22.1"),
  "etc/passwd": text("root:x:0:0:root:/root:/bin/sh", "app:x:1000:1000::/srv:/bin/sh"),
  "etc/group": text("root:x:0:root", "app:x:1000:"),
  "etc/apk/arch": text(on.musl),
  "etc/apk/world": text("alpine-baselayout", "busybox"),
  "lib/apk/db/installed": text("P:busybox", "V:1.37.0-r18", `A:${on.musl}`, "", "P:musl", "V:1.2.5-r10", `A:${on.musl}`, ""),
  [`lib/ld-musl-${on.musl}.so.1`]: { elf: { machine: on.go, soname: `libc.musl-${on.musl}.so.1`, ...hardFloat(on) }, mode: 0o755 },
  [`lib/libc.musl-${on.musl}.so.1`]: { link: `ld-musl-${on.musl}.so.1` },
  tmp: { folder: true, mode: 0o1777 },
  "usr/local/bin": { folder: true },
});

export const PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
export const TWO: readonly string[] = ["linux/amd64", "linux/arm64"];

/** An index of bases, as a distribution publishes them. */
export const baseImage = (platforms: readonly string[], files: (on: Machine) => Files): MadeImage => ({
  platforms: Object.fromEntries(
    platforms.map((platform): [string, MadePlatform] => [
      platform,
      {
        config: { Env: [PATH], Cmd: ["sh"] },
        layers: [{ createdBy: "# debian.sh --arch 'here' out/ 'bookworm' '@1735516800'", compression: "gzip", files: files(machineOf(platform)) }],
      },
    ]),
  ),
});

export const SCRIPT = text("#!/bin/sh", "set -e", 'exec "$@"');
export const SOURCE = "org.opencontainers.image.source";
const LABELS = { [SOURCE]: "https://example.com/org/app", "org.opencontainers.image.revision": "4f2c1d0", "org.opencontainers.image.version": "1.4.2" };

/** What a release's own layer holds. */
export const appFiles = (on: Machine): Files => ({
  "usr/local/bin/app": program(on),
  "usr/local/bin/docker-entrypoint.sh": { text: SCRIPT, mode: 0o755 },
  "usr/local/lib/libapp.so.1": library(on, "libapp.so.1", { needed: ["libc.so.6"], wants: { "libc.so.6": ["GLIBC_2.17"] } }),
  "etc/app/app.conf": text("listen = 8080"),
  srv: { folder: true, uid: 1000, gid: 1000 },
});

/** One platform of a release on Debian, with all that a config may say. */
export function cleanPlatform(platform: string): MadePlatform {
  const before = cleanPlatforms.get(platform) ?? makeCleanPlatform(platform);
  cleanPlatforms.set(platform, before);
  return before;
}

/** Layers that are one object are packed once. */
const cleanPlatforms = new Map<string, MadePlatform>();

const makeCleanPlatform = (platform: string): MadePlatform => {
  const on = machineOf(platform);
  return {
    config: {
      Env: [PATH, "LANG=C.UTF-8", "APP_HOME=/srv"],
      Entrypoint: ["docker-entrypoint.sh"],
      Cmd: ["app", "--serve"],
      WorkingDir: "/srv",
      User: "app",
      ExposedPorts: { "8080/tcp": {} },
      Volumes: { "/srv/data": {} },
      StopSignal: "SIGQUIT",
      Healthcheck: { Test: ["CMD", "app", "--health"], Interval: 30_000_000_000, Retries: 3 },
      Labels: LABELS,
    },
    annotations: { [SOURCE]: LABELS[SOURCE] as string },
    attestation: true,
    layers: [
      { createdBy: "# debian.sh --arch 'here' out/ 'bookworm' '@1735516800'", compression: "gzip", files: debianFiles(on) },
      {
        createdBy: "COPY dist/ / # buildkit",
        compression: "gzip",
        files: appFiles(on),
      },
    ],
  };
};

/** A release as it should be. */
export const cleanImage = (platforms: readonly string[] = TWO): MadeImage => ({
  annotations: { [SOURCE]: LABELS[SOURCE] as string },
  platforms: Object.fromEntries(platforms.map((platform) => [platform, cleanPlatform(platform)])),
});
