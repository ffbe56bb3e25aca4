import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { digestOf } from "../../src/core/digest.ts";
import { isProblem } from "../../src/core/problem.ts";
import { tarParser } from "../../src/image/tar/reader.ts";
import { TAR_END, tarHeader, tarPad } from "../../src/image/tar/writer.ts";
import { type Row, tarOf } from "../harness/built-result.ts";
import { buildHere, type EvilImage, type EvilRegistry, evilRegistry, problemOf, TYPE, temporaryFolder } from "./evil-registry.ts";

/** Builds upon a base that the evil registry serves, and unpacks the result into a folder: every layer is read and every entry is put somewhere. */
async function unpackedBase(registry: EvilRegistry, image: EvilImage, more = "", context?: string): Promise<string> {
  registry.tag(registry.image(image));
  const dest = join(temporaryFolder(), "out");
  await buildHere({ dockerfile: `FROM ${registry.name}\n${more}`, outputs: [`type=local,dest=${dest}`], ...(context === undefined ? {} : { context }) });
  return dest;
}

/** A folder outside, in which nothing may ever appear, with a file that nothing may read. */
function outside(): { readonly folder: string; readonly untouched: () => void } {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "secret"), "of the host");
  return {
    folder,
    untouched: () => {
      expect(readdirSync(folder)).toEqual(["secret"]);
      expect(readFileSync(join(folder, "secret"), "utf8")).toBe("of the host");
    },
  };
}

const folder = (path: string): Row => ({ path, type: "directory", mode: 0o755 });
const link = (path: string, to: string): Row => ({ path, type: "symlink", mode: 0o777, link: to });
const hard = (path: string, to: string): Row => ({ path, type: "hardlink", link: to });
const file = (path: string, content = "x"): Row => ({ path, content });

describe("a layer whose entries or links would leave the root", () => {
  const refused: Readonly<Record<string, readonly Row[]>> = {
    "../../x": [file("../../x")],
    "a/../../x": [file("a/../../x")],
    "/../x": [file("/../x")],
    "a folder ../d": [folder("../d")],
    "a symlink at ../l": [link("../l", "x")],
    "a hard link to ../x": [hard("h", "../x")],
    "a hard link to /etc/passwd, which the image has not": [hard("h", "/etc/passwd")],
    "a hard link through a symlinked folder": [link("d", "/etc"), hard("h", "d/passwd")],
    "a whiteout of nothing": [file(".wh.")],
    "a whiteout of its folder": [file(".wh..")],
    "a whiteout of its parent": [file(".wh...")],
    "an entry below a whiteout": [file("a/.wh.b/c")],
  };
  for (const [name, rows] of Object.entries(refused)) {
    test(`is refused: ${name}`, async () => {
      const problem = await problemOf(unpackedBase(await evilRegistry(), { layers: [tarOf(rows)] }));
      expect(problem.code).toBe("layer-invalid");
    });
  }

  test("an absolute name is one inside the root", async () => {
    const { folder: host, untouched } = outside();
    const out = await unpackedBase(await evilRegistry(), { layers: [tarOf([file(`${host}/x`, "inside")])] });
    expect(readFileSync(join(out, host, "x"), "utf8")).toBe("inside");
    untouched();
  });

  const LINKS: Readonly<Record<string, (host: string) => string>> = {
    "an absolute symlink": (host) => host,
    "a symlink up and out": (host) => `../../../../../../../../..${host}`,
    "a symlink to a symlink": () => "second",
  };
  for (const [name, target] of Object.entries(LINKS)) {
    for (const layers of [1, 2]) {
      test(`${name}, and a file behind it in ${layers === 1 ? "the same layer" : "the next"}, leads nowhere outside`, async () => {
        const { folder: host, untouched } = outside();
        const links = [link("second", host), link("d", target(host))];
        const behind = [file("d/x", "written"), file("d/secret", "overwritten")];
        const image = layers === 1 ? [tarOf([...links, ...behind])] : [tarOf(links), tarOf(behind)];
        await unpackedBase(await evilRegistry(), { layers: image });
        untouched();
      });
    }
  }

  test("an image's /etc that is a link to the host's folder is neither read nor written through", async () => {
    const { folder: host, untouched } = outside();
    writeFileSync(join(host, "secret"), "of the host");
    const registry = await evilRegistry();
    const context = temporaryFolder();
    writeFileSync(join(context, "f"), "mine");
    const out = await unpackedBase(
      registry,
      { layers: [tarOf([link("etc", host), folder(host.slice(1))])] },
      "COPY f /etc/f\nCOPY f /etc/deep/er/f\nWORKDIR /etc/work\n",
      context,
    );
    untouched();
    expect(readlinkSync(join(out, "etc"))).toBe(host);
    expect(readFileSync(join(out, host, "f"), "utf8")).toBe("mine");
    expect(readFileSync(join(out, host, "deep/er/f"), "utf8")).toBe("mine");
  });
});

