import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { cachePlaces, memoryRegistry } from "../../../../../test/harness/cache-places.ts";
import { type Digest, digestOf, hexOf } from "../../../../core/digest.ts";
import { MEDIA_TYPE } from "../../../../core/media-type.ts";
import { parsePlatform } from "../../../../core/platform.ts";
import { encodeConfig, encodeManifest } from "../../../../image/encode.ts";
import type { LayerEntry } from "../../../../image/entry.ts";
import { TAR_END, tarHeader, tarPad } from "../../../../image/tar/writer.ts";
import { PROBE_STATUS, probeFor } from "../probe.ts";
import { EMULATOR_BYTES } from "./drafts.ts";
import { findEmulators } from "./find.ts";
import { keptEmulators } from "./kept.ts";
import { type ObtainPorts, obtainEmulators, parseEmulatorSpec } from "./obtain.ts";
import { placeEmulators } from "./place.ts";

/** A static program for this machine, whose word in these tests is amd64: as good as QEMU for all that is looked at. */
const STATIC = Buffer.from(probeFor(parsePlatform("linux/amd64")) as Uint8Array);
const OTHER_MACHINE = Buffer.from(probeFor(parsePlatform("linux/s390x")) as Uint8Array);
function edited(edit: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.from(STATIC);
  edit(bytes);
  return bytes;
}
/** The same with a segment that names a loader. */
const DYNAMIC = edited((bytes) => bytes.writeUInt32LE(3, 64));
const TEXT = Buffer.from("#!/bin/sh\n");

let cwd: string;
let folder: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "emulators-"));
  folder = join(cwd, "store/sandbox/emulators");
});
afterEach(() => rmSync(cwd, { recursive: true }));

const noClient: ObtainPorts["client"] = {
  manifest: () => expect.unreachable("a registry was asked"),
  blobs: () => expect.unreachable("a registry was asked"),
};
function ports(more: Partial<ObtainPorts> = {}): ObtainPorts {
  return { folder, cwd, env: { PATH: "" }, machine: parsePlatform("linux/amd64"), client: noClient, nowMs: () => 1_700_000_000_000, ...more };
}
/** `architecture source` of what was obtained. */
const obtained = async (specs: readonly string[], more: Partial<ObtainPorts> = {}): Promise<string[]> =>
  (await obtainEmulators(specs, ports(more))).map(({ architecture, path }) => `${architecture} ${readFileSync(path).equals(STATIC) ? "sound" : "other"}`);

type File = Buffer | Partial<LayerEntry>;
/** An archive with these files; an entry in full where something is unusual about it. */
function tarOf(files: Readonly<Record<string, File>>): Buffer {
  const parts = Object.entries(files).map(([path, file]) => {
    const content = Buffer.isBuffer(file) ? file : Buffer.alloc(0);
    const entry: LayerEntry = { path, type: "file", mode: 0o755, uid: 0, gid: 0, mtime: 0, size: content.length, ...(Buffer.isBuffer(file) ? {} : file) };
    return Buffer.concat([tarHeader(entry), content, tarPad(content.length)]);
  });
  return Buffer.concat([...parts, TAR_END]);
}
const nothingLeft = (): void => expect(existsSync(folder) ? readdirSync(folder) : []).toEqual([]);

describe("a value of --emulator", () => {
  const digest = `sha256:${"a".repeat(64)}`;
  beforeEach(() => {
    mkdirSync(join(cwd, "qemu"));
    writeFileSync(join(cwd, "qemu-arm"), STATIC);
    writeFileSync(join(cwd, "x.deb"), "");
    mkdirSync(join(cwd, "debian"));
  });
  test("says what is meant", () => {
    expect(parseEmulatorSpec("debian", cwd)).toEqual({ kind: "distribution" });
    expect(parseEmulatorSpec("./debian", cwd)).toEqual({ kind: "files", path: join(cwd, "debian") });
    expect(parseEmulatorSpec("qemu", cwd)).toEqual({ kind: "files", path: join(cwd, "qemu") });
    expect(parseEmulatorSpec("qemu-arm", cwd)).toEqual({ kind: "files", path: join(cwd, "qemu-arm") });
    expect(parseEmulatorSpec("x.deb", cwd)).toEqual({ kind: "deb", path: join(cwd, "x.deb") });
    for (const text of [`image:qemu@${digest}`, `image:docker.io/library/qemu@${digest}`, `docker.io/library/qemu@${digest}`]) {
      expect(parseEmulatorSpec(text, cwd), text).toEqual({ kind: "image", reference: { registry: "docker.io", repository: "library/qemu", digest } });
    }
  });
  test.each([
    ["a tag, which may change", "tonistiigi/binfmt:latest", /no digest/],
    ["an image without either", "image:tonistiigi/binfmt", /no digest/],
    ["a path that is not there", "/nowhere/qemu-arm", /neither a file that exists nor an image/],
    ["nothing", "", /neither a file that exists nor an image/],
    ["half a digest", "a/b@sha256:abc", /neither a file that exists nor an image/],
  ])("is refused when it is %s", (_name, text, message) => {
    expect(() => parseEmulatorSpec(text, cwd)).toThrow(
      expect.objectContaining({ code: "usage", message: expect.stringMatching(message), hint: expect.stringContaining("@sha256:") }),
    );
  });
  test("is refused before another one is fetched", async () => {
    await expect(obtained([`image:a/b@${digest}`, "no:digest"])).rejects.toMatchObject({ code: "usage" });
  });
});

