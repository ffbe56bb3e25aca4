import { describe, expect, test } from "vitest";
import { copyVertex, FILE_TIME, fetchedFile, type Spec, shown, viewOf, workdirVertex } from "../../../test/harness/memory-build.ts";
import { isProblem } from "../../core/problem.ts";
import type { CopySource, CopyVertex, Owner } from "../../plan/graph.ts";
import { copyEntries, workdirEntries } from "./copy-step.ts";
import type { MadeEntry } from "./copy-target.ts";

type Files = Readonly<Record<string, Spec>>;

const never = new AbortController().signal;

const unwarned = (message: string): never => {
  throw new Error(`the warning is not expected: ${message}`);
};

function copied(vertex: CopyVertex, context: Files, below: Files | "nothing" = {}, warn: (message: string) => void = unwarned): Promise<MadeEntry[]> {
  const view = viewOf(context);
  return copyEntries(
    vertex,
    below === "nothing" ? undefined : async () => viewOf(below),
    { files: async () => ({ view, name: "the context" }), remote: async () => ({ file: fetchedFile("web", 1_500_000_000) }), archive: async () => undefined },
    never,
    warn,
  );
}

/** `path mode uid:gid`, then `=` for a hard link, `@` for a time that is the file's own, `kept` for what is only there as a folder above. */
function line({ path, node, hardLinkTo, kept, opaque }: MadeEntry): string {
  if (node === undefined) return `${path} gone`;
  return [path, shown(node), hardLinkTo === undefined ? "" : `= ${hardLinkTo}`, kept ? "kept" : "", opaque ? "opaque" : ""]
    .filter((part) => part !== "")
    .join(" ");
}

async function failure(act: Promise<unknown>): Promise<{ code: string; message: string; hint: string | undefined }> {
  const error = await act.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isProblem(error)) throw new Error(`no problem but ${String(error)}`);
  return { code: error.code, message: error.message, hint: error.hint };
}

const TREE: Files = { "a.txt": "a", "b.md": "b", "dir/c.txt": "c", "dir/sub/d.txt": "d", "run.sh": { content: "#!", mode: 0o755 } };