describe("a layer over another", () => {
  test("replaces a symlink by a folder or a file and follows it nowhere; folder, file, folder loses what was there", async () => {
    const { folder: host, untouched } = outside();
    const out = await unpackedBase(await evilRegistry(), {
      layers: [
        tarOf([link("d", host), link("f", `${host}/secret`), folder("flip"), file("flip/old")]),
        tarOf([folder("d"), file("d/new"), file("f", "a file now"), file("flip", "a file for a while")]),
        tarOf([folder("flip"), file("flip/new")]),
      ],
    });
    untouched();
    expect(lstatSync(join(out, "d")).isDirectory()).toBe(true);
    expect(readFileSync(join(out, "f"), "utf8")).toBe("a file now");
    expect(readdirSync(join(out, "flip"))).toEqual(["new"]);
  });

  test("hides by whiteouts before and after a sibling, of a link outside, opaque after its own entries, opaque on the root", async () => {
    const { folder: host, untouched } = outside();
    const out = await unpackedBase(await evilRegistry(), {
      layers: [
        tarOf([folder("a"), file("a/1"), file("a/2"), link("out", host), folder("o"), file("o/low"), file("stays")]),
        tarOf([file("a/.wh.1", ""), file("a/1", "again"), file("a/2", "again"), file("a/.wh.2", ""), file(".wh.out", "")]),
        tarOf([file("o/high"), file("o/.wh..wh..opq", "")]),
      ],
    });
    untouched();
    expect(readdirSync(join(out, "a"))).toEqual(["1", "2"]);
    expect(existsSync(join(out, "out"))).toBe(false);
    expect(readdirSync(join(out, "o"))).toEqual(["high"]);
    const bare = await unpackedBase(await evilRegistry(), { layers: [tarOf([file("low")]), tarOf([file("high"), file(".wh..wh..opq", "")])] });
    expect(readdirSync(bare)).toEqual(["high"]);
  });
});

describe("special files of a base", () => {
  test("a character device 0/0, a fifo and setuid bits are carried into an archive and made nowhere here", async () => {
    const registry = await evilRegistry();
    const device: Row = { path: "dev0", type: "char", device: { major: 0, minor: 0 } };
    const rows: Row[] = [device, { path: "pipe", type: "fifo" }, { path: "su", mode: 0o4755, content: "x" }];
    registry.tag(registry.image({ layers: [tarOf(rows)] }));
    const dest = join(temporaryFolder(), "a.tar");
    await buildHere({ dockerfile: `FROM ${registry.name}\n`, outputs: [`type=tar,dest=${dest}`] });
    const names = readFileSync(dest).toString("latin1");
    for (const { path } of rows) expect(names).toContain(path);
    const out = join(temporaryFolder(), "out");
    const local = await buildHere({ dockerfile: `FROM ${registry.name}\n`, outputs: [`type=local,dest=${out}`] }).catch((error: unknown) =>
      problemOf(Promise.reject(error)),
    );
    if (existsSync(join(out, "su"))) expect(lstatSync(join(out, "su")).mode & 0o777).toBe(0o755);
    for (const name of ["dev0", "pipe"]) {
      const made = lstatSync(join(out, name), { throwIfNoEntry: false });
      expect(made?.isCharacterDevice() ?? false, inspect(local)).toBe(false);
      expect(made?.isFIFO() ?? false, inspect(local)).toBe(false);
    }
  });

  test("a fifo as a source of COPY --from holds nothing up", async () => {
    const registry = await evilRegistry();
    registry.tag(registry.image({ layers: [tarOf([{ path: "pipe", type: "fifo" }])] }));
    const dest = join(temporaryFolder(), "a.tar");
    await buildHere({ dockerfile: `FROM ${registry.name} AS b\nFROM scratch\nCOPY --from=b /pipe /p\n`, outputs: [`type=tar,dest=${dest}`] });
    expect(readFileSync(dest).subarray(156, 157).toString()).toBe("6");
  });
});

