import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { builtResult, type MadeImage } from "../../../test/harness/built-result.ts";
import { memoryRecords } from "../../adapters/memory/records.ts";
import { formatReference } from "../../core/reference.ts";
import { collect } from "../../image/blob-store.ts";
import type { LayerEntry } from "../../image/entry.ts";
import type { Folder } from "../../image/layout.ts";
import { tarParser } from "../../image/tar/reader.ts";
import type { BuildResult } from "../engine.ts";
import type { BuildEvent } from "../event.ts";
import { type ExportReport, exportResult } from "./export-result.ts";
import { imageIdOf, metadataOf } from "./metadata.ts";
import { parseOutput } from "./parse-output.ts";
import type { ExportPorts } from "./ports.ts";

const loud = (what: string) => (): never => {
  throw new Error(`${what} is not expected`);
};

interface World {
  readonly written: Map<string, Buffer>;
  readonly put: string[];
  readonly loaded: Buffer[];
  readonly recorded: string[];
  readonly events: BuildEvent[];
  readonly ports: ExportPorts;
}

function world(docker: { takesIndexes?: boolean } = {}): World {
  const written = new Map<string, Buffer>();
  const put: string[] = [];
  const loaded: Buffer[] = [];
  const recorded: string[] = [];
  const events: BuildEvent[] = [];
  const layoutAt = (path: string): Folder => ({
    async stat(name) {
      const bytes = written.get(`${path}/${name}`);
      return bytes === undefined ? undefined : { type: "file", size: bytes.length };
    },
    async *open(name) {
      yield written.get(`${path}/${name}`) ?? loud(name)();
    },
    async write(name, content) {
      written.set(`${path}/${name}`, Buffer.from(content instanceof Uint8Array ? content : await collect(content)));
    },
  });
  const say = (e: LayerEntry): string => `${e.type} ${e.path} ${e.mode.toString(8)} ${e.mtime}${e.link === undefined ? "" : ` -> ${e.link}`}`;
  const ports: ExportPorts = {
    registry: {
      manifest: loud("r"),
      head: loud("r"),
      blobs: loud("r"),
      referrers: loud("r"),
      tags: loud("r"),
      close: loud("r"),
      putManifest: loud("r"),
      putBlob: loud("r"),
    },
    files: {
      async write(path, content) {
        written.set(path, Buffer.from(await collect(content)));
      },
      layout: async (path, use) => await use(layoutAt(path)),
      folder: async () => ({
        put: (entry) => void put.push(say(entry)),
        file(entry) {
          const chunks: Uint8Array[] = [];
          return {
            write: (chunk) => void chunks.push(Uint8Array.from(chunk)),
            end: () => void put.push(`${say(entry)} "${Buffer.concat(chunks).toString()}"`),
            abort: () => void put.push(`aborted ${entry.path}`),
          };
        },
        close: () => void put.push("close"),
      }),
    },
    docker: {
      takesIndexes: async () => docker.takesIndexes ?? loud("takesIndexes")(),
      async load(archive) {
        loaded.push(Buffer.from(await collect(archive)));
      },
    },
    names: {
      async record(name, root) {
        recorded.push(`${formatReference(name)} ${root.descriptor.digest}`);
      },
    },
    events: { emit: (event) => events.push(event) },
    clock: { nowMs: () => 5, sleep: loud("sleep") },
  };
  return { written, put, loaded, recorded, events, ports };
}

function entriesOf(tar: Uint8Array): readonly string[] {
  const shown: string[] = [];
  const parser = tarParser({
    entry(entry) {
      const at =
        shown.push(`${entry.type} ${entry.path} ${entry.mode.toString(8)} ${entry.uid} ${entry.mtime}${entry.link === undefined ? "" : ` -> ${entry.link}`}`) -
        1;
      if (entry.size === 0) return undefined;
      shown[at] += " ";
      return (chunk) => {
        shown[at] += Buffer.from(chunk).toString("latin1");
      };
    },
  });
  parser.write(tar);
  parser.end();
  return shown;
}
const hashOf = (bytes: Uint8Array | undefined): string =>
  createHash("sha256")
    .update(bytes ?? "")
    .digest("hex")
    .slice(0, 16);

