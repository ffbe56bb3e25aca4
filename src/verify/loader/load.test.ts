import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ldCacheFile } from "../../../test/harness/ld-cache-file.ts";
import type { MadeFile } from "../../../test/harness/made-image.ts";
import { readMade } from "../../../test/harness/made-image-subject.ts";
import { type Load, loadOf } from "./load.ts";

type Files = Readonly<Record<string, MadeFile>>;
interface Given {
  readonly platform?: string;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly program?: string;
}

const LD = "/lib64/ld-linux-x86-64.so.2";
const GLIBC: Files = {
  "lib64/ld-linux-x86-64.so.2": { link: "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2" },
  "lib/x86_64-linux-gnu/ld-linux-x86-64.so.2": { elf: { machine: "amd64", soname: "ld-linux-x86-64.so.2" } },
  "lib/x86_64-linux-gnu/libc.so.6": { elf: { machine: "amd64", soname: "libc.so.6", needed: ["ld-linux-x86-64.so.2"], defines: ["GLIBC_2.34"] } },
};
const lib = (soname: string, more: object = {}): MadeFile => ({ elf: { machine: "amd64", soname, ...more } });
const app = (more: object = {}): MadeFile => ({ elf: { machine: "amd64", interpreter: LD, needed: ["libfoo.so.1"], ...more } });
const cache = (entries: Parameters<typeof ldCacheFile>[0]): MadeFile => ({ base64: ldCacheFile(entries).toString("base64") });

async function load(files: Files, { platform = "linux/amd64", config = {}, program = "/app" }: Given = {}): Promise<Load | undefined> {
  const subject = await readMade({ platforms: { [platform]: { config, layers: [{ files }] } } });
  const [image] = subject.images;
  return image === undefined ? undefined : loadOf(image, program);
}

const found = (one: Load | undefined): readonly string[] => (one?.libraries ?? []).map(({ name, path, why }) => `${name} ${path} (${why})`);

