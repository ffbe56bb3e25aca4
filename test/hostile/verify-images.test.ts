import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { nodeWorld } from "../../src/adapters/node/world.ts";
import { verify } from "../../src/api/verify.ts";
import type { VerifyReport } from "../../src/verify/report.ts";
import { makeImage, writeMadeLayout } from "../harness/made-image.ts";
import { tarOf } from "../harness/made-image-files.ts";
import type { MadeFile, MadeImage, MadeLayer } from "../harness/made-image-spec.ts";
import { temporaryFolder } from "./evil-registry.ts";

/** The whole of `verify`, from the public function down to the disk. */
async function verified(image: MadeImage): Promise<VerifyReport> {
  const folder = temporaryFolder();
  const layout = join(folder, "image");
  writeMadeLayout(await makeImage(image), layout);
  return await verify(`oci:${layout}`, { store: join(folder, "store"), repository: folder, archives: true }, { ...nodeWorld(), cwd: folder });
}

const rulesOf = (report: VerifyReport): string[] => [...new Set(report.findings.map(({ rule }) => rule))].sort();

const app: MadeFile = { elf: { machine: "amd64" } };
const sound: MadeLayer = { files: { app, etc: { folder: true } } };
const entrypoint = { Entrypoint: ["/app"] };
const withLayers = (...layers: readonly MadeLayer[]): MadeImage => ({ platforms: { "linux/amd64": { config: entrypoint, layers: [sound, ...layers] } } });
const withFiles = (files: Readonly<Record<string, MadeFile>>, config: Readonly<Record<string, unknown>> = entrypoint): MadeImage => ({
  platforms: { "linux/amd64": { config, layers: [{ files: { app, ...files } }] } },
});
const raw = (bytes: Uint8Array, more: Partial<MadeLayer> = {}): MadeLayer => ({ raw: { base64: Buffer.from(bytes).toString("base64") }, ...more });
const many = <T>(count: number, make: (i: number) => readonly [string, T]): Readonly<Record<string, T>> =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => make(i)));
const GZIP = { descriptor: { mediaType: "application/vnd.oci.image.layer.v1.tar+gzip" } };

const program = (needed: readonly string[], more: object = {}): MadeFile => ({ elf: { machine: "amd64", interpreter: "/ld", needed, ...more } });
const library = (soname: string, needed: readonly string[] = [], more: object = {}): MadeFile => ({ elf: { machine: "amd64", soname, needed, ...more } });
const list = <T>(count: number, make: (i: number) => T): readonly T[] => Array.from({ length: count }, (_, i) => make(i));
const packed = gzipSync(tarOf({ noise: { noise: 3000 } }));

/** Images, and the rules that tell of them: those of every made image left out. */
type Cases = Readonly<Record<string, readonly [make: () => MadeImage, rules: readonly string[]]>>;

async function told(make: () => MadeImage): Promise<string[]> {
  const report = await verified(make());
  expect(() => JSON.stringify(report)).not.toThrow();
  return rulesOf(report).filter((rule) => rule !== "standard-labels-missing");
}

describe("verify tells of a layer that", () => {
  const cases: Cases = {
    "is sound, in order to compare": [() => withLayers(), []],
    "grows beyond what is accepted": [() => withLayers({ files: { ["n".repeat(4097)]: "" } }), ["unsound-layer"]],
    "is cut short": [() => withLayers(raw(packed.subarray(0, -20), GZIP)), ["unsound-layer"]],
    "has something behind its end": [() => withLayers(raw(Buffer.concat([packed, Buffer.from("junk")]), GZIP)), ["unsound-layer"]],
    "is compressed twice": [() => withLayers(raw(gzipSync(packed), GZIP)), ["unsound-layer"]],
    "is not compressed though it says so": [() => withLayers(raw(tarOf({ a: "" }), GZIP)), ["compression-unlike-media-type"]],
    "has a path that leads out": [() => withFiles({ "../../x": "x" }), ["unsound-layer"]],
    "is larger than it says": [() => withLayers({ files: { a: "x" }, descriptor: { size: 10 } }), ["wrong-size"]],
    "is smaller than it says": [() => withLayers({ files: { a: "x" }, descriptor: { size: 1e15 } }), ["wrong-size"]],
    "is another one": [() => ({ ...withLayers({ files: { a: "x" } }), damage: [{ blob: "linux/amd64 layer 2", flip: 600 }] }), ["wrong-digest"]],
    "unpacks to another one": [() => withLayers({ files: { a: "x" }, diffId: `sha256:${"0".repeat(64)}` }), ["wrong-diff-id"]],
    "is not there": [() => withLayers({ files: { a: "x" }, absent: true }), ["absent-content"]],
    "lies elsewhere": [() => withLayers({ files: { a: "x" }, absent: true, descriptor: { urls: ["https://example.com/layer"] } }), ["foreign-layer"]],
    "has a hard link to nothing": [() => withLayers({ files: { a: { hardlink: "nothing" } } }), ["layers-that-do-not-fit"]],
    "has a whiteout of the root": [() => withLayers({ files: { ".wh..": "" } }), ["layers-that-do-not-fit"]],
  };
  for (const [name, [make, rules]] of Object.entries(cases)) test(name, async () => expect(await told(make)).toEqual(rules));
});

