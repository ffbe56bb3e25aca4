import { describe, expect, test } from "vitest";
import { complaintsOf, copyOf, ofKind, planOf } from "../../test/harness/plan-of.ts";
import type { CopySource } from "./graph.ts";

/** Paths of the only source that is files. */
async function pathsOf(...lines: string[]): Promise<readonly string[]> {
  const { sources } = await copyOf(["FROM scratch", ...lines]);
  return sources.flatMap((source) => ("paths" in source ? source.paths : []));
}

describe("where it goes", () => {
  test.each([
    ["/a/b", "/", "/a/b"],
    ["/a/b/", "/", "/a/b/"],
    ["/a/b/.", "/", "/a/b/"],
    ["/a//b/../c", "/", "/a/c"],
    [".", "/", "/"],
    [".", "/w", "/w/"],
    ["./", "/w", "/w/"],
    ["x", "/w", "/w/x"],
    ["x/", "/w", "/w/x/"],
    ["..", "/w/v", "/w"],
    ["../..", "/w", "/"],
    ["../../../x", "/w", "/x"],
    ["$UNSET", "/w", "/w/"],
    ["$D", "/w", "/w/dest"],
    ['"a b"', "/w", "/w/a b"],
  ])("%s in %s is %s", async (destination, workdir, wanted) => {
    const copies = ofKind(
      await planOf(["FROM scratch", `WORKDIR ${workdir}`, "ARG D=dest", destination.startsWith('"') ? `COPY ["f", ${destination}]` : `COPY f ${destination}`]),
      "copy",
    );
    expect(copies[0]?.destination).toBe(wanted);
  });

  test.each([
    ["C:\\app\\", "/app/"],
    ["x", "/w/x"],
    ["c:/x/../y", "/y"],
  ])("on Windows %s is %s", async (destination, wanted) => {
    const copy = ofKind(await planOf(["# escape=`", "FROM scratch", "WORKDIR C:\\w", `COPY f ${destination}`], { platforms: ["windows/amd64"] }), "copy");
    expect(copy[0]?.destination).toBe(wanted);
  });
});

test.each(["D:\\x", "\\\\host\\share", "c:"])("on Windows %s is refused", async (destination) => {
  const lines = ["# escape=`", "FROM scratch", `COPY f ${destination}`];
  expect(await complaintsOf(lines, { platforms: ["windows/amd64"] })).toEqual([
    expect.stringMatching(/^3:1 dockerfile-semantics ".*" is (?:a network path|not a path on drive C:)$/),
  ]);
});

describe("what is taken", () => {
  test.each([
    ["a", "/a"],
    ["./a/", "/a"],
    ["/a", "/a"],
    [".", "/"],
    ["a/../b", "/b"],
    ["*.txt", "/*.txt"],
    ["a/b*/c?", "/a/b*/c?"],
  ])("%s is %s of the context", async (source, path) => {
    expect(await pathsOf(`COPY ${source} /d/`)).toEqual([path]);
  });

  test.each(["../x", "/../x", "a/../../x"])("%s cannot lead out: the same path inside is taken, and that is said", async (source) => {
    const plan = await planOf(["FROM scratch", `COPY ${source} /d`]);
    expect(ofKind(plan, "copy")[0]?.sources).toMatchObject([{ paths: ["/x"], written: [source] }]);
    expect(plan.warnings).toEqual([`Dockerfile:2: "${source}" leads out of the build context; "/x" inside it is taken, as BuildKit does`]);
  });

  test.each([
    ["a/b", "/./a/b"],
    ["./a", "/./a"],
    ["a/./b/*.go", "/a/./b/*.go"],
    ["../a/./b", "/a/./b"],
    ["**/*.go", "/./**/*.go"],
  ])("--parents: %s is %s", async (source, path) => {
    expect(await pathsOf(`COPY --parents ${source} /d/`)).toEqual([path]);
  });

  test("several sources are one, in order, with their words", async () => {
    const { sources } = await copyOf(["FROM scratch", "COPY a b* c /d/"]);
    expect(sources).toEqual([{ from: expect.stringMatching(/^sha256:/), paths: ["/a", "/b*", "/c"], written: ["a", "b*", "c"], unpack: false }]);
  });

  test("here-documents: expanded unless quoted, after the paths", async () => {
    const { sources } = await copyOf(["FROM scratch", "ARG A=1", "COPY <<one <<'two' f <<-three /d/", '"$A"', "one", "$A", "two", "\t\tx", "\tthree"]);
    expect(sources.slice(1)).toEqual([
      { inline: '"1"\n', name: "one" },
      { inline: "$A\n", name: "two" },
      { inline: "x\n", name: "three" },
    ] satisfies CopySource[]);
  });

  test.each([
    ["ADD a /", true],
    ["ADD --unpack=false a /", false],
    ["COPY a /", false],
  ])("%s: archives are opened: %s", async (line, unpack) => {
    expect((await copyOf(["FROM scratch", line])).sources).toMatchObject([{ unpack }]);
  });
});