describe("what COPY puts where", () => {
  const cases: readonly {
    name: string;
    paths: readonly string[];
    to: string;
    more?: Parameters<typeof copyVertex>[2];
    context?: Files;
    below?: Files;
    want: readonly string[];
  }[] = [
    { name: "file to a new name", paths: ["/a.txt"], to: "/x", want: ["x -644 0:0"] },
    { name: "file to a folder named by its slash", paths: ["/a.txt"], to: "/x/", want: ["x d755 0:0", "x/a.txt -644 0:0"] },
    { name: "file to a folder named by slash and dot", paths: ["/a.txt"], to: "/x/.", want: ["x d755 0:0", "x/a.txt -644 0:0"] },
    { name: "file to a folder that exists", paths: ["/a.txt"], to: "/x", below: { "x/": { mode: 0o700, uid: 3 } }, want: ["x d700 3:0", "x/a.txt -644 0:0"] },
    { name: "file over a file", paths: ["/a.txt"], to: "/x", below: { x: { mode: 0o600, uid: 9 } }, want: ["x -644 0:0"] },
    { name: "file to the root", paths: ["/a.txt"], to: "/", want: ["a.txt -644 0:0"] },
    { name: "folders above are new", paths: ["/a.txt"], to: "/x/y/z", want: ["x d755 0:0", "x/y d755 0:0", "x/y/z -644 0:0"] },
    {
      name: "folders above that exist come with their metadata",
      paths: ["/a.txt"],
      to: "/x/y/z",
      below: { "x/": { mode: 0o1777, gid: 5 }, "x/y/": { mode: 0o750 } },
      want: ["x d1777 0:5 kept", "x/y d750 0:0", "x/y/z -644 0:0"],
    },
    {
      name: "content of a folder to a new one, which is plain",
      paths: ["/dir"],
      to: "/x",
      context: { ...TREE, "dir/": { mode: 0o700, uid: 7 } },
      want: ["x d755 0:0", "x/c.txt -644 0:0", "x/sub d755 0:0", "x/sub/d.txt -644 0:0"],
    },
    {
      name: "content of a folder to one that exists keeps that",
      paths: ["/dir"],
      to: "/x",
      below: { "x/": { mode: 0o700, uid: 3 } },
      want: ["x d700 3:0", "x/c.txt -644 0:0", "x/sub d755 0:0", "x/sub/d.txt -644 0:0"],
    },
    {
      name: "a folder inside takes the source's metadata where it existed",
      paths: ["/dir"],
      to: "/x",
      below: { "x/sub/": { mode: 0o700, uid: 3 } },
      want: ["x d755 0:0", "x/c.txt -644 0:0", "x/sub d755 0:0", "x/sub/d.txt -644 0:0"],
    },
    {
      name: "everything",
      paths: ["/"],
      to: "/app/",
      want: [
        "app d755 0:0",
        "app/a.txt -644 0:0",
        "app/b.md -644 0:0",
        "app/dir d755 0:0",
        "app/dir/c.txt -644 0:0",
        "app/dir/sub d755 0:0",
        "app/dir/sub/d.txt -644 0:0",
        "app/run.sh -755 0:0",
      ],
    },
    {
      name: "several sources",
      paths: ["/a.txt", "/dir"],
      to: "/x/",
      want: ["x d755 0:0", "x/a.txt -644 0:0", "x/c.txt -644 0:0", "x/sub d755 0:0", "x/sub/d.txt -644 0:0"],
    },
    { name: "a pattern", paths: ["/*.txt"], to: "/x/", want: ["x d755 0:0", "x/a.txt -644 0:0"] },
    { name: "a pattern does not cross a slash", paths: ["/*/*.txt"], to: "/x/", want: ["x d755 0:0", "x/c.txt -644 0:0"] },
    {
      name: "a pattern takes the content of a folder",
      paths: ["/d*"],
      to: "/x/",
      want: ["x d755 0:0", "x/c.txt -644 0:0", "x/sub d755 0:0", "x/sub/d.txt -644 0:0"],
    },
    { name: "a pattern that matches nothing copies nothing", paths: ["/*.zip"], to: "/x/", want: [] },
    { name: "a question mark and a set", paths: ["/[ab].?[xd]*"], to: "/x/", want: ["x d755 0:0", "x/a.txt -644 0:0", "x/b.md -644 0:0"] },
    {
      name: "--chown numbers reach new folders above",
      paths: ["/a.txt"],
      to: "/x/y",
      more: { owner: { user: "5", group: "6" } },
      want: ["x d755 5:6", "x/y -644 5:6"],
    },
    { name: "--chown of a number alone is the group too", paths: ["/a.txt"], to: "/y", more: { owner: { user: "5" } }, want: ["y -644 5:5"] },
    {
      name: "--chown by name",
      paths: ["/a.txt"],
      to: "/y",
      more: { owner: { user: "app", group: "staff" } },
      below: { "etc/passwd": "root:x:0:0::/:\napp:x:1000:1001::/:\n", "etc/group": "staff:x:50:\n" },
      want: ["y -644 1000:50"],
    },
    {
      name: "--chown by name brings its group",
      paths: ["/a.txt"],
      to: "/y",
      more: { owner: { user: "app" } },
      below: { "etc/passwd": "app:x:1000:1001::/:\n" },
      want: ["y -644 1000:1001"],
    },
    {
      name: "octal --chmod reaches files, folders and new folders above",
      paths: ["/dir"],
      to: "/x/y",
      more: { chmod: "0750" },
      want: ["x d750 0:0", "x/y d750 0:0", "x/y/c.txt -750 0:0", "x/y/sub d750 0:0", "x/y/sub/d.txt -750 0:0"],
    },
    {
      name: "symbolic --chmod tells folders and programs by X",
      paths: ["/"],
      to: "/x",
      context: { f: "", p: { mode: 0o700 }, "d/": {} },
      more: { chmod: "u=rwX,go=rX" },
      want: ["x d755 0:0", "x/d d755 0:0", "x/f -644 0:0", "x/p -755 0:0"],
    },
    {
      name: "--exclude looks below the source",
      paths: ["/"],
      to: "/x/",
      more: { exclude: ["*.md", "dir/sub"] },
      want: ["x d755 0:0", "x/a.txt -644 0:0", "x/dir d755 0:0", "x/dir/c.txt -644 0:0", "x/run.sh -755 0:0"],
    },
    {
      name: "--exclude with an exception",
      paths: ["/"],
      to: "/x/",
      more: { exclude: ["dir", "!dir/sub", "*.*"] },
      context: { "dir/c": "", "dir/sub/d": "" },
      want: ["x d755 0:0", "x/dir d755 0:0", "x/dir/sub d755 0:0", "x/dir/sub/d -644 0:0"],
    },
    { name: "--exclude leaves a file that is named by itself", paths: ["/b.md"], to: "/x", more: { exclude: ["*.md"] }, want: ["x -644 0:0"] },
    {
      name: "--parents keeps the folders",
      paths: ["/./dir/sub/d.txt"],
      to: "/x/",
      more: { parents: true },
      want: ["x d755 0:0", "x/dir d755 0:0", "x/dir/sub d755 0:0", "x/dir/sub/d.txt -644 0:0"],
    },
    {
      name: "--parents with a pivot",
      paths: ["/dir/./sub/*.txt"],
      to: "/x/",
      more: { parents: true },
      want: ["x d755 0:0", "x/sub d755 0:0", "x/sub/d.txt -644 0:0"],
    },
    {
      name: "--parents takes a folder whole, with its mode",
      paths: ["/./dir"],
      to: "/",
      context: { ...TREE, "dir/": { mode: 0o711 } },
      more: { parents: true },
      want: ["dir d711 0:0", "dir/c.txt -644 0:0", "dir/sub d755 0:0", "dir/sub/d.txt -644 0:0"],
    },
    {
      name: "--link does not look below",
      paths: ["/a.txt"],
      to: "/x/y",
      more: { link: true },
      below: { "x/": { mode: 0o700, uid: 9 }, "x/y/": {} },
      want: ["x d755 0:0", "x/y -644 0:0"],
    },
    {
      name: "a symlink that is named is followed",
      paths: ["/l"],
      to: "/x/",
      context: { l: { link: "dir/c.txt" }, "dir/c.txt": "c" },
      want: ["x d755 0:0", "x/l -644 0:0"],
    },
    {
      name: "a symlink inside a folder stays one",
      paths: ["/dir"],
      to: "/x",
      context: { "dir/l": { link: "/etc/passwd" } },
      want: ["x d755 0:0", "x/l l777 0:0 -> /etc/passwd"],
    },
    {
      name: "a symlink to a folder is followed on the way",
      paths: ["/l/c.txt"],
      to: "/x",
      context: { l: { link: "dir" }, "dir/c.txt": "c" },
      want: ["x -644 0:0"],
    },
    {
      name: "a symlink out of the context stops at its root",
      paths: ["/l"],
      to: "/x",
      context: { l: { link: "../../../etc/passwd" }, "etc/passwd": "mine" },
      want: ["x -644 0:0"],
    },
    {
      name: "destination through a symlink of the stage",
      paths: ["/a.txt"],
      to: "/lib/",
      below: { lib: { link: "usr/lib" }, "usr/lib/": {} },
      want: ["usr d755 0:0 kept", "usr/lib d755 0:0", "usr/lib/a.txt -644 0:0"],
    },
    {
      name: "destination through a symlink out of the root",
      paths: ["/a.txt"],
      to: "/link/f",
      below: { link: { link: "../../../host" } },
      want: ["host d755 0:0", "host/f -644 0:0"],
    },
    {
      name: "destination is a symlink to a file",
      paths: ["/a.txt"],
      to: "/l",
      below: { l: { link: "/data/f" }, "data/f": "old" },
      want: ["data d755 0:0", "data/f -644 0:0"],
    },
    {
      name: "a file takes the place of a symlink in a folder",
      paths: ["/a.txt"],
      to: "/x/",
      below: { "x/a.txt": { link: "/etc/passwd" } },
      want: ["x d755 0:0", "x/a.txt -644 0:0"],
    },
    {
      name: "hard links stay together",
      paths: ["/"],
      to: "/x/",
      context: { a: "1", b: { type: "hardlink", link: "a" } },
      want: ["x d755 0:0", "x/a -644 0:0", "x/b -644 0:0 = x/a"],
    },
    {
      name: "hard links of two sources are two files",
      paths: ["/a", "/b"],
      to: "/x/",
      context: { a: "1", b: { type: "hardlink", link: "a" } },
      want: ["x d755 0:0", "x/a -644 0:0", "x/b -644 0:0"],
    },
    {
      name: "hard links that a wildcard finds are two files",
      paths: ["/d/*"],
      to: "/x/",
      context: { "d/a": "1", "d/b": { type: "hardlink", link: "d/a" } },
      want: ["x d755 0:0", "x/a -644 0:0", "x/b -644 0:0"],
    },
    { name: "a hard link alone is a file", paths: ["/b"], to: "/x", context: { a: "1", b: { type: "hardlink", link: "a" } }, want: ["x -644 0:0"] },
    {
      name: "special files",
      paths: ["/"],
      to: "/x/",
      context: { pipe: { type: "fifo", mode: 0o600 }, tty: { type: "char", mode: 0o620, device: { major: 5, minor: 0 } } },
      want: ["x d755 0:0", "x/pipe p600 0:0", "x/tty c620 0:0"],
    },
    { name: "setuid, owner and mode are kept", paths: ["/su"], to: "/x", context: { su: { mode: 0o4755, uid: 1, gid: 2 } }, want: ["x -4755 1:2"] },
    {
      name: "odd names",
      paths: ["/"],
      to: "/x/",
      context: { "new\nline": "", "\ufffd": "" },
      want: ["x d755 0:0", "x/new\nline -644 0:0", "x/\ufffd -644 0:0"],
    },
    { name: "a here-document", paths: [], to: "/x/", more: { sources: [{ inline: "text\n", name: "EOF" }] }, want: ["x d755 0:0", "x/EOF -644 0:0"] },
    {
      name: "a file from the web",
      paths: [],
      to: "/x/",
      more: { sources: [{ remote: "sha256:1", name: "f.bin", unpack: false } as unknown as CopySource] },
      want: ["x d755 0:0", "x/f.bin -600 0:0"],
    },
  ];
  for (const { name, paths, to, more, context, below, want } of cases) {
    test(name, async () => {
      expect((await copied(copyVertex(to, paths, more), context ?? TREE, below)).map(line)).toEqual(want);
    });
  }
});