describe("a stage whose links lead to the host", () => {
  test.each([
    ["a folder that is a link", (host: string) => [link("out", host)], "/out/secret"],
    ["a file that is a link", (host: string) => [folder("out"), link("out/x", `${host}/secret`)], "/out/x"],
    ["a link with dots", (host: string) => [link("out", `../../../../..${host}`)], "/out/secret"],
  ])("COPY --from looks inside the stage only: %s", async (_, rows, source) => {
    const { folder: host, untouched } = outside();
    const registry = await evilRegistry();
    registry.tag(registry.image({ layers: [tarOf(rows(host))] }));
    const dockerfile = `FROM ${registry.name} AS b\nFROM scratch\nCOPY --from=b ${source} /stolen\n`;
    const dest = join(temporaryFolder(), "out");
    expect((await problemOf(buildHere({ dockerfile, outputs: [`type=local,dest=${dest}`] }))).code).toBe("source-missing");
    untouched();
    // With such a path inside the image, that is what is meant.
    registry.tag(registry.image({ layers: [tarOf([...rows(host), file(`${host.slice(1)}/secret`, "of the image")])] }));
    await buildHere({ dockerfile, outputs: [`type=local,dest=${dest}`] });
    expect(readFileSync(join(dest, "stolen"), "utf8")).toBe("of the image");
  });
});

describe("a passwd file that is hostile", () => {
  const entries: Readonly<Record<string, readonly Row[]>> = {
    "a fifo": [folder("etc"), { path: "etc/passwd", type: "fifo" }],
    "a link to the host's": [folder("etc"), link("etc/passwd", "/proc/self/../../../../../../etc/passwd")],
    "a link to itself": [folder("etc"), link("etc/passwd", "passwd")],
    "a device without an end": [folder("etc"), { path: "etc/passwd", type: "char", device: { major: 1, minor: 5 } }],
    "a folder": [folder("etc"), folder("etc/passwd")],
    "with user -1": [folder("etc"), file("etc/passwd", "daemon:x:-1:-1::/:\n")],
    "with a user beyond the kernel's": [folder("etc"), file("etc/passwd", "daemon:x:4294967295:0::/:\n")],
    "with a user that is no number": [folder("etc"), file("etc/passwd", "daemon:x:__proto__:0::/:\n")],
    "of 11 MB": [folder("etc"), file("etc/passwd", "#".repeat(11 * 1024 * 1024))],
  };
  for (const [name, rows] of Object.entries(entries)) {
    test(`gives a problem, or root as BuildKit does, and never the host's ids or a wait without end: ${name}`, async () => {
      const context = temporaryFolder();
      writeFileSync(join(context, "f"), "x");
      const registry = await evilRegistry();
      registry.tag(registry.image({ layers: [tarOf(rows)] }));
      const dest = join(temporaryFolder(), "a.tar");
      const request = { dockerfile: `FROM ${registry.name}\nCOPY --chown=daemon f /f\n`, outputs: [`type=tar,dest=${dest}`], context };
      try {
        await buildHere(request);
      } catch (error) {
        expect(isProblem(error) ? error.code : error).toMatch(/^(?:user-unknown|copy-conflict)$/);
        return;
      }
      const owners: string[] = [];
      const parser = tarParser({
        entry({ path, uid, gid }) {
          if (path === "f") owners.push(`${uid}:${gid}`);
          return undefined;
        },
      });
      parser.write(readFileSync(dest));
      expect(owners).toEqual(["0:0"]);
    });
  }
});