describe("flags", () => {
  test.each([
    ["--chown=app", { owner: { user: "app" } }],
    ["--chown=1:2", { owner: { user: "1", group: "2" } }],
    ["--chown=root:root", { owner: { user: "0", group: "0" } }],
    ["--chown=7:", { owner: { user: "7" } }],
    ["--link --chown=root:root", { owner: { user: "0", group: "0" }, link: true }],
    ["--chown=:2", { owner: { user: "0", group: "2" } }],
    ["--chown=$U", { owner: { user: "me" } }],
    ["--chmod=0755", { chmod: "0755" }],
    ["--chmod=$M", { chmod: "600" }],
    ["--chmod=u=rwX,go-w", { chmod: "u=rwX,go-w" }],
    ["--chmod=$UNSET", { link: false }],
    ["--link", { link: true }],
    ["--link --chmod=755", { link: false, chmod: "755" }],
    ["--parents", { parents: true }],
    ["--exclude=*.md --exclude=$U", { exclude: ["*.md", "$U"] }],
  ])("%s", async (flags, wanted) => {
    expect(await copyOf(["FROM scratch", "ARG U=me M=600", `COPY ${flags} a /b`])).toMatchObject(wanted);
  });

  test.each(["8", "10000", "rwx", "u=q", "u", "+x,", "0o755"])("--chmod=%s is refused", async (mode) => {
    expect(await complaintsOf(["FROM scratch", `COPY --chmod=${mode} a /b`])).toEqual([`2:14 dockerfile-semantics --chmod has "${mode}", which is no mode`]);
  });
});

test.each(["me", "1:staff"])("--link --chown=%s is refused: there is nowhere to look the name up", async (owner) => {
  expect(await complaintsOf(["FROM scratch", `COPY --link --chown=${owner} a /b`])).toEqual([
    expect.stringMatching(/^2:21 dockerfile-semantics --chown has the name "(?:me|staff)" beside --link/),
  ]);
  expect(await copyOf(["FROM scratch", "COPY --link --chown=1:2 a /b"])).toMatchObject({ owner: { user: "1", group: "2" }, link: true });
});

describe("COPY --from", () => {
  const stages = ["FROM debian:12 AS Base", "FROM scratch AS made", "COPY a /a", "FROM scratch"];
  test("a stage by name in any case, by number, an image", async () => {
    const plan = await planOf([...stages, "COPY --from=BASE x /1", "COPY --from=1 x /2", "COPY --from=alpine x /3"]);
    const [debian, alpine] = ofKind(plan, "image");
    const [made, ...copies] = ofKind(plan, "copy");
    expect(copies.map(({ sources }) => sources[0])).toMatchObject([{ from: debian?.id }, { from: { layers: [made?.id] } }, { from: alpine?.id }]);
    expect(alpine).toMatchObject({ name: `FROM ${alpine?.reference}`, reference: expect.stringMatching(/^docker\.io\/library\/alpine:latest@sha256:/) });
  });

  test("scratch has nothing", async () => {
    expect((await copyOf(["FROM scratch", "COPY --from=scratch x /"])).sources).toMatchObject([{ from: { layers: [] } }]);
  });

  test("an image for the platform of the image that is built", async () => {
    const plan = await planOf(["FROM --platform=linux/amd64 debian:12", "COPY --from=alpine x /"], { platforms: ["linux/arm64"] });
    expect(ofKind(plan, "image").map(({ reference, platform }) => [reference.split(":")[0], platform.architecture])).toEqual([
      ["docker.io/library/debian", "amd64"],
      ["docker.io/library/alpine", "arm64"],
    ]);
  });

  test.each([
    ["its own stage", [...stages, "COPY --from=2 a /"], "4:6 dockerfile-semantics stages need each other in a circle: stage-2 → stage-2"],
    ["a number that is none", [...stages, "COPY --from=3 a /"], "5:13 stage-unknown there is no stage with the number 3"],
  ])("%s is refused", async (_, lines, complaint) => {
    expect(await complaintsOf(lines)).toEqual([complaint]);
  });

  test("a stage further down is refused", async () => {
    expect(await complaintsOf(["FROM scratch AS one", "COPY --from=two a /", "FROM scratch AS two"], { target: "one" })).toEqual([
      '2:1 dockerfile-semantics --from names the stage "two", which stands further down',
    ]);
  });
});

