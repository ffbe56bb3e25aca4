import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { MadeFile, MadeImage } from "../../../../test/harness/made-image-spec.ts";
import { readMade } from "../../../../test/harness/made-image-subject.ts";
import { checkImage } from "../../check.ts";
import type { ImageRule } from "../../rule.ts";

// What differs between seven platforms of sound images, as distributions, compilers and languages make them: no rule may have a word to say.

interface Machine {
  readonly platform: string;
  readonly debian: string;
  readonly tuple: string;
  readonly uname: string;
  readonly node: string;
  readonly loader: string;
  readonly rebuilt: string;
}

const MACHINES: readonly Machine[] = [
  { platform: "linux/amd64", debian: "amd64", tuple: "x86_64-linux-gnu", uname: "x86_64", node: "x64", loader: "lib64/ld-linux-x86-64.so.2", rebuilt: "+b9" },
  {
    platform: "linux/arm64",
    debian: "arm64",
    tuple: "aarch64-linux-gnu",
    uname: "aarch64",
    node: "arm64",
    loader: "lib/ld-linux-aarch64.so.1",
    rebuilt: "+b9",
  },
  { platform: "linux/arm/v7", debian: "armhf", tuple: "arm-linux-gnueabihf", uname: "armv7l", node: "arm", loader: "lib/ld-linux-armhf.so.3", rebuilt: "+b7" },
  { platform: "linux/386", debian: "i386", tuple: "i386-linux-gnu", uname: "i686", node: "ia32", loader: "lib/ld-linux.so.2", rebuilt: "" },
  { platform: "linux/ppc64le", debian: "ppc64el", tuple: "powerpc64le-linux-gnu", uname: "ppc64le", node: "ppc64", loader: "lib64/ld64.so.2", rebuilt: "+b8" },
  { platform: "linux/s390x", debian: "s390x", tuple: "s390x-linux-gnu", uname: "s390x", node: "s390x", loader: "lib/ld64.so.1", rebuilt: "+b9" },
  {
    platform: "linux/riscv64",
    debian: "riscv64",
    tuple: "riscv64-linux-gnu",
    uname: "riscv64",
    node: "riscv64",
    loader: "lib/ld-linux-riscv64-lp64d.so.1",
    rebuilt: "+b12",
  },
];

type Files = Readonly<Record<string, MadeFile>>;
const program: MadeFile = { text: "program", mode: 0o755 };
const text = (...lines: readonly string[]): string => lines.map((line) => `${line}\n`).join("");
const dpkg = (debian: string, packages: Readonly<Record<string, string>>): string =>
  Object.entries(packages)
    .map(([name, version]) => text(`Package: ${name}`, "Status: install ok installed", `Architecture: ${debian}`, `Version: ${version}`, ""))
    .join("");

function debian({ debian: name, tuple, loader, rebuilt, platform }: Machine): Files {
  const own = { amd64: ["libquadmath0", "intel-microcode"], i386: ["libquadmath0"], arm64: ["libhwasan0"], ppc64el: ["libquadmath0"] }[name] ?? [];
  return {
    "etc/os-release": text("ID=debian", 'VERSION_ID="13"'),
    "var/lib/dpkg/status": dpkg(name, {
      "base-files": "13",
      bash: `5.2.37-2${rebuilt}`,
      [`gcc-${tuple.replace("_", "-")}`]: "14.2.0-19",
      ...Object.fromEntries(own.map((one) => [one, "14"])),
    }),
    "var/lib/apt/extended_states": own.map((one) => text(`Package: ${one}`, `Architecture: ${name}`, "Auto-Installed: 1", "")).join(""),
    "usr/bin/bash": program,
    "usr/bin/ping": { text: "program", mode: 0o4755 },
    tmp: { folder: true, mode: 0o1777 },
    [`usr/lib/${tuple}/libc.so.6`]: "library",
    [`usr/lib/${tuple}/gconv/UTF-16.so`]: "library",
    [`usr/lib/gcc/${tuple}/14/cc1`]: program,
    [loader]: program,
    [`var/lib/dpkg/info/libc6:${name}.list`]: "list",
    ...(platform === "linux/amd64" ? { "usr/sbin/iucode-tool": program, lib64: { folder: true } } : {}),
  };
}

const alpine = ({ uname }: Machine): Files => ({
  "etc/os-release": text("ID=alpine", "VERSION_ID=3.22.1"),
  "lib/apk/db/installed": text("P:musl", "V:1.2.5-r10", `A:${uname}`, ""),
  "etc/apk/world": "alpine-baselayout\n",
  "etc/apk/arch": uname,
  "bin/busybox": program,
  [`lib/ld-musl-${uname}.so.1`]: program,
  [`lib/libc.musl-${uname}.so.1`]: { link: `ld-musl-${uname}.so.1` },
});