describe("bombs and broken archives", () => {
  const header = (size: Buffer): Buffer => {
    const block = Buffer.from(tarHeader({ path: "x", type: "file", mode: 0o644, uid: 0, gid: 0, mtime: 0, size: 0 }));
    size.copy(block, 124);
    block.fill(" ", 148, 156);
    block.write(
      `${block
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, "0")}\0 `,
      148,
      "latin1",
    );
    return Buffer.concat([block, TAR_END]);
  };
  const cases: Readonly<Record<string, () => { readonly image: EvilImage; readonly code: string }>> = {
    "zeros that grow a thousandfold": () => {
      // 384 MB of zeros, as gzip members that say so one after another.
      const zeros = gzipSync(Buffer.alloc(16 * 1024 * 1024));
      const start = gzipSync(tarHeader({ path: "x", type: "file", mode: 0o644, uid: 0, gid: 0, mtime: 0, size: 24 * 16 * 1024 * 1024 }));
      const packed = Buffer.concat([start, ...Array.from({ length: 24 }, () => zeros)]);
      return { image: { packed: [packed], diffIds: [digestOf("x")] }, code: "limit-exceeded" };
    },
    "a PAX header of a gigabyte": () => {
      const block = Buffer.from(header(Buffer.from("10000000000\0")).subarray(0, 512));
      block.write("x", 156);
      block.fill(" ", 148, 156);
      block.write(
        `${block
          .reduce((sum, byte) => sum + byte, 0)
          .toString(8)
          .padStart(6, "0")}\0 `,
        148,
        "latin1",
      );
      return { image: { layers: [block] }, code: "limit-exceeded" };
    },
    "gzip within gzip": () => ({ image: { layers: [gzipSync(tarOf([file("x")]))] }, code: "layer-invalid" }),
    "a negative size": () => ({ image: { layers: [header(Buffer.alloc(12, 0xff))] }, code: "layer-invalid" }),
    "a base-256 size beyond counting": () => ({
      image: { layers: [header(Buffer.from([0x80, 0x7f, ...Array<number>(10).fill(0xff)]))] },
      code: "layer-invalid",
    }),
    "an archive cut short": () => ({ image: { layers: [tarOf([file("x", "y".repeat(2000))]).subarray(0, 1500)] }, code: "layer-invalid" }),
    "a gzip cut short": () => {
      const tar = tarOf([file("x", "y".repeat(2000))]);
      return { image: { packed: [gzipSync(tar).subarray(0, -12)], diffIds: [digestOf(tar)] }, code: "layer-invalid" };
    },
    "junk behind the gzip": () => {
      const tar = tarOf([file("x")]);
      return { image: { packed: [Buffer.concat([gzipSync(tar), Buffer.from("junk")])], diffIds: [digestOf(tar)] }, code: "layer-invalid" };
    },
    "a wrong diff_id": () => ({ image: { layers: [tarOf([file("x")])], diffIds: [digestOf("another")] }, code: "diff-id-mismatch" }),
    "fewer diff_ids than layers": () => ({ image: { layers: [tarOf([file("x")])], diffIds: [] }, code: "manifest-invalid" }),
    "a folder tree of a few long names": () => {
      // 400 names of 4,000 characters, each its own two thousand folders.
      const rows = Array.from({ length: 400 }, (_, i) => file(`${i}/${"d/".repeat(1990)}f`));
      return { image: { layers: [tarOf(rows)] }, code: "limit-exceeded" };
    },
    "symlinks that lead through symlinks, over and over": () => {
      const long = `${"./".repeat(1900)}`;
      const links = Array.from({ length: 200 }, (_, i) => link(`l${i}`, `${long}${i === 199 ? "d" : `l${i + 1}`}`));
      return { image: { layers: [tarOf([folder("d"), ...links, ...Array.from({ length: 600 }, (_, i) => file(`l0/x${i}/y`))])] }, code: "limit-exceeded" };
    },
  };
  for (const [name, make] of Object.entries(cases)) {
    test(`${name}`, { timeout: 60_000 }, async () => {
      const { image, code } = make();
      expect((await problemOf(unpackedBase(await evilRegistry(), image))).code).toBe(code);
    });
  }

  test("two gzip members are one layer", async () => {
    const tar = tarOf([file("x", "whole")]);
    const packed = Buffer.concat([gzipSync(tar.subarray(0, 700)), gzipSync(tar.subarray(700))]);
    const out = await unpackedBase(await evilRegistry(), { packed: [packed], diffIds: [digestOf(tar)] });
    expect(readFileSync(join(out, "x"), "utf8")).toBe("whole");
  });

  test("global PAX records cannot fill the memory", async () => {
    const record = (key: string, value: string): Buffer => {
      let length = key.length + value.length + 3;
      while (`${length}`.length + key.length + value.length + 3 !== length) length = `${length}`.length + key.length + value.length + 3;
      return Buffer.from(`${length} ${key}=${value}\n`);
    };
    const globals = Array.from({ length: 3 }, (_, i) => {
      const body = record(`k${i}`, "v".repeat(500_000));
      const block = Buffer.from(tarHeader({ path: "g", type: "file", mode: 0, uid: 0, gid: 0, mtime: 0, size: body.length }));
      block.write("g", 156);
      block.fill(" ", 148, 156);
      block.write(
        `${block
          .reduce((sum, byte) => sum + byte, 0)
          .toString(8)
          .padStart(6, "0")}\0 `,
        148,
        "latin1",
      );
      return Buffer.concat([block, body, tarPad(body.length)]);
    });
    const problem = await problemOf(unpackedBase(await evilRegistry(), { layers: [Buffer.concat([...globals, tarOf([file("x")])])] }));
    expect(problem.code).toBe("limit-exceeded");
  });
});

