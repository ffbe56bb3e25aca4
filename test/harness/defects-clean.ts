import type { CleanVariant } from "./defects.ts";
import {
  alpineFiles,
  baseImage,
  cleanImage,
  cleanPlatform,
  debianFiles,
  type Files,
  library,
  MACHINES,
  type Machine,
  machineOf,
  muslProgram,
  PATH,
  program,
  SOURCE,
  staticProgram,
  TWO,
} from "./defects-bases.ts";
import type { MadeFile, MadeImage, MadePlatform } from "./made-image-spec.ts";

const amd64 = machineOf("linux/amd64");
const arm64 = machineOf("linux/arm64");

/** An image for both platforms on a base, with these files above it. */
const on = (
  base: (on: Machine) => Files,
  files: (on: Machine) => Files,
  config: MadePlatform["config"] = {},
  platforms: readonly string[] = TWO,
): MadeImage => ({
  annotations: { [SOURCE]: "https://example.com/org/app" },
  platforms: Object.fromEntries(
    platforms.map((name): [string, MadePlatform] => {
      const machine = machineOf(name);
      const layers = [
        { createdBy: "ADD rootfs.tar.gz / # buildkit", files: base(machine) },
        { createdBy: "COPY . / # buildkit", files: files(machine) },
      ];
      return [name, { config: { Env: [PATH], Cmd: ["sh"], ...config }, layers: layers.filter((layer) => Object.keys(layer.files).length > 0) }];
    }),
  ),
});

const debian = (machine: Machine): Files => debianFiles(machine);
const each = (make: (machine: Machine) => readonly [string, MadeFile], of: readonly Machine[] = MACHINES): Files => Object.fromEntries(of.map(make));
const changed = (change: (platform: MadePlatform) => MadePlatform): MadeImage => {
  const image = cleanImage();
  return { ...image, platforms: Object.fromEntries(Object.entries(image.platforms).map(([name, platform]) => [name, change(platform)])) };
};
const library64 = (machine: Machine): MadeFile => library(machine, "addon.node", { needed: ["libc.so.6"] });

