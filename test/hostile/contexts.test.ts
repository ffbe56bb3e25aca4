import { spawnSync } from "node:child_process";
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { folderContext } from "../../src/adapters/node/context/folder-context.ts";
import { type Row, tarOf } from "../harness/built-result.ts";
import { multihull } from "../harness/multihull.ts";
import { buildHere, problemOf, temporaryFolder } from "./evil-registry.ts";

async function built(dockerfile: string, context: string): Promise<string> {
  const dest = join(temporaryFolder(), "out");
  await buildHere({ dockerfile, context, outputs: [`type=local,dest=${dest}`] });
  return dest;
}

/** A context beside a folder that is not part of it. */
function contextBesideSecret(): { readonly context: string; readonly outside: string } {
  const root = temporaryFolder();
  const [context, outside] = [join(root, "context"), join(root, "outside")];
  mkdirSync(context);
  mkdirSync(outside);
  writeFileSync(join(outside, "secret"), "of the host");
  writeFileSync(join(context, "f"), "mine");
  return { context, outside };
}

describe("COPY sources stay in the context", () => {
  test.each(["../outside/secret", "/../outside/secret", "sub/../../outside/secret", "./../../../../../../etc/passwd", "*/../../outside/secret"])(
    "COPY %s finds nothing of the outside",
    async (source) => {
      const { context } = contextBesideSecret();
      mkdirSync(join(context, "sub"));
      expect((await problemOf(built(`FROM scratch\nCOPY ${source} /x\n`, context))).code).toMatch(/^(?:source-missing|path-escapes)$/);
    },
  );

  test("a link to a file outside, named itself, is not followed there", async () => {
    const { context, outside } = contextBesideSecret();
    symlinkSync(join(outside, "secret"), join(context, "link"));
    expect((await problemOf(built("FROM scratch\nCOPY link /x\n", context))).code).toBe("source-missing");
  });

  test("a link to a folder outside, gone through, is not followed there", async () => {
    const { context } = contextBesideSecret();
    symlinkSync("../outside", join(context, "up"));
    for (const source of ["up/secret", "up/*", "up/"]) {
      expect((await problemOf(built(`FROM scratch\nCOPY ${source} /x\n`, context))).code, source).toBe("source-missing");
    }
  });

  test("links that are copied with their folder stay links, wherever they lead", async () => {
    const { context, outside } = contextBesideSecret();
    symlinkSync("..", join(context, "parent"));
    symlinkSync(join(outside, "secret"), join(context, "link"));
    const out = await built("FROM scratch\nCOPY . /\n", context);
    expect(readlinkSync(join(out, "parent"))).toBe("..");
    expect(readlinkSync(join(out, "link"))).toBe(join(outside, "secret"));
    expect(readdirSync(out).sort()).toEqual(["f", "link", "parent"]);
  });

  test("a .dockerignore with negations lets in what it names, and nothing through a link", async () => {
    const { context, outside } = contextBesideSecret();
    mkdirSync(join(context, "d"));
    for (const name of ["a", "b"]) writeFileSync(join(context, "d", name), name);
    symlinkSync(outside, join(context, "l"));
    writeFileSync(join(context, ".dockerignore"), "*\n!d/b\n!l/secret\n!../outside/secret\n");
    const out = await built("FROM scratch\nCOPY . /\n", context);
    expect(readdirSync(out)).toEqual(["d"]);
    expect(readdirSync(join(out, "d"))).toEqual(["b"]);
  });

  test("names with a newline, an escape code and what looks like an option are names", async () => {
    const { context } = contextBesideSecret();
    const names = ["new\nline", "\u001b[31mred", "--from=x", "a\u2028b", "__proto__"];
    for (const name of names) writeFileSync(join(context, name), name);
    const out = await built("FROM scratch\nCOPY . /\n", context);
    expect(readdirSync(out).sort()).toEqual([...names, "f"].sort());
  });

  test("a name with the byte FF, which is not UTF-8, is told as a problem", async () => {
    const { context } = contextBesideSecret();
    writeFileSync(Buffer.concat([Buffer.from(`${context}/`), Buffer.from([0x61, 0xff])]), "x");
    expect((await problemOf(built("FROM scratch\nCOPY . /\n", context))).code).toBe("context-unreadable");
  });

  test("a fifo is copied as one and holds nothing up; a socket is left out; a device without an end is never read", async () => {
    const { context } = contextBesideSecret();
    expect(spawnSync("mkfifo", [join(context, "pipe")]).status).toBe(0);
    const socket = createServer().listen(join(context, "socket"));
    await new Promise((resolve) => socket.once("listening", resolve));
    symlinkSync("/dev/zero", join(context, "zero"));
    const dest = join(temporaryFolder(), "a.tar");
    await buildHere({ dockerfile: "FROM scratch\nCOPY . /\n", context, outputs: [`type=tar,dest=${dest}`] });
    socket.close();
    const tar = readFileSync(dest).toString("latin1");
    expect(tar).toContain("pipe\0");
    expect(tar).not.toContain("socket\0");
    expect((await problemOf(built("FROM scratch\nCOPY zero /z\n", context))).code).toBe("source-missing");
  });

  test.each([".dockerignore", "Dockerfile.dockerignore", "Dockerfile"])(
    "a fifo or endless device in the place of %s is a problem, not a wait",
    async (name) => {
      for (const kind of ["fifo", "zero"]) {
        const { context } = contextBesideSecret();
        writeFileSync(join(context, "Dockerfile"), "FROM scratch\nCOPY f /f\n");
        rmSync(join(context, name), { force: true });
        if (kind === "zero") symlinkSync("/dev/zero", join(context, name));
        else expect(spawnSync("mkfifo", [join(context, name)]).status).toBe(0);
        const { status, stderr } = await multihull(["build", "--store", temporaryFolder(), "-q", context]);
        expect(stderr).toMatch(/^error\[file-unreadable\]: .*no regular file/);
        expect(status).toBe(2);
      }
    },
  );
});