describe("emulators of a folder or file", () => {
  function put(files: Readonly<Record<string, Buffer>>): void {
    mkdirSync(join(cwd, "q"), { recursive: true });
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(cwd, "q", name), bytes, { mode: 0o755 });
  }
  test("are kept by what their names say, and nothing else is", async () => {
    put({ "qemu-arm-static": STATIC, "qemu-aarch64": STATIC, "qemu-vax": STATIC, "qemu-x86_64": STATIC, ls: STATIC });
    expect((await obtained(["q"])).sort()).toEqual(["arm sound", "arm64 sound"]);
    expect(readdirSync(folder).filter((name) => name.endsWith(".json"))).toHaveLength(2);
    expect(statSync(join(folder, hexOf(digestOf(STATIC)))).mode & 0o777).toBe(0o755);
  });
  test("of one file alone", async () => {
    put({ "qemu-arm": STATIC });
    expect(await obtained(["q/qemu-arm"])).toEqual(["arm sound"]);
  });
  test("are QEMU's own before BuildKit's", async () => {
    put({ "buildkit-qemu-arm": DYNAMIC, "qemu-arm": STATIC });
    expect(await obtained(["q"])).toEqual(["arm sound"]);
    expect((await obtainEmulators(["q"], ports()))[0]?.source).toBe(`"${join(cwd, "q")}"`);
  });
  test.each([
    ["needs a loader", DYNAMIC, /qemu-arm" needs libraries of the machine/],
    ["is for another machine", OTHER_MACHINE, /made for another machine/],
    ["is a text", TEXT, /is no program/],
    ["is cut short", STATIC.subarray(0, 100), /is a damaged program/],
    ["has a header alone", STATIC.subarray(0, 64), /is a damaged program/],
    ["is empty", Buffer.alloc(0), /is no program/],
    ["is an object file", edited((bytes) => bytes.writeUInt16LE(1, 16)), /part of a program/],
    ["tells segments beyond its end", edited((bytes) => bytes.writeBigUInt64LE(1n << 60n, 32)), /is a damaged program/],
    ["tells 65535 segments", edited((bytes) => bytes.writeUInt16LE(65535, 56)), /is a damaged program/],
  ])("one that %s is refused with the reason, and nothing stays", async (_name, bytes, message) => {
    put({ "qemu-arm": bytes });
    await expect(obtained(["q"])).rejects.toMatchObject({ code: "emulator-missing", message: expect.stringMatching(message) });
    nothingLeft();
  });
  test("without any of a known name", async () => {
    put({ ls: STATIC });
    await expect(obtained(["q"])).rejects.toMatchObject({
      code: "emulator-missing",
      message: expect.stringContaining("no file in it is named qemu-ARCHITECTURE"),
    });
  });
  test("a file that changed is taken anew", async () => {
    put({ "qemu-arm": DYNAMIC });
    await expect(obtained(["q"])).rejects.toThrow();
    put({ "qemu-arm": STATIC });
    expect(await obtained(["q"])).toEqual(["arm sound"]);
  });
});

