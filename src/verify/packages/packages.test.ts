import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { MadeFile } from "../../../test/harness/made-image-spec.ts";
import { readMade } from "../../../test/harness/made-image-subject.ts";
import { readApkInstalled, readWorld } from "./apk.ts";
import { readAutomatic, readDpkgStatus } from "./dpkg.ts";
import { hasPackages, type PackageList, packagesOf } from "./packages.ts";
import { plainVersion, upstreamOf } from "./versions.ts";

const versions = (list: ReadonlyMap<string, { readonly version: string }> | undefined): Readonly<Record<string, string>> | undefined =>
  list && Object.fromEntries([...list].map(([name, { version }]) => [name, version]));

describe("dpkg's status", () => {
  const cases: Readonly<Record<string, { text: string; found: Readonly<Record<string, string>> }>> = {
    "two packages": {
      text: "Package: a\nStatus: install ok installed\nVersion: 1\n\nPackage: b\nStatus: hold ok installed\nVersion: 2\n",
      found: { a: "1", b: "2" },
    },
    "fields in another order, and lines that go on": { text: "Version: 1\nDescription: x\n Package: no\n .\n more\nPackage: a\n", found: { a: "1" } },
    "one that is removed but for its settings": { text: "Package: a\nStatus: deinstall ok config-files\nVersion: 1\n", found: {} },
    "one that is unpacked only": { text: "Package: a\nStatus: install ok unpacked\nVersion: 1\n", found: {} },
    "one whose triggers wait": { text: "Package: a\nStatus: install ok triggers-pending\nVersion: 1\n", found: { a: "1" } },
    "a file of status.d, without a status": { text: "Package: a\nVersion: 1\n", found: { a: "1" } },
    "two architectures of one": {
      text: "Package: a\nArchitecture: amd64\nVersion: 1\n\nPackage: a\nArchitecture: i386\nVersion: 2\n",
      found: { a: "1", "a:i386": "2" },
    },
    "lines with spaces between": { text: "Package: a\nVersion: 1\n \t\nPackage: b\nVersion: 2", found: { a: "1", b: "2" } },
    "no version": { text: "Package: a\n", found: {} },
    nothing: { text: "", found: {} },
  };
  for (const [name, { text, found }] of Object.entries(cases)) test(name, () => expect(versions(readDpkgStatus(text))).toEqual(found));

  test("what apt installed by itself", () => {
    const text = "Package: a\nArchitecture: amd64\nAuto-Installed: 1\n\nPackage: b\nArchitecture: amd64\nAuto-Installed: 0\n";
    expect([...readAutomatic(text)]).toEqual(["a"]);
  });
});

describe("apk's list", () => {
  test("name, version and architecture; files are passed over", () => {
    const text = "C:Q1=\nP:musl\nV:1.2.5-r10\nA:x86_64\nF:lib\nR:libc.so\n\nP:curl\nV:8.14.1-r1\nA:x86_64\n";
    expect(Object.fromEntries(readApkInstalled(text))).toEqual({
      musl: { version: "1.2.5-r10", architecture: "x86_64" },
      curl: { version: "8.14.1-r1", architecture: "x86_64" },
    });
  });

  test("what was asked for, without versions, repositories and what is forbidden", () => {
    expect([...readWorld("curl\ngit>2.40\nnodejs=22-r0 jq@edge\n!vim\n.build-deps=2026\n")]).toEqual(["curl", "git", "nodejs", "jq", ".build-deps"]);
  });
});

test("readers of lists take any text", () => {
  const word = fc.constantFrom("Package: ", "Version: ", "Status: ", "P:", "V:", "\n", "\n\n", " ", "a", "\0", "installed", "Auto-Installed: 1");
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(word).map((words) => words.join("")),
      ),
      (text) => {
        for (const { version } of [...readDpkgStatus(text).values(), ...readApkInstalled(text).values()]) expect(version).not.toBe("");
        expect(readAutomatic(text).size + readWorld(text).size).toBeGreaterThanOrEqual(0);
      },
    ),
  );
});

