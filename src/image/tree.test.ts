import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isProblem } from "../core/problem.ts";
import type { EntryType, LayerEntry } from "./entry.ts";
import { entryOf, Tree } from "./tree.ts";

type Told = LayerEntry & { readonly offset?: number };

/** `dir/` a folder, `a -> b` a symlink, `a => b` a hard link, `c:1:3` a character device, else a file whose size is its content's mark. */
function entry(text: string, size = 0): Told {
  const base = { mode: 0o644, uid: 0, gid: 0, mtime: 0, size: 0 };
  const [path = "", link] = text.split(/ [-=]> /);
  if (link !== undefined) return { ...base, path, type: text.includes(" => ") ? "hardlink" : "symlink", link };
  if (text.endsWith("/")) return { ...base, path: text.slice(0, -1), type: "directory", mode: 0o700 };
  const [name = "", major, minor] = text.split(":");
  if (major !== undefined) return { ...base, path: name, type: "char", device: { major: Number(major), minor: Number(minor) } };
  return { ...base, path, type: "file", size };
}

/** Layers, each with its number as source and as the size of its files. */
function stack(...layers: readonly (readonly string[])[]): Tree<number> {
  let tree = Tree.empty<number>();
  for (const [i, layer] of layers.entries()) {
    tree = tree.apply(
      layer.map((text, n) => ({ ...entry(text, i + 1), offset: 512 * (n + 1) })),
      i + 1,
    );
  }
  return tree;
}

/** `dir/`, `link -> target`, `file:layer`; folders that nobody told of as `dir/?`. */
function shape(tree: Tree<number>): string[] {
  return [...tree.walk()]
    .filter(([path]) => path !== "")
    .map(([path, node]) => {
      if (node.type === "directory") return `${path}/${node.source === undefined ? "?" : ""}`;
      if (node.type === "symlink") return `${path} -> ${node.link}`;
      return node.type === "file" ? `${path}:${node.source}` : `${path} (${node.type})`;
    });
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (isProblem(error)) return error.code;
    throw error;
  }
  return "none";
}

