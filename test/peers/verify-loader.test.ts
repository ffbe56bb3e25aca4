// Needs: root (chroot), gcc, QEMU for seven architectures, and a way to Debian's mirror (once: scripts/peers/debian-roots.sh)
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadOf } from "../../src/verify/loader/load.ts";
import { PEERS } from "../compare/places.ts";
import { bringDebian, debianRoot, eachOf } from "./debian.ts";
import { dynamicFiles, imageOfTars, loaderOf, ourList, realList } from "./loader-root.ts";
import { Compiler, MadeRoot } from "./made-libraries.ts";
import { peerSuite } from "./peer-suite.ts";

const ARCHES = ["amd64", "arm64", "armhf", "i386", "riscv64", "s390x", "ppc64el"];
/** Of an architecture's files each so-manieth is tried. */
const SHARE = { native: 3, emulated: 10 };

/** What ldconfig of a root makes of it, as a layer: by itself, under emulation where need be. The emulator stays in the root's /tmp. */
function cacheLayer(arch: string): string {
  const root = debianRoot(arch);
  const { qemu } = loaderOf[arch] as (typeof loaderOf)[string];
  if (qemu !== undefined) copyFileSync(`/usr/bin/qemu-${qemu}-static`, join(root, "tmp/qemu"));
  execFileSync("chroot", [root, ...(qemu === undefined ? [] : ["/tmp/qemu"]), "/usr/sbin/ldconfig"], { stdio: "pipe" });
  execFileSync("tar", ["-C", root, "-cf", `${root}.cache.tar`, "etc/ld.so.cache"]);
  return `${root}.cache.tar`;
}

peerSuite("the loader of Linux, as it is", ["qemu", "gcc"], () => {
  const compiler = new Compiler();
  beforeAll(bringDebian, 600_000);
  afterAll(() => compiler.remove());

  test.each(ARCHES)("%s: programs and libraries of Debian's packages find what they really find", async (arch) => {
    const { platform, qemu } = loaderOf[arch] as (typeof loaderOf)[string];
    const image = await imageOfTars([`${debianRoot(arch)}.tar`, cacheLayer(arch)], platform);
    // Some 250 converters of characters need libc alone.
    const all = dynamicFiles(image).filter((path) => !path.includes("/gconv/") || path.endsWith("/UTF-16.so"));
    const tried = eachOf(all, qemu === undefined ? SHARE.native : SHARE.emulated);
    let libraries = 0;
    for (const path of tried) {
      const real = realList(debianRoot(arch), arch, path);
      libraries += real.libraries.length;
      const load = loadOf(image, path);
      expect.soft({ path, ...(load === undefined ? {} : ourList(load)) }).toEqual({ path, ...real });
    }
    expect([all.length > 200, libraries > tried.length]).toEqual([true, true]);
    process.stdout.write(`${arch}: ${tried.length} of ${all.length} files, ${libraries} libraries\n`);
  });

  test("programs of Debian 13 miss the same versions on Debian 12", () =>
    withRoot(compiler, async (made) => {
      const parts = ["./bin", "./sbin", "./lib", "./lib64", "./etc", "./usr/lib64", "./usr/bin/env", "./usr/lib/x86_64-linux-gnu"];
      execFileSync("tar", ["-C", made.root, "-xf", join(PEERS, "bases/debian-amd64.tar"), ...parts], { stdio: "pipe" });
      execFileSync("cp", ["-r", join(debianRoot("amd64"), "usr/bin"), `${made.root}/new`]);
      const image = await imageOfTars([made.tar()], { os: "linux", architecture: "amd64" });
      const programs = eachOf(
        dynamicFiles(image).filter((path) => path.startsWith("/new/")),
        2,
      );
      let versions = 0;
      for (const path of programs) {
        const real = realList(made.root, "amd64", path);
        versions += real.versions.length;
        const load = loadOf(image, path);
        expect.soft({ path, ...(load === undefined ? {} : ourList(load)) }).toEqual({ path, ...real });
      }
      expect([programs.length > 40, versions > 20]).toEqual([true, true]);
      process.stdout.write(`Debian 13 on 12: ${programs.length} programs, ${versions} missing versions\n`);
    }));

  test.each(glibcCases().map((one) => [one.name, one] as const))("glibc: %s", (_, { lay, env, program }) =>
    withRoot(compiler, async (made) => {
      const from = debianRoot("amd64");
      made.copy("lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", join(from, "lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"));
      made.copy("lib/x86_64-linux-gnu/libc.so.6", join(from, "lib/x86_64-linux-gnu/libc.so.6"));
      made.link("lib64/ld-linux-x86-64.so.2", "../lib/x86_64-linux-gnu/ld-linux-x86-64.so.2");
      made.copy("usr/bin/env", join(from, "usr/bin/env"));
      made.copy("sbin/ldconfig", join(from, "sbin/ldconfig"));
      lay(made, () => execFileSync("chroot", [made.root, "/sbin/ldconfig"], { stdio: "pipe" }));
      const image = await imageOfTars(
        [made.tar()],
        { os: "linux", architecture: "amd64", variant: levelHere() },
        { Env: Object.entries(env).map(([name, value]) => `${name}=${value}`) },
      );
      const load = loadOf(image, program);
      const real = realList(made.root, "amd64", program, env);
      const ours = load === undefined ? undefined : ourList(load);
      // Once it gives up, the real one lists nothing.
      if (real.error === undefined) expect(ours).toEqual(real);
      else expect(ours?.error).toEqual(real.error);
      expect(load?.whole).toBe(true);
    }),
  );

  test.each(muslCases().map((one) => [one.name, one] as const))("musl: %s", (_, { lay, env, program }) =>
    withRoot(compiler, async (made) => {
      const from = debianRoot("amd64");
      made.copy("lib/ld-musl-x86_64.so.1", join(from, "usr/lib/x86_64-linux-musl/libc.so"));
      made.copy("lib64/ld-linux-x86-64.so.2", join(from, "lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"));
      made.copy("lib/x86_64-linux-gnu/libc.so.6", join(from, "lib/x86_64-linux-gnu/libc.so.6"));
      made.copy("usr/bin/env", join(from, "usr/bin/env"));
      lay(made, () => undefined);
      const image = await imageOfTars(
        [made.tar()],
        { os: "linux", architecture: "amd64" },
        { Env: Object.entries(env).map(([name, value]) => `${name}=${value}`) },
      );
      const load = loadOf(image, program);
      expect(load?.libc).toBe("musl");
      expect(load === undefined ? undefined : ourList(load).libraries).toEqual(realList(made.root, "musl", program, env).libraries);
    }),
  );
});