describe("a context that is changed while it is copied", () => {
  /** Between the walk and the reading of the first file something outside takes a place in the context. */
  async function swapped(swap: (context: string, outside: string) => void): Promise<string> {
    const { context: folder, outside } = contextBesideSecret();
    mkdirSync(join(folder, "d"));
    writeFileSync(join(folder, "d/secret"), "inside now");
    writeFileSync(join(folder, "secret"), "inside now");
    const context = folderContext(folder, { name: "." });
    const entries = await context.entries();
    swap(folder, outside);
    const texts: string[] = [];
    try {
      for (const entry of entries) {
        if (entry.type !== "file" || !entry.path.endsWith("secret")) continue;
        for await (const chunk of context.open(entry)) texts.push(Buffer.from(chunk).toString());
      }
    } finally {
      await context.close();
    }
    return texts.join();
  }

  const swaps: Readonly<Record<string, (context: string, outside: string) => void>> = {
    "a file by a link to the outside": (context, outside) => {
      rmSync(join(context, "secret"));
      symlinkSync(join(outside, "secret"), join(context, "secret"));
    },
    "a folder by a link to the outside": (context, outside) => {
      renameSync(join(context, "d"), join(context, "was-d"));
      symlinkSync(outside, join(context, "d"));
    },
    "a file by a fifo": (context) => {
      rmSync(join(context, "secret"));
      expect(spawnSync("mkfifo", [join(context, "secret")]).status).toBe(0);
    },
  };
  for (const [name, swap] of Object.entries(swaps)) {
    test(`never gives the outside's content: ${name}`, async () => {
      expect((await problemOf(swapped(swap))).code).toBe("context-changed");
    });
  }
  test("and without a swap it is read", async () => {
    expect(await swapped(() => {})).toBe("inside now,inside now");
  });
});