/** Two layers with everything that a merge must mind. */
const image: MadeImage = {
  created: "2024-05-06T07:08:09.123Z",
  layers: [
    [
      { path: "etc", type: "directory", mode: 0o755, mtime: 10 },
      { path: "etc/gone", content: "gone" },
      { path: "etc/kept", content: "kept", mode: 0o600, uid: 3 },
      { path: "etc/old", content: "old" },
      { path: "bin", type: "symlink", mode: 0o777, link: "usr/bin" },
      { path: "linked", content: "one file" },
      { path: "linked-too", type: "hardlink", link: "linked" },
      { path: "dev/null", type: "char", device: { major: 1, minor: 3 } },
    ],
    [{ path: "etc/.wh.gone" }, { path: "etc/old", content: "new", mtime: 20 }, { path: "linked", content: "another" }, { path: "empty", mode: 0o4755 }],
  ],
};
const one = (): Promise<BuildResult> => builtResult({ "linux/amd64": image });
const two = (): Promise<BuildResult> =>
  builtResult({ "linux/amd64": image, "linux/arm/v7": { layers: [[{ path: "f", content: "arm" }]], created: "2024-05-06T07:08:10Z" } });

describe("type=tar", () => {
  test("has the merged files, owners and modes, hard links after their files", async () => {
    const w = world();
    await exportResult(await one(), parseOutput("type=tar,dest=a.tar"), w.ports);
    expect(entriesOf(w.written.get("a.tar") ?? Buffer.alloc(0))).toEqual([
      "symlink bin 777 0 1000 -> usr/bin",
      expect.stringMatching(/^directory dev 755 0 /),
      "char dev/null 644 0 1000",
      "file empty 4755 0 1000",
      "directory etc 755 0 10",
      "file etc/kept 600 3 1000 kept",
      "file linked-too 644 0 1000 one file",
      "file etc/old 644 0 20 new",
      "file linked 644 0 1000 another",
    ]);
  });

  test("of several platforms has a folder for each, and one time for all with SOURCE_DATE_EPOCH", async () => {
    const w = world();
    await exportResult(await two(), parseOutput("-"), w.ports, 77);
    const shown = entriesOf(w.written.get("-") ?? Buffer.alloc(0));
    expect(shown.filter((line) => !line.includes("/"))).toEqual(["directory linux_amd64 755 0 77", "directory linux_arm_v7 755 0 77"]);
    expect(shown).toContain("file linux_arm_v7/f 644 0 77 arm");
    expect(shown.every((line) => line.split(" ")[4] === "77")).toBe(true);
  });

  test("is the same bytes each time", async () => {
    const [a, b] = [world(), world()];
    await exportResult(await two(), parseOutput("-"), a.ports);
    await exportResult(await two(), parseOutput("-"), b.ports);
    expect(a.written.get("-")).toEqual(b.written.get("-"));
  });

  test("a hard link keeps leading to its file inside a platform's folder", async () => {
    const w = world();
    const linked: MadeImage = {
      layers: [
        [
          { path: "a", content: "x" },
          { path: "b", type: "hardlink", link: "a" },
        ],
      ],
    };
    await exportResult(await builtResult({ "linux/amd64": linked, "linux/arm64": linked }), parseOutput("-"), w.ports);
    expect(entriesOf(w.written.get("-") ?? Buffer.alloc(0))).toContain("hardlink linux_arm64/b 644 0 1000 -> linux_arm64/a");
  });

  test("reads a layer once when its names are remembered, and gives the same bytes", async () => {
    const made = await two();
    const opened: string[] = [];
    const result: BuildResult = {
      ...made,
      blobs: {
        stat: (digest) => made.blobs.stat(digest),
        open(digest) {
          opened.push(digest);
          return made.blobs.open(digest);
        },
      },
    };
    const records = memoryRecords();
    const [first, second] = [world(), world()];
    await exportResult(result, parseOutput("-"), { ...first.ports, records });
    const reads = opened.splice(0).length;
    await exportResult(result, parseOutput("-"), { ...second.ports, records });
    expect([reads, opened.length]).toEqual([6, 3]);
    expect(second.written.get("-")).toEqual(first.written.get("-"));
  });

  test("a layer that is not what its config says is told", async () => {
    const result = await one();
    const broken = result.images.map((built) => ({
      ...built,
      config: { ...built.config, rootfs: { ...built.config.rootfs, diff_ids: [...built.config.rootfs.diff_ids].reverse() } },
    }));
    await expect(exportResult({ ...result, images: broken }, parseOutput("-"), world().ports)).rejects.toMatchObject({ code: "diff-id-mismatch" });
  });
});