async function withRoot(compiler: Compiler, body: (made: MadeRoot) => Promise<void>): Promise<void> {
  const made = new MadeRoot(compiler);
  try {
    await body(made);
  } finally {
    made.remove();
  }
}

/** The level of x86-64 that this machine's loader searches for. */
function levelHere(): string {
  const help = spawnSync("/lib64/ld-linux-x86-64.so.2", ["--help"], { encoding: "utf8" }).stdout;
  return /x86-64-(v\d) \(supported, searched\)/.exec(help)?.[1] ?? "";
}

interface MadeCase {
  readonly name: string;
  readonly lay: (made: MadeRoot, ldconfig: () => void) => unknown;
  readonly env: Readonly<Record<string, string>>;
  readonly program: string;
}

function glibcCases(): readonly MadeCase[] {
  const one = (name: string, lay: MadeCase["lay"], env: Readonly<Record<string, string>> = {}, program = "/app/prog"): MadeCase => ({
    name,
    lay,
    env,
    program,
  });
  const prog = (made: MadeRoot, more: object, path = "app/prog"): void => made.make(path, { program: true, needs: ["libfoo.so.1"], ...more });
  const foo = (made: MadeRoot, ...folders: string[]): void => {
    for (const folder of folders) made.make(`${folder}/libfoo.so.1`, { soname: "libfoo.so.1" });
  };
  const foreign = (made: MadeRoot, arch: string, path: string): void => made.copy(path, join(debianRoot(arch), `lib/${TRIPLET[arch]}/libc.so.6`));
  return [
    one("RPATH goes before LD_LIBRARY_PATH", (m) => [prog(m, { rpath: "/a" }), foo(m, "a", "b")], { LD_LIBRARY_PATH: "/b" }),
    one("LD_LIBRARY_PATH goes before RUNPATH", (m) => [prog(m, { runpath: "/a" }), foo(m, "a", "b")], { LD_LIBRARY_PATH: "/b" }),
    one("RUNPATH goes before default folders", (m) => [prog(m, { runpath: "/a" }), foo(m, "a", "usr/lib", "lib")]),
    one("default folders, in order", (m) => [prog(m, {}), foo(m, "usr/lib", "lib", "usr/lib/x86_64-linux-gnu")]),
    one("lib64 is none of Debian's", (m) => [prog(m, {}), foo(m, "lib64", "usr/lib64", "usr/local/lib")]),
    one("RUNPATH is not for the needs of libraries", (m) => {
      prog(m, { runpath: "/a" });
      m.make("a/libfoo.so.1", { soname: "libfoo.so.1", needs: ["libbar.so.1"] });
      m.make("a/libbar.so.1", { soname: "libbar.so.1" });
    }),
    one("RPATH is", (m) => {
      prog(m, { rpath: "/a" });
      m.make("a/libfoo.so.1", { soname: "libfoo.so.1", needs: ["libbar.so.1"] });
      m.make("a/libbar.so.1", { soname: "libbar.so.1" });
    }),
    one("a library with a RUNPATH does not take the program's RPATH", (m) => {
      prog(m, { rpath: "/a" });
      m.make("a/libfoo.so.1", { soname: "libfoo.so.1", needs: ["libbar.so.1"], runpath: "/b" });
      m.make("a/libbar.so.1", { soname: "libbar.so.1" });
    }),
    one("RPATH of the one between goes first", (m) => {
      prog(m, { rpath: "/a" });
      m.make("a/libfoo.so.1", { soname: "libfoo.so.1", needs: ["libbar.so.1"], rpath: "/b" });
      m.make("a/libbar.so.1", { soname: "libbar.so.1", needs: ["libbaz.so.1"] });
      m.make("b/libbar.so.1", { soname: "libbar.so.1", needs: ["libbaz.so.1"] });
      m.make("a/libbaz.so.1", { soname: "libbaz.so.1" });
      m.make("b/libbaz.so.1", { soname: "libbaz.so.1" });
    }),
    one("RPATH of a program that has a RUNPATH library between", (m) => {
      prog(m, { runpath: "/a" });
      m.make("a/libfoo.so.1", { soname: "libfoo.so.1", needs: ["libbar.so.1"], rpath: "$ORIGIN/sub" });
      m.make("a/sub/libbar.so.1", { soname: "libbar.so.1" });
    }),
    one(
      "$ORIGIN and ${ORIGIN}",
      (m) => {
        m.make("app/bin/prog", { program: true, needs: ["libfoo.so.1", "libbar.so.1"], runpath: "$ORIGIN/../lib:${ORIGIN}/../x" });
        foo(m, "app/lib");
        m.make("app/x/libbar.so.1", { soname: "libbar.so.1" });
      },
      {},
      "/app/bin/prog",
    ),
    one("$LIB", (m) => [prog(m, { runpath: "/opt/$LIB:/other/$LIBRARY" }), foo(m, "opt/lib/x86_64-linux-gnu", "opt/lib")]),
    one("$LIB in LD_LIBRARY_PATH", (m) => [prog(m, {}), foo(m, "opt/lib/x86_64-linux-gnu")], { LD_LIBRARY_PATH: "/opt/$LIB" }),
    one("colons, semicolons and slashes at the end", (m) => [prog(m, {}), foo(m, "c")], { LD_LIBRARY_PATH: "/a;/b//:/c//" }),
    one("an empty part of LD_LIBRARY_PATH is the working folder", (m) => [prog(m, {}), foo(m, ".")], { LD_LIBRARY_PATH: ":/x" }),
    one("a relative RUNPATH", (m) => [prog(m, { runpath: "opt/lib" }), foo(m, "opt/lib")]),
    one("the cache", (m, ldconfig) => [prog(m, {}), foo(m, "opt/lib"), m.file("etc/ld.so.conf", "/opt/lib\n"), ldconfig()]),
    one("no cache", (m) => [prog(m, {}), foo(m, "opt/lib"), m.file("etc/ld.so.conf", "/opt/lib\n")]),
    one("the cache goes before default folders", (m, ldconfig) => [
      prog(m, {}),
      foo(m, "opt/lib"),
      m.file("etc/ld.so.conf", "/opt/lib\n"),
      ldconfig(),
      foo(m, "usr/lib"),
    ]),
    one("a cache that tells of what is gone", (m, ldconfig) => {
      prog(m, {});
      foo(m, "opt/lib", "usr/lib");
      m.file("etc/ld.so.conf", "/opt/lib\n");
      ldconfig();
      execFileSync("rm", [join(m.root, "opt/lib/libfoo.so.1")]);
    }),
    one("a cache that is none", (m) => [prog(m, {}), foo(m, "usr/lib"), m.file("etc/ld.so.cache", "glibc-ld.so.cache1.1 and nothing")]),
    one("folders of glibc-hwcaps", (m) => [prog(m, { runpath: "/a" }), foo(m, "a", "a/glibc-hwcaps/x86-64-v2")]),
    one("folders of glibc-hwcaps, in the cache", (m, ldconfig) => [
      prog(m, {}),
      foo(m, "opt/lib", "opt/lib/glibc-hwcaps/x86-64-v2"),
      m.file("etc/ld.so.conf", "/opt/lib\n"),
      ldconfig(),
    ]),
    one("a library for another machine is passed over", (m) => [prog(m, { runpath: "/a:/b" }), foreign(m, "arm64", "a/libfoo.so.1"), foo(m, "b")]),
    one("one of another class, too", (m) => [prog(m, { runpath: "/a:/b" }), foreign(m, "i386", "a/libfoo.so.1"), foo(m, "b")]),
    one("only foreign ones", (m) => [prog(m, { runpath: "/a:/b" }), foreign(m, "armhf", "a/libfoo.so.1"), foreign(m, "riscv64", "b/libfoo.so.1")]),
    one("one of another byte order is passed over, in Debian", (m) => [prog(m, { runpath: "/a:/b" }), foreign(m, "s390x", "a/libfoo.so.1"), foo(m, "b")]),
    one("a text ends it", (m) => [
      prog(m, { runpath: "/a:/b" }),
      m.file("a/libfoo.so.1", "GROUP ( libfoo.so.2 ) and so on, longer than a header of ELF is"),
      foo(m, "b"),
    ]),
    one("an empty file ends it", (m) => [prog(m, { runpath: "/a:/b" }), m.file("a/libfoo.so.1", ""), foo(m, "b")]),
    one("a link that leads nowhere is passed over", (m) => [prog(m, { runpath: "/a:/b" }), m.link("a/libfoo.so.1", "libfoo.so.1.2"), foo(m, "b")]),
    one("links in a circle", (m) => [prog(m, { runpath: "/a" }), m.link("a/libfoo.so.1", "libfoo.so.2"), m.link("a/libfoo.so.2", "libfoo.so.1")]),
    one("a soname that is loaded already", (m) => {
      prog(m, { needs: ["libone.so", "libfoo.so.1"], runpath: "/a" });
      m.make("a/libone.so", { soname: "libfoo.so.1" });
      foo(m, "a");
    }),
    one("one file by two names", (m) => {
      prog(m, { needs: ["libone.so", "libtwo.so"], runpath: "/a" });
      m.make("a/libone.so", {});
      m.link("a/libtwo.so", "libone.so");
    }),
    one("nothing by default", (m, ldconfig) => [prog(m, { noDefaults: true }), foo(m, "usr/lib"), m.file("etc/ld.so.conf", ""), ldconfig()]),
    one("nothing by default, but by the cache", (m, ldconfig) => [
      prog(m, { noDefaults: true }),
      foo(m, "opt/lib"),
      m.file("etc/ld.so.conf", "/opt/lib\n"),
      ldconfig(),
    ]),
    one("a name with a slash", (m) => [
      prog(m, { needs: ["/opt/libfoo.so", "opt/libbar.so", "/opt/libno.so"] }),
      m.make("opt/libfoo.so", {}),
      m.make("opt/libbar.so", {}),
    ]),
    one("a name with $ORIGIN", (m) => [prog(m, { needs: ["$ORIGIN/libfoo.so"] }), m.make("app/libfoo.so", {})]),
    one("who is missed twice", (m) => {
      prog(m, { needs: ["libone.so", "libtwo.so"], runpath: "/a" });
      for (const name of ["libone.so", "libtwo.so"]) m.make(`a/${name}`, { needs: ["libno.so"] });
    }),
    one("a version that is missing", (m) => {
      prog(m, {
        runpath: "/a",
        wants: [
          { library: "libfoo.so.1", version: "FOO_1" },
          { library: "libfoo.so.1", version: "FOO_2" },
        ],
      });
      m.make("a/libfoo.so.1", { soname: "libfoo.so.1", defines: ["FOO_1"] });
    }),
    one("versions of a library without any", (m) => {
      prog(m, { runpath: "/a", wants: [{ library: "libfoo.so.1", version: "FOO_2" }] });
      foo(m, "a");
    }),
    one("a version that is weak", (m) => {
      prog(m, { runpath: "/a", wants: [{ library: "libfoo.so.1", version: "FOO_2", weak: true }] });
      m.make("a/libfoo.so.1", { soname: "libfoo.so.1", defines: ["FOO_1"] });
    }),
    one("a version that a library misses", (m) => {
      prog(m, { runpath: "/a" });
      m.make("a/libfoo.so.1", { soname: "libfoo.so.1", needs: ["libbar.so.1"], runpath: "/a", wants: [{ library: "libbar.so.1", version: "BAR_3.10" }] });
      m.make("a/libbar.so.1", { soname: "libbar.so.1", defines: ["BAR_3.9"] });
    }),
    one(
      "LD_PRELOAD by name and by path",
      (m) => [prog(m, { runpath: "/a" }), foo(m, "a"), m.make("a/libpre.so", {}), m.make("opt/pre.so", { needs: ["libpre.so"], runpath: "/a" })],
      {
        LD_PRELOAD: "/opt/pre.so:libpre.so",
      },
    ),
    one("LD_PRELOAD of what is not there", (m) => [prog(m, { runpath: "/a" }), foo(m, "a")], { LD_PRELOAD: "/opt/pre.so libno.so" }),
    one("/etc/ld.so.preload", (m) => [
      prog(m, { runpath: "/a" }),
      foo(m, "a"),
      m.make("opt/pre.so", {}),
      m.file("etc/ld.so.preload", "# our own\n/opt/pre.so # again\n"),
    ]),
    one("LD_PRELOAD takes the place of what is needed", (m) => [prog(m, { runpath: "/a" }), foo(m, "a"), m.make("opt/pre.so", { soname: "libfoo.so.1" })], {
      LD_PRELOAD: "/opt/pre.so",
    }),
    one("a library that needs the loader", (m) => [prog(m, { needs: ["libfoo.so.1", "ld-linux-x86-64.so.2"], runpath: "/a" }), foo(m, "a")]),
  ];
}

