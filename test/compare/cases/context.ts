// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the words of Dockerfiles
import { type Case, type Files, lines } from "../case.ts";

const TREE: Files = {
  "keep.txt": "k",
  "skip.log": "s",
  "dir/keep.txt": "k",
  "dir/skip.log": "s",
  "dir/sub/deep.log": "d",
  "node_modules/x/index.js": "x",
  "other/node_modules/y.js": "y",
  ".hidden": "h",
};
const ALL = lines("FROM scratch", "COPY . /all");
const ignoring = (...text: string[]): Files => ({ ...TREE, ".dockerignore": lines(...text) });

/** .dockerignore, names of the Dockerfile, epochs. */
export const CONTEXT: readonly Case[] = [
  { name: "ignore: plain names and wildcards", dockerfile: ALL, files: ignoring("skip.log", "*/skip.log", "node_modules") },
  { name: "ignore: at any depth", dockerfile: ALL, files: ignoring("**/*.log", "**/node_modules") },
  { name: "ignore: exceptions", dockerfile: ALL, files: ignoring("dir", "!dir/keep.txt", "*.txt", "!keep.txt") },
  { name: "ignore: everything but", dockerfile: ALL, files: ignoring("*", "!dir/sub", "!keep.txt") },
  { name: "ignore: everything, exception below", dockerfile: ALL, files: ignoring("**", "!**/keep.txt") },
  {
    name: "ignore: comments, blanks, slashes, dots",
    dockerfile: ALL,
    files: ignoring("# dir", "", "   ", "/skip.log", "./dir/./skip.log", "other/", "dir/../.hidden"),
  },
  { name: "ignore: order matters", dockerfile: ALL, files: ignoring("!keep.txt", "*.txt", "!dir/keep.txt", "dir/*") },
  { name: "ignore: classes and question marks", dockerfile: ALL, files: ignoring("[k-s]?*.txt", "dir/sk?p.log", "[^.]ther") },
  { name: "ignore: the Dockerfile and itself", dockerfile: ALL, files: ignoring("Dockerfile", ".dockerignore") },
  { name: "ignore: file with CRLF and a byte order mark", dockerfile: ALL, files: { ...TREE, ".dockerignore": "\uFEFFskip.log\r\ndir/sub\r\n" } },
  { name: "ignore: a file named in COPY", dockerfile: lines("FROM scratch", "COPY skip.log /x"), files: ignoring("skip.log"), fails: /not found/ },
  { name: "ignore: a wildcard in COPY over ignored files", dockerfile: lines("FROM scratch", "COPY *.* dir/* /x/"), files: ignoring("**/*.log") },
  {
    name: "ignore: a folder's own file wins",
    dockerfile: ALL,
    file: "build/My.Dockerfile",
    files: { ...ignoring("keep.txt"), "build/My.Dockerfile.dockerignore": "dir\n" },
  },
  { name: "ignore: bad pattern", dockerfile: ALL, files: ignoring("a[", "keep.txt"), fails: /syntax error in pattern|bad pattern/ },
  { name: "ignore: exception within a named folder only", dockerfile: ALL, files: ignoring("*", "!dir", "dir/sub") },
  { name: "ignore: trailing stars", dockerfile: ALL, files: ignoring("dir/**", "node_modules/*") },
  { name: "ignore: links", dockerfile: ALL, files: { real: "r", a: { link: "real" }, b: { link: "real" }, ".dockerignore": "real\na\n" } },

  { name: "context: another Dockerfile", dockerfile: ALL, file: "docker/Release.dockerfile", files: TREE },

  {
    name: "epoch: everything at one time",
    dockerfile: lines("FROM {busybox}", "WORKDIR /made", "COPY . .", "COPY <<EOF /text", "x", "EOF", "ENV A=1"),
    files: { a: "x", late: { content: "later", mtime: 1_600_000_000 }, "d/early": { content: "e", mtime: 1_000_000_000 } },
    epoch: 1_500_000_000,
  },
  {
    name: "epoch: from scratch with an archive",
    dockerfile: lines("FROM scratch", "ADD a.tar /x/", "COPY --chown=1:2 f /y/z/"),
    files: { "a.tar": { archive: { "d/f": { content: "x", mtime: 1_600_000_000 }, g: { content: "y", mtime: 900_000_000 } } }, f: "f" },
    epoch: 1_500_000_000,
  },
  {
    name: "epoch: as a build argument",
    dockerfile: lines("FROM scratch", "ARG SOURCE_DATE_EPOCH", "COPY a /", "ENV E=$SOURCE_DATE_EPOCH"),
    files: { a: "x" },
    args: { SOURCE_DATE_EPOCH: "1500000000" },
    epoch: 1_500_000_000,
  },
];