describe("layers on each other", () => {
  const cases: Record<string, { layers: string[][]; shape: string[] }> = {
    "entries without folders imply them": { layers: [["a/b/c"]], shape: ["a/?", "a/b/?", "a/b/c:1"] },
    "a folder told after its content keeps it": { layers: [["a/b", "a/"]], shape: ["a/", "a/b:1"] },
    "a file of a later layer wins": { layers: [["a", "b"], ["a"]], shape: ["a:2", "b:1"] },
    "a folder over a folder is merged": {
      layers: [
        ["d/", "d/a"],
        ["d/", "d/b"],
      ],
      shape: ["d/", "d/a:1", "d/b:2"],
    },
    "a file over a folder replaces it": { layers: [["d/", "d/a"], ["d"]], shape: ["d:2"] },
    "a folder over a file replaces it": { layers: [["d"], ["d/", "d/a"]], shape: ["d/", "d/a:2"] },
    "folder, file, folder: the first content is gone": { layers: [["d/", "d/a"], ["d"], ["d/", "d/b"]], shape: ["d/", "d/b:3"] },
    "a folder over a symlink replaces it": {
      layers: [
        ["t/", "t/x", "d -> t"],
        ["d/", "d/y"],
      ],
      shape: ["d/", "d/y:2", "t/", "t/x:1"],
    },
    "a file over a symlink replaces it, and is not written through it": { layers: [["t", "d -> t"], ["d"]], shape: ["d:2", "t:1"] },
    "a symlink over a folder replaces it": { layers: [["d/", "d/a"], ["d -> /tmp"]], shape: ["d -> /tmp"] },
    "an entry below a lower layer's symlink makes it a folder": { layers: [["d -> /tmp"], ["d/x"]], shape: ["d/?", "d/x:2"] },
    "the same, where the symlink leads out": { layers: [["d -> ../../.."], ["d/x"]], shape: ["d/?", "d/x:2"] },
    "the same, over a whole path": { layers: [["etc -> /host"], ["etc/a/b"]], shape: ["etc/?", "etc/a/?", "etc/a/b:2"] },
    "an entry below a symlink of its own layer goes where that leads, inside": { layers: [["d -> /tmp", "d/x"]], shape: ["d -> /tmp", "tmp/?", "tmp/x:1"] },
    "the same, with a symlink that leads out": { layers: [["d -> ../../..", "d/x"]], shape: ["d -> ../../..", "x:1"] },
    "an entry below a lower layer's file makes it a folder": { layers: [["f"], ["f/x"]], shape: ["f/?", "f/x:2"] },
    "devices and fifos are entries": { layers: [["null:1:3", "wh:0:0"]], shape: ["null (char)", "wh (char)"] },
    "names are in the order of code units": { layers: [["b", "a.b", "a/", "a/x", "Z", "é"]], shape: ["Z:1", "a/", "a/x:1", "a.b:1", "b:1", "é:1"] },

    "a whiteout hides a file": { layers: [["a", "b"], [".wh.a"]], shape: ["b:1"] },
    "a whiteout hides a folder and all below": { layers: [["d/", "d/a/b"], [".wh.d"]], shape: [] },
    "a whiteout of nothing does nothing": { layers: [["a"], [".wh.b"]], shape: ["a:1"] },
    "a whiteout does not touch its own layer, standing before": { layers: [["a"], [".wh.a", "a"]], shape: ["a:2"] },
    "a whiteout does not touch its own layer, standing after": { layers: [["a"], ["a", ".wh.a"]], shape: ["a:2"] },
    "a whiteout before a new folder of that name": {
      layers: [
        ["d/", "d/a"],
        [".wh.d", "d/", "d/b"],
      ],
      shape: ["d/", "d/b:2"],
    },
    "a whiteout after a new folder of that name": {
      layers: [
        ["d/", "d/a", "d/s/", "d/s/x"],
        ["d/", "d/b", "d/s/y", ".wh.d"],
      ],
      shape: ["d/", "d/b:2", "d/s/", "d/s/y:2"],
    },
    "a whiteout of a symlink hides the link, not its target": { layers: [["t/", "t/x", "l -> t"], [".wh.l"]], shape: ["t/", "t/x:1"] },
    "a whiteout of a symlink that leads out": { layers: [["l -> ../../etc"], [".wh.l"]], shape: [] },
    "a whiteout in a folder that is not there makes the folder": { layers: [[], ["d/.wh.x"]], shape: ["d/?"] },
    "a hidden file may come back": { layers: [["a"], [".wh.a"], ["a"]], shape: ["a:3"] },

    "an opaque folder shows its own layer only": {
      layers: [
        ["d/", "d/a", "d/s/b"],
        ["d/", "d/.wh..wh..opq", "d/c"],
      ],
      shape: ["d/", "d/c:2"],
    },
    "opaque after entries of the same layer": {
      layers: [
        ["d/", "d/a", "d/s/b"],
        ["d/c", "d/s/e", "d/.wh..wh..opq"],
      ],
      shape: ["d/", "d/c:2", "d/s/?", "d/s/e:2"],
    },
    "opaque on the root": {
      layers: [
        ["a", "d/b"],
        [".wh..wh..opq", "c"],
      ],
      shape: ["c:2"],
    },
    "opaque spares a hard link that its layer made to a lower file": {
      layers: [
        ["d/f", "g"],
        ["d/l => g", "d/.wh..wh..opq"],
      ],
      shape: ["d/?", "d/l:1", "g:1"],
    },
    "opaque in a folder that is not there": { layers: [[], ["d/.wh..wh..opq"]], shape: ["d/?"] },
    "AUFS' own files are left out": { layers: [[".wh..wh.plnk/", ".wh..wh.plnk/1.2", ".wh..wh.aufs", "a"]], shape: ["a:1"] },
  };
  for (const [what, c] of Object.entries(cases)) test(what, () => expect(shape(stack(...c.layers))).toEqual(c.shape));

  const refused: Record<string, string[][]> = {
    "a whiteout of nothing (.wh.)": [[".wh."]],
    "a whiteout of the folder itself (.wh..)": [["a/.wh.."]],
    "a whiteout of the parent (.wh...)": [["a/.wh..."]],
    "an entry below a whiteout": [["a/.wh.b/c"]],
    "a hard link to nothing": [["a => b"]],
    "a hard link to what comes later": [["a => b", "b"]],
    "a hard link to a folder": [["d/", "a => d"]],
    "a hard link through a symlink that leads out, to what is not inside": [["d -> /tmp", "a => d/x"]],
    "a hard link to what a lower layer had and this one hid": [["b"], [".wh.b", "a => b"]],
    "an entry below a file of the same layer": [["f", "f/x"]],
    "the root as a symlink": [[" -> /etc"]],
  };
  for (const [what, layers] of Object.entries(refused)) test(`${what} is refused`, () => expect(codeOf(() => stack(...layers))).toBe("layer-invalid"));
});