const TRIPLET: Readonly<Record<string, string>> = {
  arm64: "aarch64-linux-gnu",
  armhf: "arm-linux-gnueabihf",
  i386: "i386-linux-gnu",
  riscv64: "riscv64-linux-gnu",
  s390x: "s390x-linux-gnu",
};

function muslCases(): readonly MadeCase[] {
  const one = (name: string, lay: (made: MadeRoot) => unknown, env: Readonly<Record<string, string>> = {}): MadeCase => ({
    name,
    lay,
    env,
    program: "/app/prog",
  });
  const prog = (made: MadeRoot, more: object): void =>
    made.make("app/prog", { program: true, loader: "/lib/ld-musl-x86_64.so.1", needs: ["libfoo.so.1"], ...more });
  const foo = (made: MadeRoot, ...folders: string[]): void => {
    for (const folder of folders) made.make(`${folder}/libfoo.so.1`, { soname: "libfoo.so.1" });
  };
  return [
    one("LD_LIBRARY_PATH goes before RPATH", (m) => [prog(m, { rpath: "/a" }), foo(m, "a", "b")], { LD_LIBRARY_PATH: "/b" }),
    one("RUNPATH is inherited", (m) => {
      prog(m, { runpath: "/a" });
      m.make("a/libfoo.so.1", { soname: "libfoo.so.1", needs: ["libbar.so.1"], runpath: "/b" });
      m.make("a/libbar.so.1", { soname: "libbar.so.1" });
    }),
    one("$ORIGIN", (m) => [prog(m, { runpath: "$ORIGIN/lib" }), foo(m, "app/lib")]),
    one("another token spoils the path", (m) => [prog(m, { runpath: "/a:/opt/$LIB" }), foo(m, "a")]),
    one("default folders, in order", (m) => [prog(m, {}), foo(m, "usr/lib", "usr/local/lib")]),
    one("folders of the path file", (m) => [
      prog(m, { needs: ["libfoo.so.1", "libbar.so.1"] }),
      foo(m, "a"),
      m.make("b/libbar.so.1", {}),
      m.file("etc/ld-musl-x86_64.path", "/a:/c\n/b\n"),
    ]),
    one("default folders do not count with a path file", (m) => [prog(m, {}), foo(m, "usr/lib"), m.file("etc/ld-musl-x86_64.path", "/a\n")]),
    one("the libc's own names", (m) => prog(m, { needs: ["libc.so", "libpthread.so.0", "libm.so.6", "libdl.so.2", "libmy.so"] })),
    one("missing", (m) => [prog(m, { needs: ["libno.so", "libfoo.so.1"] }), foo(m, "lib")]),
    one("a soname does not count", (m) => {
      prog(m, { needs: ["libone.so", "libfoo.so.1"], runpath: "/a" });
      m.make("a/libone.so", { soname: "libfoo.so.1" });
      foo(m, "a");
    }),
    one("one file by two names", (m) => [
      prog(m, { needs: ["libone.so", "libtwo.so"], runpath: "/a" }),
      m.make("a/libone.so", {}),
      m.link("a/libtwo.so", "libone.so"),
    ]),
    one("a name with a slash", (m) => [prog(m, { needs: ["/opt/libfoo.so"] }), m.make("opt/libfoo.so", {})]),
  ];
}