describe("manifests and blobs that lie", () => {
  const sound = tarOf([file("x")]);
  const wrong: Readonly<Record<string, { readonly make: (registry: EvilRegistry) => void; readonly code: string }>> = {
    "a manifest that is no JSON": { make: (r) => r.tag(r.blob("{", TYPE.manifest)), code: "manifest-invalid" },
    "a manifest that is a list": { make: (r) => r.tag(r.document([])), code: "manifest-invalid" },
    "a manifest cut short": { make: (r) => r.tag(r.blob('{"schemaVersion":2,"config":', TYPE.manifest)), code: "manifest-invalid" },
    "a manifest of more than 4 MiB": { make: (r) => r.tag(r.document({ schemaVersion: 2, junk: "x".repeat(5_000_000) })), code: "limit-exceeded" },
    "a manifest nested a thousand deep": {
      make: (r) => r.tag(r.blob(`{"schemaVersion":2,"x":${"[".repeat(1000)}${"]".repeat(1000)}}`, TYPE.manifest)),
      code: "limit-exceeded",
    },
    "a manifest and an index in one": { make: (r) => r.tag(r.document({ schemaVersion: 2, manifests: [], config: {}, layers: [] })), code: "manifest-invalid" },
    "a layer of a negative size": {
      make: (r) => r.tag(r.image({ layers: [sound], manifest: (m) => ({ ...m, layers: m.layers.map((layer) => ({ ...layer, size: -1 })) }) })),
      code: "manifest-invalid",
    },
    "a digest that is a path": {
      make: (r) => r.tag(r.image({ layers: [sound], manifest: (m) => ({ ...m, layers: m.layers.map((layer) => ({ ...layer, digest: "sha256:../../x" })) }) })),
      code: "manifest-invalid",
    },
    "a layer larger than its descriptor says": {
      make: (r) => r.tag(r.image({ layers: [sound], manifest: (m) => ({ ...m, layers: m.layers.map((layer) => ({ ...layer, size: layer.size - 1 })) }) })),
      code: "size-mismatch",
    },
    "a layer smaller than its descriptor says": {
      make: (r) => r.tag(r.image({ layers: [sound], manifest: (m) => ({ ...m, layers: m.layers.map((layer) => ({ ...layer, size: layer.size + 1 })) }) })),
      code: "size-mismatch",
    },
    "a config of another size": {
      make: (r) => r.tag(r.image({ layers: [sound], manifest: (m) => ({ ...m, config: { ...m.config, size: 3 } }) })),
      code: "size-mismatch",
    },
    "a config that claims a gigabyte": {
      make: (r) => r.tag(r.image({ layers: [sound], manifest: (m) => ({ ...m, config: { ...m.config, size: 2 ** 30 } }) })),
      code: "limit-exceeded",
    },
    "a layer that the registry has not": {
      make: (r) => r.tag(r.image({ layers: [sound], manifest: (m) => ({ ...m, layers: [{ ...(m.layers[0] as object), digest: digestOf("gone") }] }) })),
      code: "registry-not-found",
    },
    "a layer of other bytes": {
      make: (r) => {
        r.tag(r.image({ layers: [sound] }));
        const other = gzipSync(tarOf([file("y")]));
        r.instead = (request, response) => {
          if (!request.url?.includes(`/blobs/${digestOf(gzipSync(sound))}`)) return undefined;
          response.writeHead(200, { "content-length": other.length }).end(other);
          return Promise.resolve();
        };
      },
      code: "digest-mismatch",
    },
    "an index that names itself": {
      make: (r) => {
        // No document holds its own digest; a registry can still answer so.
        const child = { mediaType: TYPE.index, digest: digestOf("itself"), size: 300, platform: { os: "linux", architecture: "amd64" } };
        const index = { schemaVersion: 2, mediaType: TYPE.index, manifests: [child] };
        r.tag(r.document(index, TYPE.index));
        r.instead = (request, response) => {
          if (!request.url?.includes(digestOf("itself"))) return undefined;
          response.writeHead(200, { "content-type": TYPE.index }).end(JSON.stringify(index));
          return Promise.resolve();
        };
      },
      code: "digest-mismatch",
    },
    "indexes within indexes within indexes": {
      make: (r) => {
        let inner = r.image({ layers: [sound] });
        for (let i = 0; i < 5; i++) {
          inner = r.document(
            {
              schemaVersion: 2,
              mediaType: TYPE.index,
              annotations: { level: `${i}` },
              manifests: [{ ...inner, platform: { os: "linux", architecture: "amd64" } }],
            },
            TYPE.index,
          );
        }
        r.tag(inner);
      },
      code: "manifest-invalid",
    },
  };
  for (const [name, { make, code }] of Object.entries(wrong)) {
    test(name, async () => {
      const registry = await evilRegistry();
      make(registry);
      const dest = join(temporaryFolder(), "out");
      const problem = await problemOf(buildHere({ dockerfile: `FROM ${registry.name}\n`, outputs: [`type=local,dest=${dest}`] }));
      expect(`${problem.code}: ${problem.message}`).toMatch(new RegExp(`^${code}: `));
      expect(existsSync(join(dest, "x"))).toBe(false);
    });
  }

  test("names that every object has are names like others", async () => {
    const registry = await evilRegistry();
    const labels = JSON.parse('{"__proto__":"a","constructor":"b"}') as object;
    registry.tag(registry.image({ layers: [sound], config: { config: { Labels: labels, Env: ["__proto__=1"] } } }));
    const store = temporaryFolder();
    const dest = join(temporaryFolder(), "layout");
    mkdirSync(dest);
    await buildHere({
      dockerfile: `FROM ${registry.name}\nLABEL toString=c\nENV constructor=2\n`,
      outputs: [`type=oci,tar=false,dest=${dest}`],
      store,
    });
    const texts = readdirSync(join(dest, "blobs/sha256")).map((name) => readFileSync(join(dest, "blobs/sha256", name), "latin1"));
    const config = texts.find((text) => text.includes('"rootfs"'));
    expect(config).toContain('"__proto__":"a","constructor":"b","toString":"c"');
    expect(config).toMatch(/"__proto__=1",.*"constructor=2"/);
    expect(({} as { a?: unknown }).a).toBeUndefined();
  });
});