const LANGUAGES: Readonly<Record<string, (machine: Machine) => Files>> = {
  java: ({ uname, platform }) => ({
    "opt/java/openjdk/bin/java": program,
    ...(platform === "linux/s390x" ? {} : { "opt/java/openjdk/lib/libsaproc.so": "library", "opt/java/openjdk/lib/server/classes.jsa": "archive" }),
    ...(platform === "linux/amd64" ? { "opt/java/openjdk/lib/libjsvml.so": "library" } : {}),
    [`opt/java/openjdk/lib/${uname}/jvm.cfg`]: "config",
  }),
  node: ({ node }) => ({
    "usr/local/bin/node": program,
    [`app/node_modules/@esbuild/linux-${node}/bin/esbuild`]: program,
    [`app/node_modules/@img/sharp-linux-${node}/lib/sharp-linux-${node}.node`]: "library",
    "usr/local/lib/node_modules/npm/.npmrc": "registry=https://registry.npmjs.org/",
  }),
  python: ({ tuple, uname, node }) => ({
    "usr/local/bin/python3": program,
    [`usr/local/lib/python3.13/lib-dynload/_ssl.cpython-313-${tuple}.so`]: "library",
    [`usr/local/lib/python3.13/_sysconfigdata__linux_${tuple}.py`]: "data",
    [`usr/local/lib/python3.13/config-3.13-${tuple}/Makefile`]: "data",
    [`usr/local/lib/python3.13/site-packages/numpy.libs/libgfortran-${node === "x64" ? "91cc3cb1" : "8a9d71bc"}.so.3`]: "library",
    [`usr/local/lib/python3.13/site-packages/a-1.0-py3-none-manylinux_2_17_${uname}.pth`]: "data",
    ...(node === "arm" ? { "usr/local/lib/python3.13/__pycache__/a.cpython-313.pyc": "code", "root/.cache/pip/wheel": "x" } : {}),
  }),
  go: ({ debian: name }) => {
    const arch = { armhf: "arm", i386: "386", ppc64el: "ppc64le" }[name] ?? name;
    return {
      "usr/local/go/bin/go": program,
      [`usr/local/go/pkg/tool/linux_${arch}/asm`]: program,
      [`usr/local/go/pkg/include/asm_${arch}.h`]: "x",
      "go/bin/tool": program,
    };
  },
};

const ENV = ({ debian: name, tuple, platform }: Machine): readonly string[] => [
  "PATH=/usr/local/bin:/usr/bin:/bin",
  `JAVA_HOME=/usr/lib/jvm/java-21-openjdk-${name}`,
  `LD_PRELOAD=/usr/lib/${tuple}/libjemalloc.so.2`,
  `TINI_SHA256=${name.length}${name}`,
  ...(platform === "linux/arm/v7" ? ["GOARM=7"] : []),
];

const image = (base: (machine: Machine) => Files, language: (machine: Machine) => Files): MadeImage => ({
  annotations: { "org.opencontainers.image.source": "https://example.com/app" },
  platforms: Object.fromEntries(
    MACHINES.map((machine, i) => [
      machine.platform,
      {
        created: `2026-01-0${i + 1}T00:00:00Z`,
        config: { Env: ENV(machine), Cmd: ["/app/run"], Labels: { architecture: machine.uname, "org.opencontainers.image.created": `2026-01-0${i + 1}` } },
        entry: { annotations: { "com.docker.official-images.bashbrew.arch": machine.debian } },
        layers: [
          { createdBy: `ADD file:${i}abcdef in /`, files: base(machine) },
          { createdBy: `RUN |1 TARGETARCH=${machine.debian} /bin/sh -c install`, files: language(machine) },
          { createdBy: "COPY app /app", files: { "app/run": program, "app/config.json": "{}" } },
        ],
      },
    ]),
  ),
});

const folders = readdirSync(import.meta.dirname, { withFileTypes: true }).filter((one) => one.isDirectory());
const rules = await Promise.all(folders.map(async ({ name }) => ((await import(`./${name}/rule.ts`)) as { readonly rule: ImageRule }).rule));

describe("nothing is found in sound images of seven platforms", () => {
  for (const [base, files] of Object.entries({ debian, alpine })) {
    test.for(Object.entries(LANGUAGES))(`%s on ${base}`, async ([, language]) => {
      const found = checkImage(await readMade(image(files, language)), rules);
      expect(found.map(({ rule, message }) => `${rule}: ${message}`)).toEqual([]);
    });
  }

  test("and what is really another is", async () => {
    const sound = image(debian, LANGUAGES.java as (machine: Machine) => Files);
    const [first, ...others] = Object.entries(sound.platforms);
    const broken = { ...first?.[1], config: { User: "app" }, layers: first?.[1].layers?.slice(0, 2) ?? [] };
    const found = checkImage(await readMade({ ...sound, platforms: Object.fromEntries([[first?.[0], broken], ...others]) }), rules);
    expect(new Set(found.map(({ rule }) => rule))).toEqual(new Set(["env-differs", "files-missing-on-some", "start-differs", "user-differs"]));
  });
});