test("a file written over itself is no change, nor is a folder in which nothing happened", async () => {
  const context = viewOf({ "d/f": "1", "d/g": "2", "e/": {} });
  const sources = { files: async () => ({ view: context, name: "the context" }), remote: async () => ({ view: context }), archive: async () => undefined };
  expect((await copyEntries(copyVertex("/", ["/"]), async () => context, sources, never, unwarned)).map(line)).toEqual([]);
  const changed = await copyEntries(copyVertex("/d/g", ["/d/f"], { chmod: "600" }), async () => context, sources, never, unwarned);
  expect(changed.map(line)).toEqual(["d d755 0:0", "d/g -600 0:0"]);
});

describe("times", () => {
  test("files and folders inside keep theirs; what the step makes or writes into has the step's", async () => {
    const made = await copied(
      copyVertex("/x/y/", ["/dir"]),
      { "dir/": { mtime: 11 }, "dir/f": { mtime: 12 }, "dir/sub/": { mtime: 13 }, "dir/sub/g": { mtime: 14 } },
      { "x/": { mtime: 15 } },
    );
    expect(made.map(({ path, node }) => [path, node?.mtime])).toEqual([
      ["x", undefined],
      ["x/y", 11],
      ["x/y/f", 12],
      ["x/y/sub", 13],
      ["x/y/sub/g", 14],
    ]);
  });

  test("a folder far above keeps its own", async () => {
    const made = await copied(copyVertex("/x/y/f", ["/a"]), { a: "" }, { "x/": { mtime: 15 }, "x/y/": { mtime: 16 } });
    expect(made.map(({ path, node }) => [path, node?.mtime])).toEqual([
      ["x", 15],
      ["x/y", undefined],
      ["x/y/f", FILE_TIME],
    ]);
  });

  test("a file from the web has the server's", async () => {
    const made = await copied(copyVertex("/f", [], { sources: [{ remote: "sha256:1", name: "f", unpack: false } as unknown as CopySource] }), {});
    expect(made.map(({ node }) => node?.mtime)).toEqual([1_500_000_000]);
  });
});

