// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the words of Dockerfiles
import { type Case, type Files, lines } from "../case.ts";

const ARCHIVED: Files = {
  folder: { folder: true, mode: 0o750, owner: [3, 4] },
  "folder/file.txt": { content: "in the archive\n", mode: 0o640, owner: [1000, 1001], mtime: 1_200_000_000 },
  "folder/link": { link: "file.txt" },
  "folder/hard": { hardLink: "folder/file.txt", mode: 0o640, owner: [1000, 1001], mtime: 1_200_000_000 },
  "top.sh": { content: "#!/bin/sh\n", mode: 0o4755 },
};

/** ADD: archives, addresses, checksums, git. */
export const ADD: readonly Case[] = [
  { name: "add: a file and a folder", dockerfile: lines("FROM scratch", "ADD f /f", "ADD dir /d", "ADD dir f /e/"), files: { f: "x", "dir/a": "a" } },
  { name: "add: a tar archive", dockerfile: lines("FROM scratch", "ADD a.tar /x/"), files: { "a.tar": { archive: ARCHIVED } } },
  {
    name: "add: a hard link whose entry says otherwise than its file's",
    dockerfile: lines("FROM scratch", "ADD a.tar /x/"),
    files: {
      "a.tar": { archive: { file: { content: "f", mode: 0o600, owner: [1, 2], mtime: 5 }, hard: { hardLink: "file", mode: 0o755, owner: [3, 4], mtime: 6 } } },
    },
  },
  { name: "add: a tar archive to a name", dockerfile: lines("FROM scratch", "ADD a.tar /x"), files: { "a.tar": { archive: ARCHIVED } } },
  { name: "add: tar.gz", dockerfile: lines("FROM scratch", "ADD a.tar.gz /"), files: { "a.tar.gz": { archive: ARCHIVED, compress: "gzip" } } },
  { name: "add: tar.zst", dockerfile: lines("FROM scratch", "ADD a.tar.zst /z/"), files: { "a.tar.zst": { archive: ARCHIVED, compress: "zstd" } } },
  {
    name: "add: tar.bz2",
    dockerfile: lines("FROM scratch", "ADD a.tar.bz2 /b/"),
    files: { "a.tar.bz2": { archive: ARCHIVED, compress: "bzip2" } },
  },
  {
    name: "add: tar.xz",
    dockerfile: lines("FROM scratch", "ADD a.tar.xz /x/"),
    files: { "a.tar.xz": { archive: ARCHIVED, compress: "xz" } },
  },
  {
    name: "add: an archive by its content, not its name",
    dockerfile: lines("FROM scratch", "ADD innocent.txt /x/", "ADD not.tar /y/"),
    files: { "innocent.txt": { archive: ARCHIVED }, "not.tar": "plain text" },
  },
  { name: "add: a gzip that is no archive", dockerfile: lines("FROM scratch", "ADD f.gz /x/"), files: { "f.gz": { content: "plain\n", compress: "gzip" } } },
  {
    name: "add: a bzip2 and an xz that are no archives",
    dockerfile: lines("FROM scratch", "ADD f.bz2 f.xz /x/"),
    files: { "f.bz2": { content: "plain\n", compress: "bzip2" }, "f.xz": { content: "plain\n", compress: "xz" } },
  },
  {
    name: "add: what begins like bzip2 and xz",
    dockerfile: lines("FROM scratch", "ADD b x /x/"),
    files: { b: "BZh91AY and no more", x: { base64: "/Td6WFoAAAT/////" } },
  },
  { name: "add: a zstd that is no archive", dockerfile: lines("FROM scratch", "ADD f.zst /x/"), files: { "f.zst": { content: "plain\n", compress: "zstd" } } },
  { name: "add: what begins like zstd", dockerfile: lines("FROM scratch", "ADD f /x/"), files: { f: { base64: "KLUv/f///////w==" } } },
  { name: "add: what begins like gzip", dockerfile: lines("FROM scratch", "ADD f /x/"), files: { f: { base64: "H4sIAP///////w==" } } },
  {
    name: "add: an empty file and an empty archive",
    dockerfile: lines("FROM scratch", "ADD empty none.tar /x/"),
    files: { empty: "", "none.tar": { archive: {} } },
  },
  {
    name: "add: --unpack of a local archive",
    dockerfile: lines("FROM scratch", "ADD --unpack=true a.tar.gz /x/"),
    files: { "a.tar.gz": { archive: ARCHIVED, compress: "gzip" } },
  },
  {
    name: "add: an archive that says a name twice",
    dockerfile: lines("FROM scratch", "ADD a.tar /x/", "ADD b.tar /x/"),
    files: {
      "a.tar": { archive: { "d/f": "one", e: { folder: true } } },
      "b.tar": { archive: { "./d/f": { content: "two", mode: 0o600 }, "e/": { folder: true, mode: 0o700 }, "/abs": "a" } },
    },
  },
  {
    name: "add: whiteout names in an archive",
    dockerfile: lines("FROM {busybox}", "ADD a.tar /etc/"),
    files: { "a.tar": { archive: { ".wh.group": "", "sub/.wh..wh..opq": "" } } },
  },
  { name: "add: --link of an archive", dockerfile: lines("FROM scratch", "ADD --link --chown=3:4 a.tar /x/"), files: { "a.tar": { archive: ARCHIVED } } },
  { name: "add --exclude: of an archive", dockerfile: lines("FROM scratch", "ADD --exclude=folder a.tar /x/"), files: { "a.tar": { archive: ARCHIVED } } },
  { name: "add --parents", dockerfile: lines("FROM scratch", "ADD --parents dir/f /x/"), files: { "dir/f": "f" }, fails: /./ },
  { name: "add: --chown of an archive", dockerfile: lines("FROM scratch", "ADD --chown=55:66 a.tar /x/"), files: { "a.tar": { archive: ARCHIVED } } },
  { name: "add: --chmod of an archive", dockerfile: lines("FROM scratch", "ADD --chmod=0700 a.tar /x/"), files: { "a.tar": { archive: ARCHIVED } } },
  { name: "add: --unpack=false of an archive", dockerfile: lines("FROM scratch", "ADD --unpack=false a.tar /x/"), files: { "a.tar": { archive: ARCHIVED } } },
  {
    name: "add: an archive over the base",
    dockerfile: lines("FROM {busybox}", "ADD a.tar /"),
    files: { "a.tar": { archive: { "etc/passwd": "replaced\n", "log/x": "through a link?\n", tmp: { folder: true, mode: 0o700 } } } },
  },
  {
    name: "add: archives and files together",
    dockerfile: lines("FROM scratch", "ADD a.tar f dir /x/"),
    files: { "a.tar": { archive: ARCHIVED }, f: "x", "dir/y": "y" },
  },
  {
    name: "add: archives by wildcard",
    dockerfile: lines("FROM scratch", "ADD *.tar /x/"),
    files: { "a.tar": { archive: ARCHIVED }, "b.tar": { archive: { other: "o" } } },
  },
  { name: "add: an archive in a folder stays packed", dockerfile: lines("FROM scratch", "ADD dir /x/"), files: { "dir/a.tar": { archive: ARCHIVED } } },
  {
    name: "add: an archive whose entries climb",
    dockerfile: lines("FROM scratch", "ADD a.tar /x/"),
    files: { "a.tar": { archive: { "../../up.txt": "u", "/absolute.txt": "a", "ok/../side.txt": "s" } } },
    peersDiffer: "the BuildKit of Docker 28 refuses the archive, newer ones put its entries below the destination",
    weRefuse: "an archive that tries to leave its place is not to be trusted with the rest",
  },
  {
    name: "add: truncated gzip",
    dockerfile: lines("FROM scratch", "ADD a.tgz /x/"),
    files: { "a.tgz": { base64: "H4sIAAAAAAAAA+3RMQ7CMAwF0M49RU5QJyFJz9M" } },
  },
  { name: "add --exclude", dockerfile: lines("FROM scratch", "ADD --exclude=*.md dir /x/"), files: { "dir/a.md": "1", "dir/b.txt": "2" } },
  { name: "add --link", dockerfile: lines("FROM {busybox}", "ADD --link a.tar /log/", "ADD --link f /g"), files: { "a.tar": { archive: ARCHIVED }, f: "x" } },

  { name: "add url: to a name", dockerfile: lines("FROM scratch", "ADD {http}/plain.txt /name") },
  { name: "add url: into a folder", dockerfile: lines("FROM scratch", "ADD {http}/plain.txt /folder/", "ADD {http}/folder/with%20space.txt /folder/") },
  { name: "add url: owner and mode", dockerfile: lines("FROM {busybox}", "ADD --chown=app --chmod=755 {http}/script.sh /bin/") },
  { name: "add url: redirected", dockerfile: lines("FROM scratch", "ADD {http}/redirected /folder/") },
  { name: "add url: named by a header", dockerfile: lines("FROM scratch", "ADD {http}/named /folder/") },
  {
    name: "add url: query",
    dockerfile: lines("FROM scratch", "ADD {http}/plain.txt?x=y /folder/"),
    weDiffer: "values of a query may be signatures, and no secret goes into history",
  },
  { name: "add url: an archive stays packed", dockerfile: lines("FROM scratch", "ADD {http}/archive.tar.gz /x/") },
  { name: "add url: --unpack", dockerfile: lines("FROM scratch", "ADD --unpack {http}/archive.tar.gz /x/") },
  { name: "add url: several", dockerfile: lines("FROM scratch", "ADD {http}/plain.txt {http}/script.sh f /x/"), files: { f: "x" } },
  { name: "add url: not there", dockerfile: lines("FROM scratch", "ADD {http}/none /x"), fails: /404/ },
  { name: "add url: large", dockerfile: lines("FROM scratch", "ADD {http}/large.bin /") },
  {
    name: "add url: wrong checksum",
    dockerfile: lines("FROM scratch", "ADD --checksum=sha256:28fc9adae4f0cccb5a1e1e3bf5adc9fef89f5e1b7ac4e5b7f8a2aaf0d9a4b3c1 {http}/plain.txt /x"),
    fails: /digest mismatch|does not match/,
  },
  {
    name: "add url: right checksum",
    dockerfile: lines("FROM scratch", "ADD --checksum=sha256:5ff9ea75ad574bbb83f5e35748e7facfbfd5f02a0484846b2f78261d4831176e {http}/plain.txt /x"),
  },
  {
    name: "add url: checksum of a local file",
    dockerfile: lines("FROM scratch", "ADD --checksum=sha256:28fc9adae4f0cccb5a1e1e3bf5adc9fef89f5e1b7ac4e5b7f8a2aaf0d9a4b3c1 f /x"),
    files: { f: "x" },
    fails: /checksum/,
  },
  { name: "add url: checksum of unknown kind", dockerfile: lines("FROM scratch", "ADD --checksum=md5:0 {http}/plain.txt /x"), fails: /checksum|digest/ },
  { name: "add url: copy cannot", dockerfile: lines("FROM scratch", "COPY {http}/plain.txt /x"), fails: /source can't be a URL|not found/ },

  { name: "add git: the repository", dockerfile: lines("FROM scratch", "ADD {git}/repo.git /x"), times: false },
  { name: "add git: a folder of a tag", dockerfile: lines("FROM scratch", "ADD {git}/repo.git#v1:sub /x"), times: false },
  { name: "add git: --keep-git-dir", dockerfile: lines("FROM scratch", "ADD --keep-git-dir=false {git}/repo.git /x"), times: false },
  { name: "add git: owner and mode", dockerfile: lines("FROM {busybox}", "ADD --chown=app {git}/repo.git#v1 /x"), times: false },
  {
    name: "add git: --checksum that is wrong",
    dockerfile: lines("FROM scratch", "ADD --checksum=0123456789012345678901234567890123456789 {git}/repo.git /x"),
    fails: /checksum|match/,
  },
  { name: "add git: unknown folder", dockerfile: lines("FROM scratch", "ADD {git}/repo.git#v1:none /x"), fails: /./ },
  { name: "add git: unknown branch", dockerfile: lines("FROM scratch", "ADD {git}/repo.git#none /x"), fails: /./ },
];