/** Images that look unusual, and in which nothing is wrong. */
export const CLEAN_VARIANTS: readonly CleanVariant[] = [
  { name: "seven platforms", image: cleanImage(MACHINES.map(({ platform }) => platform)) },
  { name: "Docker's media types", image: { ...changed(({ annotations: _none, attestation: _neither, ...platform }) => platform), form: "docker" } },
  { name: "without history", image: changed((platform) => ({ ...platform, history: null })) },
  { name: "made at the beginning of 1970", image: changed((platform) => ({ ...platform, created: "1970-01-01T00:00:00Z" })) },
  {
    name: "one made at the beginning of 1970, one today",
    image: { ...cleanImage(), platforms: { ...cleanImage().platforms, "linux/arm64": { ...cleanPlatform("linux/arm64"), created: "1970-01-01T00:00:00Z" } } },
  },
  { name: "never told when it was made", image: changed((platform) => ({ ...platform, created: null })) },
  { name: "arm64/v8 in the config", image: { ...cleanImage(), edits: [{ document: "linux/arm64 config", set: { variant: "v8" } }] } },
  { name: "one manifest without an index", image: { platforms: { "linux/amd64": cleanPlatform("linux/amd64") }, bare: true } },
  {
    name: "layers of several gzip members, and of zstd",
    image: changed((platform) => ({
      ...platform,
      layers: (platform.layers ?? []).map((layer, i) => ({ ...layer, compression: i === 0 ? "gzip-members" : "zstd" })),
    })),
  },
  {
    name: "a signature beside the images",
    image: {
      ...cleanImage(),
      artifacts: [
        {
          artifactType: "application/vnd.dev.sigstore.bundle.v0.3+json",
          layers: [{ mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json", text: "{}" }],
          subject: "linux/amd64",
        },
      ],
    },
  },
  {
    name: "a static program on scratch",
    image: on(
      () => ({}),
      (machine) => ({ app: staticProgram(machine) }),
      { Entrypoint: ["/app"], Cmd: null, User: "65532" },
    ),
  },
  {
    name: "busybox' applets",
    image: on(alpineFiles, () => ({ "bin/cat": { link: "/bin/busybox" }, "usr/local/bin/start": { text: "#!/usr/bin/env sh\nexec cat\n", mode: 0o755 } }), {
      Entrypoint: ["start"],
      Healthcheck: { Test: ["CMD-SHELL", "ls / || exit 1"] },
    }),
  },
  {
    name: "a program of musl on Alpine",
    image: on(alpineFiles, (machine) => ({ "usr/local/bin/app": muslProgram(machine) }), { Entrypoint: ["app"], User: "app" }),
  },
  {
    name: "s6's /init",
    image: on(
      alpineFiles,
      () => ({
        init: { text: "#!/bin/sh -e\nexec /package/admin/s6-overlay/libexec/preinit\n", mode: 0o755 },
        "package/admin/s6-overlay/libexec/preinit": { text: "#!/bin/sh\n", mode: 0o755 },
      }),
      { Entrypoint: ["/init"], Cmd: null },
    ),
  },
  {
    name: "prebuilt modules of node for every machine",
    image: on(debian, () =>
      each(({ go, debian: name }) => [`app/node_modules/addon/prebuilds/linux-${name === "amd64" ? "x64" : name}/addon.node`, library64(machineFor(go))]),
    ),
  },
  {
    name: "a toolchain of Go with tools for another machine",
    image: on(debian, (machine) => ({
      "usr/local/go/bin/go": program(machine),
      ...each(({ go }) => [`usr/local/go/pkg/tool/linux_${go}/asm`, staticProgram(machineFor(go))]),
    })),
  },
  {
    name: "a cross compiler with the libraries of its target",
    image: on(debian, (machine) => ({
      "usr/bin/riscv64-linux-gnu-gcc": program(machine),
      "usr/riscv64-linux-gnu/lib/libc.so.6": library(machineOf("linux/riscv64"), "libc.so.6"),
      "usr/riscv64-linux-gnu/lib/ld-linux-riscv64-lp64d.so.1": library(machineOf("linux/riscv64"), "ld.so"),
    })),
  },
  {
    name: "QEMU's firmware and boot files",
    image: on(debian, () => ({
      "usr/share/qemu/edk2-aarch64-code.fd": "firmware",
      "usr/lib/grub/x86_64-efi/kernel.img": { elf: { machine: "amd64", type: "object" } },
    })),
  },
  {
    name: "a jar with code for several platforms",
    image: {
      verify: { archives: true },
      ...on(debian, () => ({
        "app.jar": {
          zip: {
            "META-INF/MANIFEST.MF": "Manifest-Version: 1.0\n",
            "native/linux-x86_64/libnetty.so": library(amd64, "libnetty.so"),
            "native/linux-aarch_64/libnetty.so": library(arm64, "libnetty.so"),
          },
        },
      })),
    },
  },
  {
    name: "Windows beside Linux",
    image: {
      ...cleanImage(),
      platforms: {
        ...cleanImage().platforms,
        "windows/amd64": {
          entry: { platform: { os: "windows", architecture: "amd64", "os.version": "10.0.20348.2113" } },
          image: { "os.version": "10.0.20348.2113" },
          config: { Entrypoint: ["C:\\app\\app.exe"], Labels: cleanPlatform("linux/amd64").config?.Labels },
          annotations: { [SOURCE]: "https://example.com/org/app" },
          layers: [{ createdBy: "COPY app.exe C:/app/", files: { "Files/app/app.exe": { pe: { machine: "amd64" } } } }],
        },
      },
    },
  },
  {
    name: "386 and amd64 libraries side by side",
    image: on(debian, () => ({ "usr/lib/i386-linux-gnu/libc.so.6": library(machineOf("linux/386"), "libc.so.6") }), {}, ["linux/amd64"]),
  },
  { name: "a base without anything above it", image: { ...baseImage(TWO, debian), annotations: { [SOURCE]: "https://example.com/org/base" } } },
  {
    name: "files that a later layer takes away",
    image: changed((platform) => ({
      ...platform,
      layers: [
        ...(platform.layers ?? []).slice(0, 1),
        { createdBy: "COPY build / # buildkit", files: { "usr/local/bin/old": staticProgram(machineOf("linux/s390x")) } },
        { createdBy: "RUN rm old", files: { "usr/local/bin/old": { whiteout: true } } },
        ...(platform.layers ?? []).slice(1),
      ],
    })),
  },
];

function machineFor(go: string): Machine {
  return MACHINES.find((one) => one.go === go) ?? amd64;
}