describe("what COPY refuses", () => {
  const cases: readonly {
    name: string;
    paths: readonly string[];
    to: string;
    more?: Parameters<typeof copyVertex>[2];
    context?: Files;
    below?: Files | "nothing";
    code: string;
    says: RegExp;
    hint?: RegExp;
  }[] = [
    {
      name: "a source that is not there",
      paths: ["/b.txt"],
      to: "/x",
      code: "source-missing",
      says: /"b\.txt" does not exist in the context/,
      hint: /did you mean "a\.txt"/,
    },
    {
      name: "a source in a folder that is not there",
      paths: ["/dirs/c.txt"],
      to: "/x",
      code: "source-missing",
      says: /"dirs\/c\.txt"/,
      hint: /did you mean "dir"/,
    },
    { name: "nothing like it", paths: ["/program"], to: "/x", code: "source-missing", says: /"program"/, hint: /has "a\.txt", "b\.md", "dir", "run\.sh"/ },
    { name: "a pattern in a folder that is not there", paths: ["/no/*.txt"], to: "/x", code: "source-missing", says: /no/ },
    { name: "a symlink that leads nowhere", paths: ["/l"], to: "/x", context: { l: { link: "gone" } }, code: "source-missing", says: /"l"/ },
    { name: "symlinks in a circle", paths: ["/l"], to: "/x", context: { l: { link: "m" }, m: { link: "l" } }, code: "copy-conflict", says: /circle/ },
    { name: "--parents of what is not there", paths: ["/./dir/e.txt"], to: "/x/", more: { parents: true }, code: "source-missing", says: /"dir\/e\.txt"/ },
    { name: "a file over a folder", paths: ["/a.txt"], to: "/x/", below: { "x/a.txt/": {} }, code: "copy-conflict", says: /folder "\/x\/a\.txt"/ },
    { name: "a folder over a file", paths: ["/dir"], to: "/x", below: { x: "f" }, code: "copy-conflict", says: /"\/x"/ },
    {
      name: "a folder inside over a symlink",
      paths: ["/"],
      to: "/",
      context: { "lib/f": "" },
      below: { lib: { link: "usr/lib" }, "usr/lib/": {} },
      code: "copy-conflict",
      says: /"\/lib", which is a symlink/,
      hint: /usr\/lib/,
    },
    { name: "a file on the way", paths: ["/a.txt"], to: "/x/y", below: { x: "f" }, code: "copy-conflict", says: /"\/x" is a file/ },
    {
      name: "a user with id -1",
      paths: ["/a.txt"],
      to: "/x",
      more: { owner: { user: "app" } },
      below: { "etc/passwd": "app:x:-1:0::/:\n" },
      code: "user-unknown",
      says: /"-1"/,
    },
    {
      name: "a passwd that is a fifo",
      paths: ["/a.txt"],
      to: "/x",
      more: { owner: { user: "app" } },
      below: { "etc/passwd": { type: "fifo" } },
      code: "user-unknown",
      says: /no regular file/,
    },
    {
      name: "a name with --link",
      paths: ["/a.txt"],
      to: "/x",
      more: { link: true, owner: { user: "app" } },
      below: { "etc/passwd": "app:x:1:1::/:\n" },
      code: "user-unknown",
      says: /"app"/,
    },
    {
      name: "a name upon nothing",
      paths: ["/a.txt"],
      to: "/x",
      more: { owner: { user: "app" } },
      below: "nothing",
      code: "user-unknown",
      says: /no files below/,
    },
    {
      name: "a group upon nothing",
      paths: ["/a.txt"],
      to: "/x",
      more: { owner: { user: "1", group: "g" } },
      below: "nothing",
      code: "user-unknown",
      says: /"g"/,
    },
  ];
  for (const { name, paths, to, more, context, below, code, says, hint } of cases) {
    test(name, async () => {
      const problem = await failure(copied(copyVertex(to, paths, more), context ?? TREE, below));
      expect(problem.code).toBe(code);
      expect(problem.message).toMatch(says);
      if (hint !== undefined) expect(problem.hint).toMatch(hint);
    });
  }
});