describe("where a library of glibc is found", () => {
  const cases: readonly [name: string, files: Files, expected: readonly string[], given?: Given][] = [
    [
      "the cache goes before default folders",
      {
        app: app(),
        "opt/libfoo.so.1": lib("libfoo.so.1"),
        "lib/libfoo.so.1": lib("libfoo.so.1"),
        "etc/ld.so.cache": cache([{ name: "libfoo.so.1", path: "/opt/libfoo.so.1" }]),
      },
      ["libfoo.so.1 /opt/libfoo.so.1 (/etc/ld.so.cache)"],
    ],
    [
      "an entry for another machine does not count",
      { app: app(), "opt/libfoo.so.1": lib("libfoo.so.1"), "etc/ld.so.cache": cache([{ name: "libfoo.so.1", path: "/opt/libfoo.so.1", flags: 3 }]) },
      [],
    ],
    [
      "a level that every machine of the platform has",
      {
        app: app(),
        "a/glibc-hwcaps/x86-64-v3/libfoo.so.1": lib("libfoo.so.1"),
        "a/libfoo.so.1": lib("libfoo.so.1"),
        "etc/ld.so.cache": cache([
          { name: "libfoo.so.1", path: "/a/glibc-hwcaps/x86-64-v3/libfoo.so.1", hwcaps: "x86-64-v3" },
          { name: "libfoo.so.1", path: "/a/libfoo.so.1" },
        ]),
      },
      ["libfoo.so.1 /a/glibc-hwcaps/x86-64-v3/libfoo.so.1 (/etc/ld.so.cache)"],
      { platform: "linux/amd64/v3" },
    ],
    [
      "one that only some have, where there is no other",
      { app: app({ runpath: "/a" }), "a/glibc-hwcaps/x86-64-v3/libfoo.so.1": lib("libfoo.so.1") },
      ["libfoo.so.1 /a/glibc-hwcaps/x86-64-v3/libfoo.so.1 (RUNPATH of /app, for some processors only)"],
    ],
    [
      "a folder that glibc gave up with 2.37",
      { app: app({ runpath: "/a" }), "a/tls/haswell/libfoo.so.1": lib("libfoo.so.1") },
      ["libfoo.so.1 /a/tls/haswell/libfoo.so.1 (RUNPATH of /app, for some processors only)"],
    ],
    [
      "$ORIGIN is where the file lies, not its link",
      { "bin/app": { link: "../opt/app/app" }, "opt/app/app": app({ runpath: "$ORIGIN" }), "opt/app/libfoo.so.1": lib("libfoo.so.1") },
      ["libfoo.so.1 /opt/app/libfoo.so.1 (RUNPATH of /opt/app/app)"],
      { program: "/bin/app" },
    ],
    [
      "LD_LIBRARY_PATH of the config; the last one counts",
      { app: app(), "b/libfoo.so.1": lib("libfoo.so.1") },
      ["libfoo.so.1 /b/libfoo.so.1 (LD_LIBRARY_PATH)"],
      { config: { Env: ["LD_LIBRARY_PATH=/a", "LD_LIBRARY_PATH=/b"] } },
    ],
    [
      "a relative path begins in WORKDIR",
      { app: app({ runpath: "lib" }), "srv/lib/libfoo.so.1": lib("libfoo.so.1") },
      ["libfoo.so.1 /srv/lib/libfoo.so.1 (RUNPATH of /app)"],
      { config: { WorkingDir: "/srv/" } },
    ],
    [
      "both tags: RPATH does not count",
      { app: app({ rpath: "/a", runpath: "/b" }), "a/libfoo.so.1": lib("libfoo.so.1"), "b/libfoo.so.1": lib("libfoo.so.1") },
      ["libfoo.so.1 /b/libfoo.so.1 (RUNPATH of /app)"],
    ],
    ["what the kernel maps is not looked for", { app: app({ needed: ["linux-vdso.so.1"] }) }, []],
  ];
  test.each(cases)("%s", async (_, files, expected, given) => {
    expect(found(await load({ ...GLIBC, ...files }, given))).toEqual(expected);
  });
});

test("a hard link is the same file: it is loaded once", async () => {
  const one = await load({
    ...GLIBC,
    app: app({ needed: ["libone.so", "libtwo.so"] }),
    "lib/libone.so": lib("libone.so"),
    "lib/libtwo.so": { hardlink: "lib/libone.so" },
  });
  expect([found(one), one?.missing]).toEqual([["libone.so /lib/libone.so (a default folder)"], []]);
});

describe("what is not whole", () => {
  const cases: readonly [name: string, files: Files, whole: boolean, given?: Given][] = [
    ["a loader of Debian", { ...GLIBC, app: app() }, true],
    [
      "a loader in a folder of its own, with its libc",
      {
        "lib64/ld-linux-x86-64.so.2": { link: "/opt/glibc/lib/ld.so" },
        "opt/glibc/lib/ld.so": lib("ld-linux-x86-64.so.2"),
        "opt/glibc/lib/libc.so.6": lib("libc.so.6"),
        app: app(),
      },
      false,
    ],
    [
      "$PLATFORM where it depends on the processor",
      {
        "lib/ld-linux-armhf.so.3": { elf: { machine: "arm", soname: "ld-linux-armhf.so.3" } },
        app: { elf: { machine: "arm", interpreter: "/lib/ld-linux-armhf.so.3", needed: ["libfoo.so.1"], runpath: "/opt/$PLATFORM" } },
      },
      false,
      { platform: "linux/arm/v7" },
    ],
    [
      "a program of glibc on musl",
      { "lib64/ld-linux-x86-64.so.2": { link: "/lib/ld-musl-x86_64.so.1" }, "lib/ld-musl-x86_64.so.1": lib("libc.musl-x86_64.so.1"), app: app() },
      false,
    ],
    ["a cache that was too large to keep", { ...GLIBC, app: app(), "etc/ld.so.cache": { size: 17 * 1024 * 1024 } }, false],
  ];
  test.each(cases)("%s", async (_, files, whole, given) => {
    expect((await load(files, given))?.whole).toBe(whole);
  });
});