describe("an archive on standard input", () => {
  const docker: Row = { path: "Dockerfile", content: "FROM scratch\nCOPY . /\n" };
  const refused: Readonly<Record<string, readonly Row[]>> = {
    "../outside (CVE-2026-28406)": [docker, { path: "../outside", content: "x" }],
    "a/../../outside": [docker, { path: "a/../../outside", content: "x" }],
    "a file below its own link": [docker, { path: "d", type: "symlink", mode: 0o777, link: "/tmp" }, { path: "d/x", content: "x" }],
    "a hard link out": [docker, { path: "h", type: "hardlink", link: "../../etc/passwd" }],
    "a hard link to the host's passwd": [docker, { path: "h", type: "hardlink", link: "/etc/passwd" }],
  };
  for (const [name, rows] of Object.entries(refused)) {
    test(`is refused with ${name}`, async () => {
      const store = temporaryFolder();
      for (const archive of [tarOf(rows), gzipSync(tarOf(rows))]) {
        expect((await problemOf(buildHere({ dockerfile: "", archive, store }))).code).toBe("context-unreadable");
      }
      expect(readdirSync(join(store, "work"))).toEqual([]);
    });
  }

  test("whose Dockerfile is a link is not followed to the host", async () => {
    const archive = tarOf([{ path: "Dockerfile", type: "symlink", mode: 0o777, link: "/etc/passwd" }]);
    expect((await problemOf(buildHere({ dockerfile: "", archive }))).code).toBe("file-unreadable");
  });

  test("that is a bomb of folders is refused", { timeout: 60_000 }, async () => {
    const archive = gzipSync(tarOf(Array.from({ length: 60 }, (_, i) => ({ path: `${i}/${"d/".repeat(2000)}f`, content: "" }))));
    expect((await problemOf(buildHere({ dockerfile: "", archive }))).code).toBe("limit-exceeded");
  });
});

describe("an archive that ADD unpacks", () => {
  const adding = async (rows: readonly Row[], more = ""): Promise<string> => {
    const context = temporaryFolder();
    writeFileSync(join(context, "a.tar"), tarOf(rows));
    return await built(`FROM scratch\n${more}ADD a.tar /in/\n`, context);
  };
  test.each(["../../x", "a/../../x", "/../x"])("is refused with the name %s", async (path) => {
    expect((await problemOf(adding([{ path, content: "x" }]))).code).toBe("layer-invalid");
  });
  test("goes through links inside its own folder only, also where they lead up or to the host", async () => {
    const host = temporaryFolder();
    const out = await adding([
      { path: "abs", type: "symlink", mode: 0o777, link: host },
      { path: "up", type: "symlink", mode: 0o777, link: "../../../../.." },
      { path: "abs/x", content: "1" },
      { path: "up/y", content: "2" },
    ]);
    expect(readdirSync(host)).toEqual([]);
    expect(readdirSync(out)).toEqual(["in"]);
    expect(readFileSync(join(out, "in/y"), "utf8")).toBe("2");
    expect(readFileSync(join(out, "in", host, "x"), "utf8")).toBe("1");
  });
  test("that flips folders and files ten thousand times ends soon", { timeout: 20_000 }, async () => {
    const rows = Array.from({ length: 10_000 }, (_, i): Row[] => [
      { path: `keep${i}`, content: "" },
      { path: "flip", type: "directory", mode: 0o755 },
      { path: "flip/x", content: "" },
      { path: "flip", content: "" },
    ]).flat();
    expect(lstatSync(join(await adding(rows), "in/flip")).isFile()).toBe(true);
  });
  test("that asks for folders without end is refused", { timeout: 60_000 }, async () => {
    const rows = Array.from({ length: 60 }, (_, i) => ({ path: `${i}/${"d/".repeat(2000)}f`, content: "" }));
    expect((await problemOf(adding(rows))).code).toBe("limit-exceeded");
  });
});

describe("a place that takes no new folders (/proc), where Node's own recursive mkdir never ends", () => {
  test.each([
    ["type=local", ["-o", "type=local,dest=/proc/nope/x"], "file-unwritable"],
    ["a layout", ["-o", "type=oci,tar=false,dest=/proc/nope/x"], "file-unwritable"],
    ["an archive", ["-o", "type=oci,dest=/proc/nope/x.tar"], "file-unwritable"],
    ["--metadata-file", ["--metadata-file", "/proc/nope/m"], "file-unwritable"],
    ["--iidfile", ["--iidfile", "/proc/nope/m"], "file-unwritable"],
    ["--store", ["--store", "/proc/nope/s"], "store-unusable"],
  ])("%s is a problem", async (_, args, code) => {
    const { status, stderr } = await multihull(["build", "--store", temporaryFolder(), "-q", "-f", "-", ...args, temporaryFolder()], {
      input: "FROM scratch\nLABEL a=b\n",
    });
    expect(stderr).toMatch(new RegExp(`^error\\[${code}\\]: `));
    expect(status).toBe(1);
  });
});