describe("verify comes to an end with", () => {
  const cases: Cases = {
    "a program that is a link to itself": [() => withFiles({ app: { link: "b" }, b: { link: "app" } }), ["start-missing"]],
    "scripts that are run by each other, 300 of them": [
      () =>
        withFiles(
          many(300, (i) => [`s${i}`, { text: `#!/s${i + 1}\n`, mode: 0o755 }]),
          { Entrypoint: ["/s0"] },
        ),
      ["start-script-without-interpreter"],
    ],
    "a program that is its own loader": [() => withFiles({ app: program([], { interpreter: "/app" }) }), []],
    "libraries that need each other": [
      () => withFiles({ app: program(["a"]), ld: library("ld"), "lib/a": library("a", ["b"]), "lib/b": library("b", ["a", "b"]) }),
      [],
    ],
    "a hundred libraries that need each other, each with a hundred folders to look into": [
      () =>
        withFiles({
          app: program(["l0"]),
          ld: library("ld"),
          ...many(100, (i) => [
            `lib/l${i}`,
            library(
              `l${i}`,
              list(100, (n) => `l${n}`),
              { runpath: list(100, (n) => `/d${n}`).join(":") },
            ),
          ]),
        }),
      [],
    ],
    "a PATH of 20,000 folders": [() => withFiles({}, { Entrypoint: ["app"], Env: [`PATH=${list(20_000, (n) => `/d${n}`).join(":")}:/`] }), []],
    "a shell line of nothing but quotes and nesting": [
      () => withFiles({ "bin/sh": app }, { Entrypoint: ["/bin/sh", "-c", `${"$(".repeat(5000)}${"exec ".repeat(5000)}${"'\"`".repeat(3000)}`] }),
      [],
    ],
    "a shell that runs a shell, 3,000 times": [() => withFiles({ "bin/sh": app }, { Entrypoint: ["/bin/sh", "-c", "/bin/sh -c ".repeat(3000)] }), []],
    "a config of 30,000 variables": [() => withFiles({}, { Env: list(30_000, (n) => `E${n}=${n}`) }), ["document-beyond-limits"]],
    "990 layers": [() => withLayers(...list(990, (i) => ({ files: { [`f${i}`]: "x" } }))), ["too-many-layers"]],
    "1,001 layers": [() => withLayers(...list(1000, () => ({ files: { f: "x" } }))), ["document-beyond-limits"]],
    "200 images of one platform": [
      () => ({ platforms: many(200, (i) => [`linux/amd64#${i}`, { config: entrypoint, layers: [sound, { files: { [`f${i}`]: "x" } }] }]) }),
      ["repeated-platform"],
    ],
    "1,000 programs of other machines": [
      () => withFiles(many(1000, (i) => [`f${i}`, { elf: { machine: i % 2 === 0 ? "arm64" : "riscv64", text: 0 } }])),
      ["foreign-binary"],
    ],
    "folders in folders, 2,000 deep, and links through them": [
      () => withFiles({ [`${"d/".repeat(2000)}x`]: app, e: { link: "d/".repeat(1000) }, "lib/l.so": { link: `/e/${"d/".repeat(1000)}x` } }),
      [],
    ],
    "names that are no text": [
      () => withFiles({ "a\u001b[31m\n": "x", "\udcff": app, "usr/lib/\udcfe.so": { elf: { machine: "arm64" } } }),
      ["foreign-binary"],
    ],
    "lists of packages, users and libraries that are none": [
      () =>
        withFiles({
          "var/lib/dpkg/status": "Package: x\nStatus: install ok installed\nVersion: 1\n\n".repeat(5000),
          "lib/apk/db/installed": "P:x\nV:1\n\n".repeat(5000),
          "etc/os-release": "ID=\u0000\n".repeat(5000),
          "etc/ld.so.conf": "include /etc/ld.so.conf\ninclude /etc/*\n".repeat(1000),
          "etc/ld.so.cache": { noise: 5000 },
          "etc/passwd": ":::".repeat(5000),
        }),
      [],
    ],
  };
  for (const [name, [make, rules]] of Object.entries(cases)) test(name, async () => expect(await told(make)).toEqual(rules));
});