describe("kept emulators", () => {
  beforeEach(async () => {
    mkdirSync(join(cwd, "q"));
    writeFileSync(join(cwd, "q/qemu-arm"), STATIC);
    await obtainEmulators(["q"], ports());
  });
  const path = (): string => join(folder, hexOf(digestOf(STATIC)));
  test("are found again, with their digest", () => {
    expect(keptEmulators(folder)).toMatchObject([{ architecture: "arm", digest: digestOf(STATIC), path: path() }]);
    expect(findEmulators({ folder, env: {}, machine: "amd64", hostBinfmt: "/nowhere" })).toMatchObject([{ architecture: "arm", path: path() }]);
  });
  test("are used no more when their content is not what it was", () => {
    const changed = Buffer.from(STATIC);
    changed[changed.length - 1] = 0;
    writeFileSync(path(), changed);
    expect(keptEmulators(folder)).toEqual([]);
  });
  test("are used on when only their time is another", () => {
    writeFileSync(path(), STATIC);
    expect(keptEmulators(folder)).toHaveLength(1);
  });
  test.each([
    ["cut short", (text: string) => text.slice(0, 20)],
    ["of an architecture that nobody knows", (text: string) => text.replace('"arm"', '"vax"')],
    ["with a path for a digest", (text: string) => text.replace(/sha256:[0-9a-f]{64}/, "../../../etc/passwd")],
    ["of a file that is gone", (text: string) => text.replace(/sha256:[0-9a-f]{64}/, `sha256:${"0".repeat(64)}`)],
  ])("do not count with a record that is %s", (_name, damage) => {
    const record = join(folder, readdirSync(folder).find((name) => name.endsWith(".json")) as string);
    writeFileSync(record, damage(readFileSync(record, "utf8")));
    expect(keptEmulators(folder)).toEqual([]);
  });
  test("are put into an area under a name that changes with the file", () => {
    const area = join(cwd, "area");
    mkdirSync(area);
    const [first] = keptEmulators(folder);
    if (first === undefined) throw new Error("nothing kept");
    const { arm: placed = "" } = placeEmulators(area, [first]);
    expect(readFileSync(join(area, placed)).equals(STATIC)).toBe(true);
    expect(statSync(join(area, placed)).mode & 0o005).toBe(0o005);
    expect(placeEmulators(area, [first])).toEqual({ arm: placed });
    const { arm: next = "" } = placeEmulators(area, [{ ...first, stamp: "other" }]);
    expect(next).not.toBe(placed);
  });
  test("are left by another build that has others; not many stay", () => {
    const area = join(cwd, "area");
    mkdirSync(area);
    const place = (stamp: string): string => {
      writeFileSync(join(cwd, stamp), STATIC, { mode: 0o755 });
      return placeEmulators(area, [{ architecture: "arm", path: join(cwd, stamp), stamp, source: "test" }]).arm ?? "";
    };
    const [mine, theirs] = [place("mine"), place("theirs")];
    expect(place("mine")).toBe(mine);
    for (const path of [mine, theirs]) expect(existsSync(join(area, path))).toBe(true);
    for (let more = 0; more < 10; more++) place(`more-${more}`);
    expect(readdirSync(join(area, "emulators")).length).toBe(4);
  });
  test("are there for each of two processes that put the same at once", async () => {
    const url = new URL("./place.ts", import.meta.url).href;
    const stamp = new URL("./stamp.ts", import.meta.url).href;
    writeFileSync(join(cwd, "mine"), STATIC, { mode: 0o755 });
    const script = `
      import { closeSync, mkdirSync, openSync } from "node:fs";
      const { placeEmulators } = await import(${JSON.stringify(url)});
      const { stampOf } = await import(${JSON.stringify(stamp)});
      const path = ${JSON.stringify(join(cwd, "mine"))};
      for (let at = 0; at < 300; at++) {
        const area = ${JSON.stringify(join(cwd, "area"))} + at;
        mkdirSync(area, { recursive: true });
        const { arm } = placeEmulators(area, [{ architecture: "arm", path, stamp: stampOf(path), source: "test" }]);
        closeSync(openSync(area + "/" + arm, "r"));
      }`;
    const run = async (): Promise<unknown[]> =>
      await once(spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], { stdio: "inherit" }), "close");
    expect(await Promise.all([run(), run()])).toEqual([
      [0, null],
      [0, null],
    ]);
  });
  test("that others may not start are copied into the area, with the right to", () => {
    const area = join(cwd, "area");
    mkdirSync(area);
    writeFileSync(join(cwd, "mine"), STATIC, { mode: 0o700 });
    const { arm = "" } = placeEmulators(area, [{ architecture: "arm", path: join(cwd, "mine"), stamp: "1", source: "test" }]);
    expect(statSync(join(area, arm)).mode & 0o777).toBe(0o755);
    expect(statSync(join(cwd, "mine")).mode & 0o777).toBe(0o700);
  });
});