describe("hard links", () => {
  test("lead to the same node and its content", () => {
    const tree = stack(["a"], ["d/b => a", "c => d/b"]);
    expect(tree.get("d/b")).toBe(tree.get("a"));
    expect(tree.get("c")).toMatchObject({ source: 1, sourcePath: "a", offset: 512, size: 1, type: "file" });
  });
  test("through a symlinked folder stay inside", () => {
    const tree = stack(["tmp/x", "d -> /tmp", "a => d/x"]);
    expect(tree.get("a")).toBe(tree.get("tmp/x"));
  });
  test("to a symlink link the symlink", () => expect(stack(["t", "s -> t", "h => s"]).get("h")).toMatchObject({ type: "symlink", link: "t" }));
  test("keep their content when the target is replaced", () => {
    const tree = stack(["a", "b => a"], ["a"]);
    expect([tree.get("a")?.source, tree.get("b")?.source]).toEqual([2, 1]);
  });
});

describe("a tree is a value", () => {
  test("a layer on top changes nothing below", () => {
    const below = stack(["d/", "d/a", "d/s/x", "e -> d"]);
    const before = shape(below);
    below.apply([entry("d/s/y"), entry(".wh.e"), entry("d/.wh.a"), entry("d/s/"), entry("d/s/.wh..wh..opq")], 2);
    expect(shape(below)).toEqual(before);
  });
  test("what did not change is shared", () => {
    const below = stack(["d/", "d/a", "e/", "e/b"]);
    const above = below.apply([entry("d/c")], 2);
    expect(above.get("e")).toBe(below.get("e"));
    expect(above.get("d/a")).toBe(below.get("d/a"));
    expect(above.get("d")).not.toBe(below.get("d"));
  });
  test("any order of layers gives what replaying them one by one gives", () => {
    const path = fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
    const item = fc.tuple(fc.constantFrom<EntryType | "whiteout">("file", "directory", "whiteout"), path);
    fc.assert(
      fc.property(fc.array(fc.array(item, { maxLength: 6 }), { maxLength: 4 }), (layers) => {
        // The model: paths in a map; each layer first hides, then adds, since whiteouts touch lower layers only.
        let model = new Map<string, string>();
        let tree = Tree.empty<number>();
        for (const [i, layer] of layers.entries()) {
          const clean: (readonly [EntryType | "whiteout", string])[] = [];
          for (const [type, p] of layer) {
            // One entry a name, and none below a file: what a layer's writer makes.
            const clash = clean.some(([t, q]) => q === p || (t !== "directory" && p.startsWith(`${q}/`)) || (type !== "directory" && q.startsWith(`${p}/`)));
            if (!clash) clean.push([type, p]);
          }
          const next = new Map(model);
          const drop = (p: string): void => {
            for (const q of next.keys()) if (q === p || q.startsWith(`${p}/`)) next.delete(q);
          };
          const parents = (p: string): string[] =>
            p
              .split("/")
              .slice(0, -1)
              .map((_, n, parts) => parts.slice(0, n + 1).join("/"));
          for (const [type, p] of clean) if (type === "whiteout") drop(p);
          for (const [type, p] of clean) {
            for (const parent of parents(p)) {
              if (next.get(parent) !== "directory") drop(parent);
              next.set(parent, "directory");
            }
            if (type === "whiteout") continue;
            if (type === "file" || next.get(p) !== "directory") drop(p);
            next.set(p, type === "file" ? `file ${i}` : "directory");
          }
          model = next;
          const told = clean.map(([type, p]): Told => {
            const at = p.lastIndexOf("/") + 1;
            return type === "whiteout" ? entry(`${p.slice(0, at)}.wh.${p.slice(at)}`) : entry(type === "file" ? p : `${p}/`);
          });
          tree = tree.apply(told, i);
        }
        const got = new Map([...tree.walk()].slice(1).map(([p, node]) => [p, node.type === "file" ? `file ${node.source}` : node.type]));
        expect(Object.fromEntries(got)).toEqual(Object.fromEntries(model));
      }),
      { numRuns: 300 },
    );
  });
});