describe("owners", () => {
  const etc: Files = { "etc/passwd": "root:x:0:0::/:\napp:x:7:8::/:\nshort:x\n", "etc/group": "root:x:0:\nstaff:x:50:\n" };
  const cases: readonly { name: string; owner: Owner; below?: Files; want: string; warns?: readonly string[] }[] = [
    { name: "a number is its own group", owner: { user: "7" }, want: "7:7" },
    { name: "a name has its group", owner: { user: "app" }, want: "7:8" },
    { name: "a name with another group", owner: { user: "app", group: "staff" }, want: "7:50" },
    { name: "numbers for both", owner: { user: "+5", group: "6" }, below: {}, want: "5:6" },
    { name: "a user who is not there is root", owner: { user: "who" }, want: "0:0", warns: ['user "who" is not in /etc/passwd: the owner will be 0:0'] },
    {
      name: "a group that is not there is the user's",
      owner: { user: "app", group: "who" },
      want: "7:8",
      warns: ['group "who" is not in /etc/group: the owner will be 7:8'],
    },
    {
      name: "neither is there",
      owner: { user: "a", group: "b" },
      want: "0:0",
      warns: ['user "a" is not in /etc/passwd: the owner will be 0:0', 'group "b" is not in /etc/group: the owner will be 0:0'],
    },
    {
      name: "an image without a passwd",
      owner: { user: "app" },
      below: {},
      want: "0:0",
      warns: ['user "app" cannot be looked up: there is no /etc/passwd: the owner will be 0:0'],
    },
    {
      name: "a passwd that leads out of the root",
      owner: { user: "app" },
      below: { "etc/passwd": { link: "../../../../secret" } },
      want: "0:0",
      warns: ['user "app" cannot be looked up: there is no /etc/passwd: the owner will be 0:0'],
    },
    {
      name: "a number that is too large is a name",
      owner: { user: "2147483648" },
      want: "0:0",
      warns: ['user "2147483648" is not in /etc/passwd: the owner will be 0:0'],
    },
    {
      name: "a line that ends early",
      owner: { user: "short" },
      want: "0:0",
      warns: Array.from({ length: 2 }, () => '/etc/passwd gives "short" the id "", which is none: the owner will be 0:0'),
    },
    {
      name: "a line with words for numbers",
      owner: { user: "app" },
      below: { "etc/passwd": "app:x:9:ten\n" },
      want: "9:0",
      warns: ['/etc/passwd gives "app" the id "ten", which is none: the owner will be 9:0'],
    },
  ];
  for (const { name, owner, below, want, warns } of cases) {
    test(name, async () => {
      const said: string[] = [];
      const made = await copied(copyVertex("/x", ["/a.txt"], { owner }), TREE, below ?? etc, (message) => said.push(message));
      expect(made.map(line)).toEqual([`x -644 ${want}`]);
      expect(said).toEqual(warns ?? []);
    });
  }
});

describe("WORKDIR", () => {
  const cases: readonly { name: string; path: string; below?: Files; owner?: { user: string }; want: readonly string[] }[] = [
    { name: "makes what is missing", path: "/a/b", want: ["a d755 0:0", "a/b d755 0:0"] },
    { name: "leaves what is there", path: "/a/b", below: { "a/b/": { mode: 0o700 } }, want: [] },
    { name: "keeps the folder above", path: "/a/b", below: { "a/": { mode: 0o700 } }, want: ["a d700 0:0", "a/b d755 0:0"] },
    { name: "gives new folders to the user", path: "/a/b", owner: { user: "7" }, want: ["a d755 7:7", "a/b d755 7:7"] },
    { name: "goes through a symlink, inside the root", path: "/l/b", below: { l: { link: "../../etc" } }, want: ["etc d755 0:0", "etc/b d755 0:0"] },
  ];
  for (const { name, path, below, owner, want } of cases) {
    test(name, async () => {
      const made = await workdirEntries(workdirVertex(path, owner === undefined ? {} : { owner }), async () => viewOf(below ?? {}), unwarned);
      expect(made.map(line)).toEqual(want);
    });
  }
});