describe("versions", () => {
  test.for([
    ["1:2.36-9+deb12u4", "2.36"],
    ["3.1.4-r5", "3.1.4"],
    ["2025b", "2025b"],
    ["5.2.15-2+b9", "5.2.15"],
    ["1.2-3-4", "1.2-3"],
    ["3.0.17+dfsg1-1", "3.0.17"],
    ["0~20250101-1", "0~20250101"],
    ["-1", "-1"],
  ] as const)("the authors' part of %s is %s", ([version, upstream]) => expect(upstreamOf(version)).toBe(upstream));

  test("the same sources built again are the same", () => {
    expect(["1-2+b9", "1-2", "1-2+deb12u1+b1"].map(plainVersion)).toEqual(["1-2", "1-2", "1-2+deb12u1"]);
  });
});

describe("packages of an image", () => {
  const status = (...names: readonly string[]): string => names.map((name) => `Package: ${name}\nStatus: install ok installed\nVersion: 1\n\n`).join("");
  const read = async (...layers: readonly Readonly<Record<string, MadeFile>>[]): Promise<PackageList | undefined> => {
    const { images } = await readMade({ platforms: { "linux/amd64": { layers: layers.map((files) => ({ files })) } } });
    return packagesOf(images[0] as (typeof images)[0]);
  };

  test("the last layer's list counts", async () => {
    const list = await read({ "var/lib/dpkg/status": status("a") }, { "var/lib/dpkg/status": status("a", "b") });
    expect([list?.manager, ...(list?.packages.keys() ?? [])]).toEqual(["dpkg", "a", "b"]);
    expect(list?.asked("a")).toBe(undefined);
  });

  test("distroless images have a file for each", async () => {
    const list = await read(
      { "var/lib/dpkg/status.d/a": "Package: a\nVersion: 1\n", "var/lib/dpkg/status.d/a.md5sums": "x" },
      { "var/lib/dpkg/status.d/b": "Package: b\nVersion: 2\n" },
    );
    expect(versions(list?.packages)).toEqual({ a: "1", b: "2" });
  });

  test("what apt did not install by itself was asked for", async () => {
    const list = await read({ "var/lib/dpkg/status": status("a", "b"), "var/lib/apt/extended_states": "Package: b\nAuto-Installed: 1\n" });
    expect([list?.asked("a"), list?.asked("b"), list?.asked("b:i386")]).toEqual([true, false, false]);
  });

  test.for(["lib/apk/db/installed", "usr/lib/apk/db/installed"])("apk's list at %s", async (place) => {
    const list = await read({ [place]: "P:a\nV:1-r0\nA:x86_64\n\n", "etc/apk/world": "a\n" });
    expect([list?.manager, versions(list?.packages), list?.asked("a"), list?.asked("musl")]).toEqual(["apk", { a: "1-r0" }, true, false]);
  });

  test("a list behind a link is found", async () => {
    const list = await read({ lib: { link: "usr/lib" }, "usr/lib/apk/db/installed": "P:a\nV:1-r0\nA:x86_64\n" });
    expect(versions(list?.packages)).toEqual({ a: "1-r0" });
  });

  test("nothing is said of rpm's database, of no list, of an empty one, of two managers, of links in a circle", async () => {
    expect(await read({ "var/lib/rpm/rpmdb.sqlite": "x" })).toBe(undefined);
    expect(await read({ a: "x" })).toBe(undefined);
    expect(await read({ "var/lib/dpkg/status": "" })).toBe(undefined);
    expect(await read({ "var/lib/dpkg/status": status("a"), "lib/apk/db/installed": "P:a\nV:1\n" })).toBe(undefined);
    expect(await read({ "var/lib/dpkg/status": { link: "status" } })).toBe(undefined);
  });

  test("a layer in which a package manager worked", async () => {
    const layers = [
      { "var/lib/dpkg/status": "x" },
      { "usr/share/rpm/Packages": "x" },
      { "var/lib/dpkg/status.d/a": "x" },
      { "usr/bin/dpkg": "x", "var/lib/dpkg": { folder: true } },
    ];
    const { images } = await readMade({ platforms: { "linux/amd64": { layers: layers.map((files) => ({ files })) } } });
    expect(images[0]?.layers.map(hasPackages)).toEqual([true, true, true, false]);
  });
});