describe("platforms that do not fit", () => {
  const index = (registry: EvilRegistry, entries: readonly { readonly says: string; readonly is: string; readonly variant?: string }[]): void =>
    registry.tag(
      registry.document(
        {
          schemaVersion: 2,
          mediaType: TYPE.index,
          manifests: entries.map(({ says, is, variant }) => ({
            ...registry.image({ architecture: is, layers: [tarOf([file(`${says}-${variant ?? ""}`)])] }),
            platform: { os: "linux", architecture: says, ...(variant === undefined ? {} : { variant }) },
          })),
        },
        TYPE.index,
      ),
    );
  const building = async (registry: EvilRegistry, platform: string): Promise<string[]> => {
    const dest = join(temporaryFolder(), "out");
    await buildHere({ dockerfile: `FROM ${registry.name}\n`, platforms: [platform], outputs: [`type=local,dest=${dest}`] });
    return readdirSync(dest);
  };

  test("a base without the wanted one: the message says which it has", async () => {
    const registry = await evilRegistry();
    index(registry, [
      { says: "amd64", is: "amd64" },
      { says: "s390x", is: "s390x" },
    ]);
    const problem = await problemOf(building(registry, "linux/arm64"));
    expect(problem.message).toContain("has no image for linux/arm64; it has linux/amd64, linux/s390x");
  });

  test("an index that says amd64 of an image whose config says arm64: both are told", async () => {
    const registry = await evilRegistry();
    index(registry, [{ says: "amd64", is: "arm64" }]);
    const problem = await problemOf(building(registry, "linux/amd64"));
    expect(problem.code).toBe("platform-conflict");
    expect(problem.message).toMatch(/linux\/amd64.*linux\/arm64/);
  });

  test("a variant that it can run is taken, the nearest first; one that it cannot is not", async () => {
    const registry = await evilRegistry();
    index(registry, [
      { says: "arm", is: "arm", variant: "v6" },
      { says: "arm", is: "arm", variant: "v5" },
    ]);
    expect(await building(registry, "linux/arm/v7")).toEqual(["arm-v6"]);
    index(registry, [{ says: "arm", is: "arm", variant: "v7" }]);
    expect((await problemOf(building(registry, "linux/arm/v6"))).code).toBe("platform-missing");
  });

  test("a variant of a hundred million does not fill the memory", async () => {
    const registry = await evilRegistry();
    index(registry, [{ says: "amd64", is: "amd64" }]);
    expect((await problemOf(building(registry, "linux/amd64/v100000000"))).code).toMatch(/^platform-/);
  });
});