describe("emulators on PATH", () => {
  const find = (path: string): string[] =>
    findEmulators({ folder, env: { PATH: path }, machine: "amd64", hostBinfmt: "/nowhere" }).map(({ architecture, path: at }) => `${architecture} ${at}`);
  beforeEach(() => {
    for (const name of ["a", "b"]) mkdirSync(join(cwd, name));
  });
  test("are the static ones, in the order of its folders", () => {
    writeFileSync(join(cwd, "a/qemu-arm"), DYNAMIC, { mode: 0o755 });
    writeFileSync(join(cwd, "b/qemu-arm"), STATIC, { mode: 0o755 });
    writeFileSync(join(cwd, "b/qemu-s390x-static"), STATIC, { mode: 0o755 });
    expect(find(`${cwd}/a:${cwd}/b`)).toEqual([`arm ${cwd}/b/qemu-arm`, `s390x ${cwd}/b/qemu-s390x-static`]);
  });
  test.each([
    ["a folder of that name", () => mkdirSync(join(cwd, "a/qemu-arm"))],
    ["one without the right to start it", () => writeFileSync(join(cwd, "a/qemu-arm"), TEXT, { mode: 0o644 })],
    ["a link to nowhere", () => symlinkSync("/nowhere", join(cwd, "a/qemu-arm"))],
    ["this machine's own architecture", () => writeFileSync(join(cwd, "a/qemu-x86_64"), STATIC, { mode: 0o755 })],
  ])("not %s", (_name, make) => {
    make();
    expect(find(`${cwd}/a`)).toEqual([]);
  });
  test("not in a folder that is named from where one stands", () => {
    writeFileSync(join(cwd, "a/qemu-arm"), STATIC, { mode: 0o755 });
    expect(find(":.:a")).toEqual([]);
  });
});

describe("emulators of a Debian package", () => {
  const member = (name: string, content: Buffer, size = content.length): Buffer =>
    Buffer.concat([
      Buffer.from(`${name.padEnd(16)}${"0".padEnd(12)}${"0".padEnd(6)}${"0".padEnd(6)}${"100644".padEnd(8)}${String(size).padEnd(10)}\`\n`),
      content,
      Buffer.alloc(content.length % 2, "\n"),
    ]);
  const MAGIC = Buffer.from("!<arch>\n");
  const HEAD = [MAGIC, member("debian-binary", Buffer.from("2.0\n")), member("control.tar.gz", gzipSync(tarOf({ control: TEXT })))];
  const GOOD = gzipSync(tarOf({ "usr/bin/qemu-arm-static": STATIC, "usr/share/doc/qemu-aarch64": STATIC }));
  const deb = (...parts: readonly Buffer[]): string[] => {
    writeFileSync(join(cwd, "q.deb"), Buffer.concat(parts));
    return ["q.deb"];
  };
  test.each([
    ["gzip", member("data.tar.gz", GOOD)],
    ["no compression, and a slash behind the name", member("data.tar/", tarOf({ "usr/bin/qemu-arm-static": STATIC }))],
  ])("are taken from its files, packed with %s", async (_name, data) => {
    expect(await obtained(deb(...HEAD, data))).toEqual(["arm sound"]);
  });
  test.skipIf(spawnSync("xz", ["--version"]).status !== 0)("are taken from its files, packed with xz (needs xz)", async () => {
    const packed = spawnSync("xz", ["-c"], { input: tarOf({ "usr/bin/qemu-s390x": STATIC }) }).stdout;
    expect(await obtained(deb(...HEAD, member("data.tar.xz", packed)))).toEqual(["s390x sound"]);
  });
  test("are not taken a second time", async () => {
    const spec = deb(...HEAD, member("data.tar.gz", GOOD));
    const [first] = await obtainEmulators(spec, ports());
    const [again] = await obtainEmulators(spec, ports({ nowMs: () => 1_800_000_000_000 }));
    expect(again).toEqual(first);
  });
  const size = (text: string): Buffer =>
    Buffer.from(`${"data.tar.gz".padEnd(16)}${"0".padEnd(12)}${"0".padEnd(6)}${"0".padEnd(6)}${"100644".padEnd(8)}${text.padEnd(10)}\`\n`);
  test.each<[string, readonly Buffer[], RegExp, string?]>([
    ["is no ar archive", [Buffer.from("PK\u0003\u0004")], /no ar archive/],
    ["is empty", [], /no ar archive/],
    ["has no files", HEAD, /has 0 members with files/],
    ["has files twice", [...HEAD, member("data.tar.gz", GOOD), member("data.tar.gz", GOOD)], /has 2 members with files/],
    ["goes on behind its last member", [...HEAD, member("data.tar.gz", GOOD), Buffer.from("more")], /no member begins at byte \d+/],
    ["is cut short", [...HEAD, member("data.tar.gz", GOOD).subarray(0, 100)], /"data.tar.gz" is cut short/],
    ["tells of a member of 10 GB", [...HEAD, size("9999999999"), GOOD], /"data.tar.gz" is cut short/],
    ["tells of a member of a negative size", [...HEAD, size("-1"), GOOD], /no member begins/],
    ["begins with another member", [MAGIC, member("data.tar.gz", GOOD)], /does not begin as format 2 does/],
    ["is of another format", [MAGIC, member("debian-binary", Buffer.from("3.0\n")), member("data.tar.gz", GOOD)], /does not begin as format 2 does/],
    ["has a hundred members", [...HEAD, ...Array.from({ length: 100 }, () => member("x", TEXT))], /more than 16 members/],
    ["has damaged files", [...HEAD, member("data.tar.gz", GOOD.subarray(0, -20))], /damaged or cut short/],
    ["has files that are no archive", [...HEAD, member("data.tar.gz", gzipSync(Buffer.alloc(1024, 1)))], /./],
    ["has an empty archive of files", [...HEAD, member("data.tar", Buffer.alloc(0))], /no file in it is named/, "emulator-missing"],
  ])("one that %s is refused, and nothing stays", async (_name, parts, message, code = "layer-invalid") => {
    await expect(obtained(deb(...parts))).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    nothingLeft();
  });
});