describe("type=local", () => {
  test("puts folders and links first, files by layer, closes last, and warns of what it leaves out", async () => {
    const w = world();
    await exportResult(await one(), parseOutput("out"), w.ports);
    expect(w.put).toEqual([
      "symlink bin 777 1000 -> usr/bin",
      expect.stringMatching(/^directory dev 755/),
      'file empty 4755 1000 ""',
      "directory etc 755 10",
      'file etc/kept 600 1000 "kept"',
      'file linked-too 644 1000 "one file"',
      'file etc/old 644 20 "new"',
      'file linked 644 1000 "another"',
      "close",
    ]);
    expect(w.events).toContainEqual({ type: "warning", message: 'left out of "out": the special file "dev/null"', atMs: 5 });
  });

  test("of several platforms has a folder for each", async () => {
    const w = world();
    await exportResult(await two(), parseOutput("out"), w.ports);
    expect(w.put).toContain('file linux_arm_v7/f 644 1000 "arm"');
  });

  test("of several platforms in one folder refuses files that meet", async () => {
    const f = (content: string): MadeImage => ({ layers: [[{ path: "same", content }]] });
    const w = world();
    const exported = exportResult(
      await builtResult({ "linux/amd64": f("a"), "linux/arm64": f("b") }),
      parseOutput("type=local,dest=out,platform-split=false"),
      w.ports,
    );
    await expect(exported).rejects.toMatchObject({ code: "output-conflict", message: expect.stringContaining('"same"') });
    expect(w.put).toEqual([]);
  });

  test("of several platforms in one folder merges files that do not meet", async () => {
    const f = (name: string): MadeImage => ({ layers: [[{ path: `bin/${name}`, content: name }]] });
    const w = world();
    await exportResult(await builtResult({ "linux/amd64": f("a"), "linux/arm64": f("b") }), parseOutput("type=local,dest=out,platform-split=false"), w.ports);
    expect(w.put.filter((line) => line.startsWith("file"))).toEqual(['file bin/a 644 1000 "a"', 'file bin/b 644 1000 "b"']);
  });
});