describe("looking things up", () => {
  const tree = stack([
    "bin -> usr/bin",
    "usr/bin/",
    "usr/bin/sh -> dash",
    "usr/bin/dash",
    "abs -> /usr",
    "up -> ../../../usr",
    "loop -> loop",
    "a/b/c -> ../../abs/bin",
    "f",
    "dangling -> no/such",
  ]);
  const cases: Record<string, { path: string; follow?: boolean; to: string; type?: string }> = {
    "the root": { path: "", to: "", type: "directory" },
    "a slash": { path: "/", to: "", type: "directory" },
    "a plain path": { path: "usr/bin/dash", to: "usr/bin/dash", type: "file" },
    "an absolute one": { path: "/usr/bin/", to: "usr/bin", type: "directory" },
    "through a relative symlink": { path: "bin/dash", to: "usr/bin/dash", type: "file" },
    "a symlink at the end, followed": { path: "bin/sh", to: "usr/bin/dash", type: "file" },
    "a symlink at the end, not followed": { path: "bin/sh", follow: false, to: "usr/bin/sh", type: "symlink" },
    "through an absolute symlink": { path: "abs/bin/dash", to: "usr/bin/dash", type: "file" },
    "a symlink that leads above the root stops there": { path: "up/bin/dash", to: "usr/bin/dash", type: "file" },
    "dots above the root stop there": { path: "../../usr", to: "usr", type: "directory" },
    "dots after a symlink go from where it leads": { path: "bin/..", to: "usr", type: "directory" },
    "a symlink through a symlink": { path: "a/b/c/dash", to: "usr/bin/dash", type: "file" },
    "what does not exist": { path: "usr/lib/x", to: "usr/lib/x" },
    "what does not exist, through a symlink": { path: "abs/lib/x", to: "usr/lib/x" },
    "a symlink to nothing": { path: "dangling/x", to: "no/such/x" },
    "below a file": { path: "f/x", to: "f/x" },
    "a circle, not followed": { path: "loop", follow: false, to: "loop", type: "symlink" },
  };
  for (const [what, { path, follow = true, to, type }] of Object.entries(cases)) {
    test(what, () => {
      const found = tree.resolve(path, { followLast: follow });
      expect([found.path, found.node?.type]).toEqual([to, type]);
      expect(found.node).toBe(tree.get(to));
    });
  }
  test("a circle is told", () => expect(codeOf(() => tree.resolve("loop/x", { followLast: true }))).toBe("limit-exceeded"));
  test("two symlinks that double their paths end soon", () => {
    const bomb = stack([`a -> ${"b/".repeat(200)}x`, `b -> ${"a/".repeat(200)}y`]);
    expect(codeOf(() => bomb.resolve("a", { followLast: true }))).toBe("limit-exceeded");
  });
  test("a layer that runs through its own circle is refused", () => expect(codeOf(() => stack(["a -> b", "b -> a", "a/x"]))).toBe("limit-exceeded"));
  test("children are sorted, and none for a file", () =>
    expect([tree.children("usr/bin"), tree.children("f"), tree.children("no")]).toEqual([["dash", "sh"], [], []]));
  test("get follows nothing", () => expect(tree.get("bin/dash")).toBeUndefined());
  test("walk of a part, and of nothing", () => {
    expect([...tree.walk("usr")].map(([path]) => path)).toEqual(["usr", "usr/bin", "usr/bin/dash", "usr/bin/sh"]);
    expect([...tree.walk("nothing")]).toEqual([]);
  });
  test("an entry of the root tells of the root", () => {
    const told = Tree.empty<number>().apply([{ ...entry("/"), path: "", mode: 0o711 }, entry("x")], 1);
    expect(told.get("")).toMatchObject({ mode: 0o711, source: 1 });
    expect(told.children("")).toEqual(["x"]);
  });
  test("a node as an entry", () => {
    expect(entryOf("q", tree.get("bin") as never)).toEqual({ path: "q", type: "symlink", mode: 0o644, uid: 0, gid: 0, mtime: 0, size: 0, link: "usr/bin" });
  });
});

describe("limits of one layer", () => {
  test("folders that no entry tells of", () => {
    const deep = Array.from({ length: 260 }, (_, i) => `${i}/${"d/".repeat(2000)}f`);
    expect(() => stack(deep)).toThrow(expect.objectContaining({ code: "limit-exceeded" }));
    expect(() => stack(deep.slice(0, 20))).not.toThrow();
  });
  test("symlinks walked through again and again, by entries and by hard links", () => {
    const links = Array.from({ length: 200 }, (_, i) => `l${i} -> ${"./".repeat(1900)}${i === 199 ? "d" : `l${i + 1}`}`);
    const start = ["d/", "d/x", ...links];
    const names = Array.from({ length: 400 }, (_, i) => i);
    expect(() => stack([...start, ...names.map((i) => `l0/${i}/f`)])).toThrow(expect.objectContaining({ code: "limit-exceeded" }));
    expect(() => stack([...start, ...names.map((i) => `h${i} => l0/x`)])).toThrow(expect.objectContaining({ code: "limit-exceeded" }));
    expect(() => stack([...start, "l0/a/f", "h => l0/x"])).not.toThrow();
  });
});
