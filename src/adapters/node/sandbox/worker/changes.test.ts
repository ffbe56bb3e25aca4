import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  bytesOf,
  entriesIn,
  type LayerFolders,
  layerFolders,
  shownFolder,
  shownTree,
  shownView,
  type TestEntry,
  testEntry,
  whyNoLayerFolders,
} from "../../../../../test/harness/layer-folders.ts";
import { Tree } from "../../../../image/tree.ts";
import { layerChanges } from "./changes.ts";
import { copiedChanges, keepCopied, scanRoot } from "./copied-changes.ts";
import { copyRoot } from "./copy-root.ts";
import { visibleLayers } from "./lower-view.ts";
import { prepareUpper } from "./prepare-upper.ts";
import { settleUpper } from "./settle-upper.ts";
import { unpackLayer } from "./unpack-layer.ts";

const why = whyNoLayerFolders() ?? whyNoOverlay();

function whyNoOverlay(): string | undefined {
  const place = mkdtempSync(join(tmpdir(), "multihull-overlay-"));
  try {
    execFileSync("unshare", ["-m", "sh", "-ec", "mkdir l u w m; mount -t overlay overlay -o lowerdir=l,upperdir=u,workdir=w,userxattr m"], {
      cwd: place,
      stdio: "pipe",
    });
    return undefined;
  } catch (error) {
    return (error as Error).message.split("\n")[1] ?? "overlay cannot be mounted";
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

let folders: LayerFolders;
beforeEach(() => {
  folders = layerFolders();
});
// A disk that others write to, too, takes its time to forget some thousand files.
afterEach(() => folders.close(), 60_000);

interface Stack {
  readonly layers: readonly (readonly TestEntry[])[];
  readonly lower: readonly string[];
  readonly implied: readonly (readonly string[])[];
}

async function stack(...layers: readonly (readonly string[])[]): Promise<Stack> {
  const entries = layers.map((layer) => layer.map(testEntry));
  const unpacked = [];
  for (const [at, layer] of entries.entries()) unpacked.push(await folders.unpack(`l${at}`, layer));
  return { layers: entries, lower: unpacked.map(({ folder }) => folder), implied: unpacked.map(({ implied }) => implied) };
}

/** Runs a script upon layers by the kernel's overlay; what it then sees is copied to `real`. */
function run({ lower, implied }: Stack, script: string): { readonly upper: string; readonly real: string } {
  const upper = folders.folder("upper");
  const real = folders.folder("real");
  for (const name of ["work", "merged"]) folders.folder(name);
  prepareUpper(
    upper,
    lower.map((folder, at) => ({ folder, implied: implied[at] ?? [] })),
  );
  const options = `lowerdir=${[...visibleLayers(lower)].reverse().join(":")},upperdir=upper,workdir=work,userxattr`;
  execFileSync("unshare", ["-m", "sh", "-ec", `mount -t overlay overlay -o "$0" merged; (cd merged; umask 022; ${script}); cp -a merged/. real`, options], {
    cwd: folders.place,
    stdio: ["ignore", "ignore", "pipe"],
  });
  return { upper, real };
}

async function runCopied(
  { lower }: Stack,
  script: string,
): Promise<{ readonly root: string; readonly before: ReturnType<typeof scanRoot>; readonly lower: readonly string[] }> {
  const root = folders.folder("root");
  await copyRoot(lower, root);
  const before = scanRoot(root);
  execFileSync("sh", ["-ec", `umask 022; ${script}`], { cwd: root, stdio: ["ignore", "ignore", "pipe"] });
  return { root, before, lower };
}

/** `d/`, `f=content`, `l -> x`, `h => x`, `|p`: in the archive's order. */
const shortly = (archive: Uint8Array): string[] =>
  entriesIn(archive).map(({ path, type, link, content }) => {
    if (type === "directory") return `${path}/`;
    if (type === "symlink") return `${path} -> ${link}`;
    if (type === "hardlink") return `${path} => ${link}`;
    if (type === "fifo") return `|${path}`;
    return content === "" ? path : `${path}=${content?.trimEnd()}`;
  });

/** Times of what was made just now are not the same twice. */
const timeless = (archive: Uint8Array): TestEntry[] =>
  entriesIn(archive).map((entry) => ({ ...entry, mtime: entry.mtime > 1_700_000_000 ? Number.NaN : entry.mtime }));
const withoutTime = (lines: readonly string[]): string[] => lines.map((line) => line.replace(/ [0-9.]{9,}/, ""));

const BASE = ["d/", "d/e/ %700", "d/e/f=one @7:8", "d/e/g=two", "d/keep", "o/", "o/a=1", "o/b=2", "o/s/", "o/s/t", "l -> d", "h1=same", "h2 => h1", "|p"];

const SCRIPTS: Record<string, { script: string; changes: string[]; copies?: false }> = {
  "nothing at all": { script: ":", changes: [] },
  "a new file brings the folders above it": { script: "echo new > d/e/n", changes: ["d/", "d/e/", "d/e/n=new"] },
  "what is gone, in the place of its name": { script: "rm d/e/f; touch d/e/e d/e/h", changes: ["d/", "d/e/", "d/e/e", "d/e/.wh.f", "d/e/h"] },
  "written in place": { script: "echo more >> d/e/f", changes: ["d/", "d/e/", "d/e/f=onemore"] },
  "a mode, an owner": { script: "chmod 4755 d/e/f; chown 5:6 d/e/g", changes: ["d/", "d/e/", "d/e/f=one", "d/e/g=two"] },
  "the mode of a folder": { script: "chmod 1777 o", changes: ["o/"] },
  "a time alone": { script: "touch -d @1500000000 d/keep", changes: ["d/", "d/keep"] },
  "made and removed again": { script: "touch d/x; rm d/x", changes: [] },
  "a file moved away and back is as it was": { script: "mv d/e/f x; mv x d/e/f", changes: [] },
  "a mode changed and changed back": { script: "chmod 600 d/e/f; chmod 644 d/e/f", changes: [] },
  "other content of the same length at the same time": {
    script: "printf two > x; touch -d @1600000000 x; chown 7:8 x; mv x d/e/f",
    changes: ["d/", "d/e/", "d/e/f=two"],
  },
  "a folder made anew": { script: "rm -r o; mkdir o; echo 2 > o/b; echo 9 > o/z", changes: ["o/", "o/.wh.a", "o/b=2", "o/.wh.s", "o/z=9"] },
  "a folder in a folder made anew": { script: "rm -r o; mkdir -p o/s; touch o/s/u", changes: ["o/", "o/.wh.a", "o/.wh.b", "o/s/", "o/s/.wh.t", "o/s/u"] },
  "a folder becomes a file": { script: "rm -r o; echo x > o", changes: ["o=x"] },
  "a file becomes a folder": { script: "rm d/keep; mkdir d/keep; touch d/keep/x", changes: ["d/", "d/keep/", "d/keep/x"] },
  "a folder becomes a symlink": { script: "rm -r o; ln -s d o", changes: ["o -> d"] },
  "a symlink becomes a folder": { script: "rm l; mkdir l; touch l/e", changes: ["l/", "l/e"] },
  "a folder renamed": { script: "mv o q", changes: [".wh.o", "q/", "q/a=1", "q/b=2", "q/s/", "q/s/t"] },
  "new names of a new file": { script: "echo x > d/n; ln d/n a; ln d/n z", changes: ["a=x", "d/", "d/n => a", "z => a"] },
  "a new name of an old file": { script: "ln d/e/g z", changes: ["z=two"] },
  "one of two names is gone": { script: "rm h2", changes: [".wh.h2"] },
  "a name of a file with two is written to": { script: "echo x >> h1", changes: ["h1=samex"], copies: false },
  "fifos, sockets": {
    script: "mkfifo q; rm p; perl -MSocket -e 'socket(S,AF_UNIX,SOCK_STREAM,0); bind(S,sockaddr_un(\"sock\")) or die'",
    changes: [".wh.p", "|q"],
  },
  everything: { script: "rm -r d o l h1 h2 p", changes: [".wh.d", ".wh.h1", ".wh.h2", ".wh.l", ".wh.o", ".wh.p"] },
  "folders whose names are no text": {
    script: 'd="$(printf "d\\377")"; mkdir "$d" "$d/e"; echo x > "$d/e/$d"; mv o "$d/o"',
    changes: ["d\udcff/", "d\udcff/e/", "d\udcff/e/d\udcff=x", "d\udcff/o/", "d\udcff/o/a=1", "d\udcff/o/b=2", "d\udcff/o/s/", "d\udcff/o/s/t", ".wh.o"],
  },
  "names that are no text": { script: 'touch "$(printf "\\377\\200")" é', changes: ["é", "\udcff\udc80"] },
};

describe.skipIf(why !== undefined)(`what a program changed${why === undefined ? "" : ` (skipped: ${why})`}`, () => {
  test.each(Object.entries(SCRIPTS))("%s", async (_, { script, changes, copies }) => {
    const on = await stack(BASE);
    const { upper, real } = run(on, script);
    const archive = await bytesOf(layerChanges({ upper, lower: on.lower }));
    expect(shortly(archive)).toEqual(changes);
    await expectSound(on, archive, upper, real);
    if (copies === false) return;
    const copied = await runCopied(on, script);
    const copiedArchive = await bytesOf(copiedChanges(copied));
    expect(timeless(copiedArchive)).toEqual(timeless(archive));
    const kept = folders.folder("kept");
    await keepCopied(copied, kept, { ids: 65_536 });
    expect(withoutTime(shownView([...on.lower, kept]))).toEqual(withoutTime(shownFolder(real)));
  });

  test("whiteouts and folders of several layers below", async () => {
    const on = await stack(["d/", "d/a=1", "d/b=1", "x/", "x/y"], ["d/.wh.a", "x/", "x/.wh..wh..opq", "x/z"], ["d/ %711", "d/c=3", ".wh.none"]);
    const { upper, real } = run(on, "rm d/b; echo 2 > d/a; rm x/z; mkdir none; touch none/q");
    const archive = await bytesOf(layerChanges({ upper, lower: on.lower }));
    expect(shortly(archive)).toEqual(["d/", "d/a=2", "d/.wh.b", "none/", "none/q", "x/", "x/.wh.z"]);
    await expectSound(on, archive, upper, real);
  });

  test("folders that a layer does not tell of are as lower layers say", async () => {
    const on = await stack(["u/ %750 @3:4", "u/v/ %711", "u/v/w=1"], ["u/v/x=2", "n/m=3"], ["u/y=4"]);
    const { upper, real } = run(on, ":");
    expect(await bytesOf(layerChanges({ upper, lower: on.lower }))).toEqual(Buffer.alloc(1024));
    expect(shownFolder(real)).toEqual(shownView(on.lower));
    expect(shownFolder(real)).toContain("u/ 750 3:4 1600000000");
  });

  test("what lies below an opaque root is not there", async () => {
    const on = await stack(["a=1"], [".wh..wh..opq", "b=2"]);
    const { upper, real } = run(on, "touch a");
    expect(shortly(await bytesOf(layerChanges({ upper, lower: on.lower })))).toEqual(["a"]);
    expect(shownFolder(real).map((line) => line.split(" ")[0])).toEqual(["a", "b"]);
  });

  test("no time is later than the epoch; whiteouts have none", async () => {
    const on = await stack(["old", "gone"]);
    const { upper } = run(on, "rm gone; touch new; touch -d @1500000000 old");
    const times = entriesIn(await bytesOf(layerChanges({ upper, lower: on.lower, epoch: 1_550_000_000 }))).map(({ path, mtime }) => [path, mtime]);
    expect(times).toEqual([
      [".wh.gone", 0],
      ["new", 1_550_000_000],
      ["old", 1_500_000_000],
    ]);
  });

  test("a layer that changes nothing brings nothing of its image into others", async () => {
    const on = await stack(["passwd=mine %600", "d/", "d/x"]);
    const { upper } = run(
      on,
      "chmod 600 passwd; touch d/y; rm d/y; rm d/x; : > d/x; touch -d @1600000000 d/x; rm -r d; mkdir d; : > d/x; touch -d @1600000000 d/x",
    );
    settleUpper({ upper, lower: on.lower });
    expect(shownFolder(upper)).toEqual([]);
  });

  test("capabilities are told of, attributes of users are not", async () => {
    const on = await stack(["f=x", "g=x"]);
    const { upper } = run(
      on,
      "perl -e 'my $v = pack(q(H*), q(0100000200040000000000000000000000000000)); my ($f, $n, $g, $u, $x) = (q(f), q(security.capability), q(g), q(user.a), q(b)); syscall(188, $f, $n, $v, 20, 0) == 0 or die; syscall(188, $g, $u, $x, 1, 0) == 0 or die'",
    );
    const entries = entriesIn(await bytesOf(layerChanges({ upper, lower: on.lower })));
    expect(entries.map(({ path, xattrs }) => [path, [...(xattrs ?? [])].map(([name, value]) => [name, Buffer.from(value).toString("hex")])])).toEqual([
      ["f", [["security.capability", "0100000200040000000000000000000000000000"]]],
    ]);
  });

  test("what a program writes into attributes hides nothing", async () => {
    const on = await stack(["a=1", "o/", "o/a=1", "f=x"]);
    const forge = (at: string, name: string): string =>
      `perl -e 'my ($f, $n, $v) = (q(${at}), q(${name}), q(y)); syscall(188, $f, $n, $v, 1, 0) == 0 or exit 9' || [ $? = 9 ]`;
    const marks = ["user.overlay.opaque", "user.multihull.opaque", "user.multihull.implied"];
    const lines = [".", "o", "o/n"].flatMap((at) => marks.map((mark) => forge(at, mark)));
    const files = ["e", "f"].flatMap((at) => [`: > ${at}`, forge(at, "user.overlay.whiteout"), forge(at, "user.multihull.whiteout"), `chmod 0 ${at}`]);
    const { upper, real } = run(on, ["mkdir o/n", ...lines, ...files].join("; "));
    const archive = await bytesOf(layerChanges({ upper, lower: on.lower }));
    expect(shortly(archive)).toEqual(["e", "f", "o/", "o/n/"]);
    await expectSound(on, archive, upper, real);
    expect(visibleLayers([...on.lower, upper])).toEqual([...on.lower, upper]);
    expect(withoutTime(shownView([...on.lower, upper]))).toEqual(withoutTime(shownFolder(real)));
  });

  test("a file of another user does not become root's by a note", async () => {
    const on = await stack(["x"]);
    const { upper } = run(
      on,
      "touch mine; perl -e 'my ($f, $n, $v) = (q(mine), q(user.multihull.owner), q(0:7)); syscall(188, $f, $n, $v, 3, 0) == 0 or die'; chown 1000:0 mine",
    );
    expect(entriesIn(await bytesOf(layerChanges({ upper, lower: on.lower }))).map(({ path, uid, gid }) => `${path} ${uid}:${gid}`)).toEqual(["mine 1000:7"]);
  });

  test("a device of no number in a copied root hides nothing that the layer does not tell of", async () => {
    const copied = await runCopied(await stack(BASE), "rm d/e/f; mknod d/e/f c 0 0; mknod new c 0 0");
    expect(shortly(await bytesOf(copiedChanges(copied)))).toEqual(["d/", "d/e/", "d/e/.wh.f"]);
  });

  test("owners that the namespace does not have are told as they were declared", async () => {
    const { folder } = await folders.unpack("single", ["f=x @1000:33", "d/ @5:5", "d/g"].map(testEntry), 1);
    const on: Stack = { layers: [], lower: [folder], implied: [[]] };
    const { upper } = run(on, "echo y >> f; touch d/n");
    const owners = entriesIn(await bytesOf(layerChanges({ upper, lower: on.lower }))).map(({ path, uid, gid }) => `${path} ${uid}:${gid}`);
    expect(owners).toEqual(["d 5:5", "d/n 0:0", "f 1000:33"]);
  });

  test("a large file with holes passes through", async () => {
    const on = await stack(["x"]);
    const { upper } = run(on, "truncate -s 300M big; printf end >> big");
    let bytes = 0;
    let tail = Buffer.alloc(0);
    for await (const chunk of layerChanges({ upper, lower: on.lower })) {
      bytes += chunk.byteLength;
      tail = Buffer.concat([tail, chunk]).subarray(-2048);
    }
    expect(bytes).toBe(512 + Math.ceil((300 * 1024 * 1024 + 3) / 512) * 512 + 1024);
    expect(tail.includes("end\0")).toBe(true);
  });

  const name = fc.constantFrom("a", "b", "c", "d", "d/e", "d/e/f", "o", "o/a", "o/s", "n", "n/m");
  const act = fc.oneof(
    name.map((at) => `echo ${at} > ${at}`),
    name.map((at) => `echo more >> ${at}`),
    name.map((at) => `mkdir ${at}`),
    name.map((at) => `rm -r ${at}`),
    name.map((at) => `rm -rf ${at}; mkdir ${at}`),
    name.map((at) => `chmod 711 ${at}`),
    name.map((at) => `touch -d @1600000000 ${at}`),
    fc.tuple(name, name).map(([from, to]) => `mv -T ${from} ${to}`),
    fc.tuple(name, name).map(([from, to]) => `cp -a ${from} ${to}`),
    fc.tuple(name, name).map(([from, to]) => `ln -s ${from} ${to}`),
  );

  test("the archive of any changes gives what the program saw; copies give the same archive", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 8 }), async (acts) => {
        folders.close();
        folders = layerFolders();
        const on = await stack(
          BASE.filter((text) => !text.startsWith("h")),
          ["o/", "o/.wh.a", "d/e/", "d/e/x=3", ".wh.p"],
        );
        const script = acts.map((one) => `(${one}) 2>/dev/null || :`).join("; ");
        const { upper, real } = run(on, script);
        const archive = await bytesOf(layerChanges({ upper, lower: on.lower }));
        await expectSound(on, archive, upper, real);
        // How much cp makes of a folder that it copies into itself hangs on the order in which the folder's files are listed: two runs may differ.
        if (acts.some((one) => /^cp -a (\S+) \1(?:\/|$)/.test(one))) return;
        expect(timeless(await bytesOf(copiedChanges(await runCopied(on, script))))).toEqual(timeless(archive));
      }),
      { numRuns: 15 },
    );
  }, 120_000);
});

/** The archive, laid upon the layers, is what the program saw; and settling the upper folder makes what unpacking the archive makes. */
async function expectSound(on: Stack, archive: Buffer, upper: string, real: string): Promise<void> {
  const all = [...on.layers, entriesIn(archive)];
  let tree = Tree.empty<number>();
  for (const [at, entries] of all.entries()) tree = tree.apply(entries, at);
  const believed = shownTree(tree, (source, path) => all[source]?.find((entry) => entry.path === path)?.content ?? "");
  const saw = shownFolder(real);
  expect(withoutTime(believed)).toEqual(withoutTime(saw));
  const unpacked = folders.folder("unpacked");
  async function* whole(): AsyncIterable<Uint8Array> {
    yield archive;
  }
  await unpackLayer(whole(), unpacked, { ids: 65_536 });
  settleUpper({ upper, lower: on.lower });
  expect(withoutTime(shownView([...on.lower, upper]))).toEqual(withoutTime(shownView([...on.lower, unpacked])));
  expect(await bytesOf(layerChanges({ upper, lower: on.lower }))).toEqual(archive);
}