describe("emulators of an image", () => {
  /** Pushes an image and names it by its digest. */
  async function pushed(layers: readonly Buffer[]): Promise<{ spec: string; client: ObtainPorts["client"]; log: string[] }> {
    const registry = await memoryRegistry();
    const client = cachePlaces().registry;
    const repository = { registry: registry.host, repository: "qemu" };
    const put = async (bytes: Uint8Array): Promise<Digest> => {
      const digest = digestOf(bytes);
      await client.putBlob(repository, {
        digest,
        size: bytes.length,
        open: async function* () {
          yield bytes;
        },
      });
      return digest;
    };
    for (const layer of layers) await put(layer);
    const config = encodeConfig({
      os: "linux",
      architecture: "amd64",
      config: {},
      rootfs: { type: "layers", diff_ids: layers.map((layer) => digestOf(layer)) },
    });
    const { bytes, descriptor } = encodeManifest({
      schemaVersion: 2,
      mediaType: MEDIA_TYPE.ociManifest,
      config: { mediaType: MEDIA_TYPE.ociConfig, digest: await put(config), size: config.length },
      layers: layers.map((layer) => ({ mediaType: MEDIA_TYPE.ociLayerGzip, digest: digestOf(layer), size: layer.length })),
    });
    await client.putManifest({ ...repository, digest: descriptor.digest }, MEDIA_TYPE.ociManifest, bytes);
    registry.log.length = 0;
    return { spec: `image:${registry.host}/qemu@${descriptor.digest}`, client, log: registry.log };
  }

  test("are taken out of its layers, of the upper one first, and kept; the next time nobody is asked", async () => {
    const lower = gzipSync(tarOf({ "usr/bin/qemu-arm": DYNAMIC, "usr/bin/buildkit-qemu-s390x": STATIC, "etc/passwd": TEXT }));
    const upper = gzipSync(tarOf({ "bin/qemu-arm": STATIC, "home/qemu-riscv64": STATIC }));
    const { spec, client, log } = await pushed([lower, upper]);
    const notes: string[] = [];
    expect((await obtained([spec], { client, note: (message) => notes.push(message) })).sort()).toEqual(["arm sound", "s390x sound"]);
    expect(notes).toEqual([`fetching ${spec.slice("image:".length)} for its emulators`]);
    expect(log.length).toBeGreaterThan(0);
    expect((await obtained([spec])).sort()).toEqual(["arm sound", "s390x sound"]);
  });

  const REAL = "/usr/bin/qemu-s390x-static";
  test.skipIf(!existsSync(REAL) || process.arch !== "x64")(`one that was taken emulates (needs ${REAL} for x64)`, async () => {
    const { spec, client } = await pushed([gzipSync(tarOf({ "usr/bin/qemu-s390x": readFileSync(REAL) }), { level: 1 })]);
    const [emulator] = await obtainEmulators([spec], ports({ client }));
    writeFileSync(join(cwd, "probe"), OTHER_MACHINE);
    chmodSync(join(cwd, "probe"), 0o755);
    expect(spawnSync(emulator?.path as string, [join(cwd, "probe")]).status).toBe(PROBE_STATUS);
  });

  test.each<[string, Readonly<Record<string, File>>, RegExp, string]>([
    ["a program that needs a loader", { "usr/bin/qemu-arm": DYNAMIC }, /needs libraries of the machine/, "emulator-missing"],
    ["one for another machine", { "usr/bin/qemu-arm": OTHER_MACHINE }, /made for another machine/, "emulator-missing"],
    ["a symlink out of the image", { "usr/bin/qemu-arm": { type: "symlink", link: "/etc/passwd" } }, /is no file but a symlink/, "emulator-missing"],
    ["a hard link", { "usr/bin/qemu-arm": { type: "hardlink", link: "etc/passwd" } }, /is no file but a hardlink/, "emulator-missing"],
    ["a device", { "usr/bin/qemu-arm": { type: "char", device: { major: 1, minor: 5 } } }, /is no file but a char/, "emulator-missing"],
    ["one that is told to have 10 GB, and ends", { "usr/bin/qemu-arm": { size: 10 * 1024 ** 3 } }, /larger than \d+ bytes/, "limit-exceeded"],
    ["one that is told to have more than is taken", { "usr/bin/qemu-arm": { size: EMULATOR_BYTES + 1 } }, /stops in the middle of an entry/, "layer-invalid"],
    ["a name that leads out", { "../usr/bin/qemu-arm": STATIC }, /./, "layer-invalid"],
    ["emulators elsewhere", { "opt/qemu-arm": STATIC, "usr/bin/qemu-vax": STATIC }, /no file in it is named/, "emulator-missing"],
  ])("not %s, and nothing stays", async (_name, files, message, code) => {
    const { spec, client } = await pushed([gzipSync(tarOf(files))]);
    await expect(obtained([spec], { client })).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    nothingLeft();
  });
  test("not from a layer that is cut short, also when they stand before the cut", async () => {
    const { spec, client } = await pushed([
      gzipSync(tarOf({ "usr/bin/qemu-arm": STATIC, "usr/share/x": Buffer.from(Array.from({ length: 9999 }, (_, i) => i)) })).subarray(0, -40),
    ]);
    await expect(obtained([spec], { client })).rejects.toMatchObject({ code: "layer-invalid" });
    nothingLeft();
  });
  test("not from a layer of another size than its descriptor says", async () => {
    const layer = gzipSync(tarOf({ "usr/bin/qemu-arm": STATIC }));
    const { spec, client } = await pushed([layer]);
    const lying: ObtainPorts["client"] = {
      blobs: (...all) => client.blobs(...all),
      async manifest(...all) {
        const told = await client.manifest(...all);
        const text = Buffer.from(told.bytes).toString();
        return { ...told, bytes: Buffer.from(text.replace(`"size": ${layer.length}`, '"size": 10000000000')) };
      },
    };
    await expect(obtained([spec], { client: lying })).rejects.toMatchObject({ code: "size-mismatch" });
    nothingLeft();
  });
  test("not from a layer with another digest", async () => {
    const good = gzipSync(tarOf({ "usr/bin/qemu-arm": STATIC }));
    const { spec, client } = await pushed([good]);
    const other = gzipSync(tarOf({ "usr/bin/qemu-arm": STATIC, x: TEXT }));
    const lying: ObtainPorts["client"] = {
      manifest: (...all) => client.manifest(...all),
      blobs: (...all) => {
        const reader = client.blobs(...all);
        const swap = async function* (digest: Digest): AsyncGenerator<Uint8Array> {
          for await (const chunk of reader.open(digest)) yield digest === digestOf(good) ? other : chunk;
          if (digest === digestOf(good)) throw Object.assign(new Error("digest-mismatch"), { code: "digest-mismatch" });
        };
        return { stat: (digest) => reader.stat(digest), open: (digest) => swap(digest) };
      },
    };
    await expect(obtained([spec], { client: lying })).rejects.toMatchObject({ code: "digest-mismatch" });
    nothingLeft();
  });
});