describe("archives and layouts of images", () => {
  test("type=oci is the same bytes each time, with name and time in index.json", async () => {
    const [a, b] = [world(), world()];
    const output = parseOutput("type=oci,name=app:v1,dest=a.tar");
    await exportResult(await two(), output, a.ports);
    await exportResult(await two(), output, b.ports);
    expect(hashOf(a.written.get("a.tar"))).toBe(hashOf(b.written.get("a.tar")));
    const index = entriesOf(a.written.get("a.tar") ?? Buffer.alloc(0)).find((line) => line.startsWith("file index.json"));
    expect(JSON.parse(index?.slice(index.indexOf("{")) ?? "{}")).toMatchObject({
      manifests: [
        {
          annotations: {
            "io.containerd.image.name": "docker.io/library/app:v1",
            "org.opencontainers.image.ref.name": "v1",
            "org.opencontainers.image.created": "2024-05-06T07:08:10Z",
          },
        },
      ],
    });
  });

  test("type=docker has Docker's list", async () => {
    const w = world();
    await exportResult(await one(), parseOutput('type=docker,"name=app:v1,ghcr.io/a/b",dest=a.tar'), w.ports);
    const list = entriesOf(w.written.get("a.tar") ?? Buffer.alloc(0)).find((line) => line.startsWith("file manifest.json"));
    expect(JSON.parse(list?.slice(list.indexOf("[")) ?? "[]")).toMatchObject([{ RepoTags: ["app:v1", "ghcr.io/a/b:latest"], Layers: { length: 2 } }]);
  });

  test("type=docker refuses several platforms and names them", async () => {
    const exported = exportResult(await two(), parseOutput("type=docker,dest=a.tar"), world().ports);
    await expect(exported).rejects.toMatchObject({
      code: "output-conflict",
      message: expect.stringContaining("linux/amd64, linux/arm/v7"),
      hint: expect.stringContaining("type=oci"),
    });
  });

  test("a layout merges with what is there; an image without a name is latest", async () => {
    const w = world();
    await exportResult(await one(), parseOutput("type=oci,name=app:v1,dest=out,tar=false"), w.ports);
    await exportResult(await two(), parseOutput("type=oci,dest=out,tar=false"), w.ports);
    await exportResult(await two(), parseOutput("type=oci,dest=out,tar=false"), w.ports);
    const index = JSON.parse(w.written.get("out/index.json")?.toString() ?? "{}") as { manifests: { annotations: Record<string, string> }[] };
    expect(index.manifests.map((m) => m.annotations["org.opencontainers.image.ref.name"])).toEqual(["v1", "latest"]);
  });

  test("an image that is not pushed is recorded under its names, and by digest when asked", async () => {
    const w = world();
    const result = await one();
    await exportResult(result, parseOutput("type=image,name=app,name-canonical=true"), w.ports);
    const digest = result.images[0]?.manifest.descriptor.digest;
    expect(w.recorded).toEqual([`docker.io/library/app:latest ${digest}`, `docker.io/library/app@${digest} ${digest}`]);
  });
});

describe("loading into Docker", () => {
  test("one platform is loaded without asking which store Docker has", async () => {
    const w = world();
    await exportResult(await one(), parseOutput("type=docker,name=app"), w.ports);
    expect(w.loaded.map((archive) => entriesOf(archive).some((line) => line.startsWith("file manifest.json")))).toEqual([true]);
  });
  test("several platforms go to the containerd image store", async () => {
    const w = world({ takesIndexes: true });
    await exportResult(await two(), parseOutput("type=docker,name=app"), w.ports);
    expect(w.loaded).toHaveLength(1);
  });
  test("several platforms do not go to the classic store", async () => {
    const w = world({ takesIndexes: false });
    await expect(exportResult(await two(), parseOutput("type=docker"), w.ports)).rejects.toMatchObject({
      code: "output-conflict",
      hint: expect.stringContaining("containerd"),
    });
    expect(w.loaded).toEqual([]);
  });
});

describe("what is told afterwards", () => {
  const report = async (result: BuildResult, output: string): Promise<ExportReport> =>
    await exportResult(result, parseOutput(output), world({ takesIndexes: true }).ports);
  test("of one image: its config's digest is the image ID", async () => {
    const result = await one();
    const [image] = result.images;
    const reports = [await report(result, "out"), await report(result, "type=docker,name=app")];
    expect(imageIdOf(reports)).toBe(image?.manifest.value.config.digest);
    expect(metadataOf(reports)).toEqual({
      "containerimage.config.digest": image?.manifest.value.config.digest,
      // As buildx 0.29 writes it for a single platform, 2026-11-22: with the platform.
      "containerimage.descriptor": {
        ...image?.manifest.descriptor,
        platform: { os: "linux", architecture: "amd64" },
      },
      "containerimage.digest": image?.manifest.descriptor.digest,
      "image.name": "docker.io/library/app:latest",
    });
  });
  test("of several: the index's digest, and no config", async () => {
    const result = await two();
    const reports = [await report(result, "type=oci,dest=a")];
    expect(imageIdOf(reports)).toBe(result.index?.descriptor.digest);
    expect(Object.keys(metadataOf(reports))).toEqual(["containerimage.descriptor", "containerimage.digest"]);
  });
  test("of files only: nothing", async () => {
    const reports = [await report(await one(), "out")];
    expect(imageIdOf(reports)).toBe("");
    expect(metadataOf(reports)).toEqual({});
  });
});