describe("whose loader", () => {
  const cases: readonly [name: string, files: Files, libc: string | undefined, madeFor?: string][] = [
    ["glibc", { ...GLIBC, app: app() }, "glibc"],
    [
      "musl under glibc's name",
      { "lib64/ld-linux-x86-64.so.2": { link: "/lib/libc.musl-x86_64.so.1" }, "lib/libc.musl-x86_64.so.1": lib("libc.musl-x86_64.so.1"), app: app() },
      "musl",
      "glibc",
    ],
    ["gcompat, which has no soname", { "lib64/ld-linux-x86-64.so.2": { elf: { machine: "amd64", dynamic: true } }, app: app() }, "unknown", "glibc"],
    ["Android's", { app: app({ interpreter: "/system/bin/linker64" }) }, "bionic"],
    ["a static program has none", { app: { elf: { machine: "amd64" } } }, undefined],
    ["a text has none", { app: "#!/bin/sh\n" }, undefined],
  ];
  test.each(cases)("%s", async (_, files, libc, madeFor = libc) => {
    const one = await load(files);
    expect([one?.libc, one?.madeFor]).toEqual([libc, madeFor]);
  });
});

test("libraries that need each other, and links in a circle, come to an end", async () => {
  const one = await load({
    ...GLIBC,
    app: app({ needed: ["liba.so", "libz.so"] }),
    "lib/liba.so": lib("liba.so", { needed: ["libb.so"] }),
    "lib/libb.so": lib("libb.so", { needed: ["liba.so", "libb.so"] }),
    "lib/libz.so": { link: "libz.so" },
  });
  expect([found(one).length, one?.missing.map(({ name }) => name)]).toEqual([2, ["libz.so"]]);
});

test("includes of /etc/ld.so.conf: stars, relative ones, circles, comments", async () => {
  const one = await load({
    ...GLIBC,
    "etc/ld.so.conf": "# ours\ninclude ld.so.conf.d/*.conf /etc/none.conf\n",
    "etc/ld.so.conf.d/a.conf": "/opt/a/   \ninclude /etc/ld.so.conf\n",
    "etc/ld.so.conf.d/b.txt": "/opt/b\n",
    "opt/a/libfoo.so.1": lib("libfoo.so.1"),
    "opt/b/libbar.so.1": lib("libbar.so.1"),
    app: app({ needed: ["libfoo.so.1", "libbar.so.1"] }),
  });
  expect(one?.missing.map(({ name, uncached }) => [name, uncached?.path])).toEqual([
    ["libfoo.so.1", "/opt/a/libfoo.so.1"],
    ["libbar.so.1", undefined],
  ]);
});

test("any names and paths in a program give an answer", async () => {
  const word = fc.string({ unit: fc.constantFrom("a", "/", ".", "$", "{", "}", ":", ";", "ORIGIN", "LIB", "lib", "..", " ", "\n"), maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        word.filter((text) => text !== ""),
        { maxLength: 4 },
      ),
      word,
      word,
      word,
      async (needed, rpath, runpath, path) => {
        const one = await load({ ...GLIBC, app: app({ needed, rpath, runpath }) }, { config: { Env: [`LD_LIBRARY_PATH=${path}`, `LD_PRELOAD=${path}`] } });
        const distinct = new Set(needed);
        expect((one?.missing.length ?? 0) + (one?.libraries.length ?? 0)).toBeLessThanOrEqual(distinct.size + (one?.missingPreloads.length ?? 0) + 3);
      },
    ),
    { numRuns: 60 },
  );
});