describe("ADD from the network", () => {
  const digest = `sha256:${"ab".repeat(32)}`;
  test.each([
    ["https://h.example/a/f.tgz", { url: "https://h.example/a/f.tgz" }, { name: "f.tgz", unpack: false }],
    ["https://h.example/a/?x=y", { url: "https://h.example/a/?x=y" }, { name: "a", unpack: false }],
    ["http://h.example", { url: "http://h.example" }, { name: "__unnamed__" }],
    ["https://h.example/%2e%2e%2fetc", {}, { name: "etc" }],
    ["--unpack https://h.example/f.tgz", {}, { unpack: true }],
    [`--checksum=${digest} https://h.example/f`, { checksum: digest }, {}],
  ])("%s is an http vertex", async (words, vertex, source) => {
    const plan = await planOf(["FROM scratch", `ADD ${words} /d/`]);
    const [http] = ofKind(plan, "http");
    expect(http).toMatchObject(vertex);
    expect(ofKind(plan, "copy")[0]?.sources).toMatchObject([{ remote: http?.id, ...source }]);
  });

  test.each([
    ["https://h.example/r.git", { remote: "https://h.example/r.git", keepGitDir: false }],
    ["https://h.example/r.git#v1:sub/dir", { ref: "v1", subdirectory: "sub/dir" }],
    ["--keep-git-dir git@h.example:o/r.git#main", { remote: "git@h.example:o/r.git", ref: "main", keepGitDir: true }],
    ["--checksum=abc123 https://h.example/r.git", { checksum: "abc123" }],
    ["https://h.example/r.git?submodules=false", { submodules: false }],
  ])("%s is a git vertex", async (words, vertex) => {
    const plan = await planOf(["FROM scratch", `ADD ${words} /d/`]);
    expect(ofKind(plan, "git")).toMatchObject([vertex]);
  });

  test("paths before and after an address stay in order", async () => {
    const { sources } = await copyOf(["FROM scratch", "ADD a https://h.example/f b c /d/"]);
    expect(sources.map((source) => ("paths" in source ? source.paths : "remote"))).toEqual([["/a"], "remote", ["/b", "/c"]]);
  });

  test.each([
    ["COPY https://h.example/f /d", 'COPY cannot bring "https://h.example/f"'],
    ["COPY https://me:secret@h.example/r.git /d", 'COPY cannot bring "https://h.example/r.git"'],
    [`ADD --checksum=${digest} f /d`, "--checksum stands beside a local source"],
    [`ADD --checksum=${digest} https://h.example/f g /d/`, "--checksum stands beside several sources"],
    ["ADD --checksum=abc https://h.example/f /d", '"abc" is not a content address'],
    ["ADD --keep-git-dir=false https://h.example/r.git?keep-git-dir=true /d", "--keep-git-dir and the git address contradict each other"],
    ["ADD --checksum=aa https://h.example/r.git?checksum=bb /d", '--checksum has "aa", the git address has "bb"'],
    ["ADD https://h.example/r.git?nonsense=1 /d", 'the git address "https://h.example/r.git" says the unknown "nonsense"'],
  ])("%s is refused", async (line, message) => {
    const [complaint] = await complaintsOf(["FROM scratch", line]);
    expect(complaint).toContain(message);
  });

  test("credentials of an address are not in the vertex's name", async () => {
    const plan = await planOf(["FROM scratch", "ADD https://me:secret@h.example/f /d"]);
    expect(plan.vertices.map(({ name }) => name).join()).not.toContain("secret");
  });
});
