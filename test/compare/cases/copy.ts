// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the words of Dockerfiles
import { type Case, type Files, lines } from "../case.ts";

const TREE: Files = {
  "one.txt": "one\n",
  "two.txt": { content: "two\n", mtime: 1_222_222_222 },
  "run.sh": { content: "#!/bin/sh\n", mode: 0o755 },
  "dir/a.txt": "a\n",
  "dir/b.md": "b\n",
  "dir/sub/c.txt": { content: "c\n", mode: 0o600 },
  "dir/sub/deep/d.txt": "d\n",
  empty: { folder: true, mode: 0o711 },
};

const many: Record<string, string> = {};
for (let number = 0; number < 1500; number++) many[`many/${number % 30}/file-${number}.txt`] = `content of ${number}\n`;

const NO_PARENTS = "the Dockerfile frontend of Docker 28 knows --parents only in its labs channel";

/** COPY, with every flag and the corners of where things end up. */
export const COPY: readonly Case[] = [
  { name: "copy: a file to a name", dockerfile: lines("FROM scratch", "COPY one.txt /renamed"), files: TREE },
  { name: "copy: a file into a folder that is not there", dockerfile: lines("FROM scratch", "COPY one.txt /new/folder/"), files: TREE },
  { name: "copy: a file into a folder that is there", dockerfile: lines("FROM {busybox}", "COPY one.txt /etc"), files: TREE },
  { name: "copy: a file into a folder made before", dockerfile: lines("FROM scratch", "COPY dir /d", "COPY one.txt /d"), files: TREE },
  { name: "copy: modes and times", dockerfile: lines("FROM scratch", "COPY run.sh two.txt /x/"), files: TREE },
  { name: "copy: a folder's content", dockerfile: lines("FROM scratch", "COPY dir /target"), files: TREE },
  { name: "copy: a folder's content with slashes", dockerfile: lines("FROM scratch", "COPY dir/ /target/"), files: TREE },
  { name: "copy: everything", dockerfile: lines("FROM scratch", "COPY . ."), files: TREE },
  { name: "copy: everything into a folder", dockerfile: lines("FROM {busybox}", "WORKDIR /src", "COPY . ."), files: TREE },
  {
    name: "copy: relative destination",
    dockerfile: lines("FROM {busybox}", "WORKDIR /w", "COPY one.txt here.txt", "COPY dir sub/", "COPY one.txt ../up.txt"),
    files: TREE,
  },
  { name: "copy: several sources", dockerfile: lines("FROM scratch", "COPY one.txt two.txt dir /target/"), files: TREE },
  {
    name: "copy: several sources without a slash",
    dockerfile: lines("FROM scratch", "COPY one.txt two.txt /target"),
    files: TREE,
  },
  { name: "copy: wildcards", dockerfile: lines("FROM scratch", "COPY *.txt /texts/", "COPY dir/?.m[dx] /md/", "COPY d*/sub /subs/"), files: TREE },
  { name: "copy: wildcard of one file to a name", dockerfile: lines("FROM scratch", "COPY on*.txt /name"), files: TREE },
  { name: "copy: wildcard of several files to a name", dockerfile: lines("FROM scratch", "COPY *.txt /name"), files: TREE },
  { name: "copy: wildcard that finds nothing", dockerfile: lines("FROM scratch", "COPY *.none /x/"), files: TREE },
  { name: "copy: wildcard that finds nothing beside a file", dockerfile: lines("FROM scratch", "COPY one.txt *.none /x/"), files: TREE },
  { name: "copy: wildcard over folders", dockerfile: lines("FROM scratch", "COPY dir/* /flat/"), files: TREE },
  { name: "copy: doubled stars", dockerfile: lines("FROM scratch", "COPY dir/**/*.txt /flat/"), files: TREE },
  { name: "copy: negated class", dockerfile: lines("FROM scratch", "COPY [^o]*.txt /x/"), files: TREE },
  { name: "copy: brackets that are a name", dockerfile: lines("FROM scratch", "COPY [[]x].txt /x/"), files: { "[x].txt": "x" } },
  { name: "copy: broken pattern", dockerfile: lines("FROM scratch", "COPY a[ /x/"), files: TREE, fails: /syntax error in pattern|not found|bad pattern/ },
  { name: "copy: missing file", dockerfile: lines("FROM scratch", "COPY nothing /x"), files: TREE, fails: /"\/nothing": not found/ },
  { name: "copy: out of the context", dockerfile: lines("FROM scratch", "COPY ../../../one.txt /x"), files: TREE },
  { name: "copy: absolute source", dockerfile: lines("FROM scratch", "COPY /dir/a.txt /x"), files: TREE },
  { name: "copy: odd slashes", dockerfile: lines("FROM scratch", "COPY ./dir//sub/../a.txt //x//y/"), files: TREE },
  { name: "copy: no destination", dockerfile: lines("FROM scratch", "COPY one.txt"), files: TREE, fails: /COPY requires at least two arguments/ },
  {
    name: "copy: json form with spaces",
    dockerfile: lines("FROM scratch", 'COPY ["with space.txt", "other name", "/to here/"]'),
    files: { "with space.txt": "s", "other name": "o" },
  },
  { name: "copy: quoted words are not json", dockerfile: lines("FROM scratch", 'COPY "with space.txt" /x'), files: { "with space.txt": "s" }, fails: /./ },
  { name: "copy: empty folder", dockerfile: lines("FROM scratch", "COPY empty /empty", "COPY empty /kept/empty/"), files: TREE },
  {
    name: "copy: over files of an earlier layer",
    dockerfile: lines("FROM scratch", "COPY dir /d", "COPY other /d"),
    files: { ...TREE, "other/a.txt": { content: "new a", mode: 0o640 }, "other/sub/new.txt": "n" },
  },
  { name: "copy: over files of the base", dockerfile: lines("FROM {busybox}", "COPY one.txt /etc/passwd"), files: TREE },
  {
    name: "copy: a folder's mode over the one there",
    dockerfile: lines("FROM {busybox}", "COPY t /"),
    files: { "t/etc": { folder: true, mode: 0o700 }, "t/etc/x": "x", "t/tmp": { folder: true, mode: 0o755 } },
  },
  {
    name: "copy: a folder over a file",
    dockerfile: lines("FROM {busybox}", "COPY dir /etc/passwd"),
    files: TREE,
    fails: /cannot copy to non-directory|not a directory|cannot overwrite/,
  },
  {
    name: "copy: a file over a folder",
    dockerfile: lines("FROM {busybox}", "COPY t /"),
    files: { "t/etc": "file" },
    fails: /cannot (copy|overwrite|replace)|is a directory|file exists/,
  },
  {
    name: "copy: a file where a folder is, inside",
    dockerfile: lines("FROM scratch", "COPY one /", "COPY two /"),
    files: { "one/x/y": "1", "two/x": "2" },
    fails: /cannot (copy|overwrite|replace)|is a directory|file exists/,
  },
  { name: "copy: below a file", dockerfile: lines("FROM {busybox}", "COPY one.txt /etc/passwd/x"), files: TREE, fails: /not a directory/ },

  {
    name: "copy: links in the source",
    dockerfile: lines("FROM scratch", "COPY t /t", "COPY t/to-file /f", "COPY t/to-dir /d"),
    files: { "t/real": "r", "t/folder/x": "x", "t/to-file": { link: "real" }, "t/to-dir": { link: "folder" }, "t/nowhere": { link: "/absolutely/nothing" } },
  },
  {
    name: "copy: a link as one source among others",
    dockerfile: lines("FROM scratch", "COPY to-file to-dir /x/"),
    files: { real: "r", "folder/x": "x", "to-file": { link: "real" }, "to-dir": { link: "folder" } },
  },
  { name: "copy: a path through a link", dockerfile: lines("FROM scratch", "COPY to-dir/x /x"), files: { "folder/x": "x", "to-dir": { link: "folder" } } },
  {
    name: "copy: a wildcard through links",
    dockerfile: lines("FROM scratch", "COPY to-*/x /out/"),
    files: { "folder/x": "x", "to-dir": { link: "folder" } },
  },
  {
    name: "copy: a wildcard over links",
    dockerfile: lines("FROM scratch", "COPY li* /links/"),
    files: { "folder/x": "x", "link-a": { link: "folder/x" }, "link-b": { link: "folder" } },
  },
  {
    name: "copy: a wildcard over a link to nothing",
    dockerfile: lines("FROM scratch", "COPY li* /links/"),
    files: { "link-b": { link: "gone" } },
    fails: /not found/,
  },
  {
    name: "copy: a link that leads out",
    dockerfile: lines("FROM scratch", "COPY out /x"),
    files: { out: { link: "/../../etc/no-such-file" } },
    fails: /not found/,
  },
  { name: "copy: a link to nothing", dockerfile: lines("FROM scratch", "COPY out /x"), files: { out: { link: "gone" } }, fails: /not found/ },
  {
    name: "copy: links in a ring",
    dockerfile: lines("FROM scratch", "COPY a /x"),
    files: { a: { link: "b" }, b: { link: "a" } },
    fails: /not found|too many|symbolic links/,
  },
  {
    name: "copy: onto a link of the base",
    dockerfile: lines("FROM {busybox}", "COPY one.txt /log", "COPY one.txt /usr/app/file", "COPY dir /usr/app"),
    files: TREE,
  },
  {
    name: "copy: through a link of an earlier layer",
    dockerfile: lines("FROM scratch", "COPY t /", "COPY a /to-dir/a", "COPY a /to-none/a"),
    files: { a: "a", "t/real/x": "x", "t/to-dir": { link: "real" }, "t/to-none": { link: "later/made" } },
  },
  {
    name: "copy: a file onto a link to a file",
    dockerfile: lines("FROM scratch", "COPY t /", "COPY a /link"),
    files: { a: "new", "t/real": "old", "t/link": { link: "real" } },
  },
  {
    name: "copy: a tree that has a folder where a link is",
    dockerfile: lines("FROM {busybox}", "COPY t /"),
    files: { "t/log/x": "x" },
    fails: /cannot copy to non-directory/,
  },
  {
    name: "copy: a tree that has a link where a folder is",
    dockerfile: lines("FROM {busybox}", "COPY t /"),
    files: { "t/tmp": { link: "/var" } },
    fails: /cannot (copy|overwrite|replace)|file exists|is a directory/,
  },
  {
    name: "copy: hard links",
    dockerfile: lines("FROM scratch", "COPY t /t", "COPY t/a t/b /flat/"),
    files: { "t/a": "same", "t/b": { hardLink: "t/a" }, "t/c": "same" },
  },
  {
    name: "copy: special modes",
    dockerfile: lines("FROM scratch", "COPY t /t"),
    files: {
      "t/setuid": { content: "x", mode: 0o4755 },
      "t/setgid": { content: "x", mode: 0o2755 },
      "t/none": { content: "x", mode: 0 },
      "t/sticky": { folder: true, mode: 0o1777 },
      "t/group": { folder: true, mode: 0o2770 },
    },
  },
  {
    name: "copy: long names",
    dockerfile: lines("FROM scratch", "COPY t /t"),
    files: { [`t/${"d".repeat(90)}/${"f".repeat(120)}`]: "x", [`t/${"e".repeat(200)}`]: { link: "u".repeat(180) }, [`t/${"p/".repeat(60)}end`]: "deep" },
  },
  {
    name: "copy: names in other scripts",
    dockerfile: lines("FROM scratch", "COPY . /t", "COPY grüße.txt /ä/"),
    files: { "grüße.txt": "x", "世界/🚢": "y", "e\u0301": "composed", "a\\b": "backslash", "new\nline": "n", "tab\t": "t", "-dash": "d" },
  },
  { name: "copy: many files", dockerfile: lines("FROM scratch", "COPY many /many"), files: many },
  {
    name: "copy: times before 1970 and far ahead",
    dockerfile: lines("FROM scratch", "COPY t /t"),
    files: { "t/old": { content: "x", mtime: 0 }, "t/ahead": { content: "x", mtime: 1_700_000_000.25 } },
  },
  { name: "copy: a large file", dockerfile: lines("FROM scratch", "COPY big /"), files: { big: { content: "0123456789abcdef".repeat(500_000) } } },

  {
    name: "copy --chown: numbers",
    dockerfile: lines("FROM scratch", "COPY --chown=1234:5678 dir /a", "COPY --chown=99 one.txt /b/", "COPY --chown=3000000:4000000 one.txt /c"),
    files: TREE,
  },
  {
    name: "copy --chown: names of the base",
    dockerfile: lines(
      "FROM {busybox}",
      "COPY --chown=app:staff one.txt /a",
      "COPY --chown=app one.txt /b",
      "COPY --chown=:staff one.txt /c",
      "COPY --chown=1000:app one.txt /d/e",
    ),
    files: TREE,
  },
  {
    name: "copy --chown: names copied in earlier",
    dockerfile: lines("FROM scratch", "COPY etc /etc", "COPY --chown=me:us one.txt /a"),
    files: { "one.txt": "1", "etc/passwd": "me:x:77:88::/:/bin/sh\n", "etc/group": "us:x:99:\n" },
  },
  {
    name: "copy --chown: unknown name",
    dockerfile: lines("FROM {busybox}", "COPY --chown=nosuch one.txt /a"),
    files: TREE,
  },
  {
    name: "copy --chown: name on scratch",
    dockerfile: lines("FROM scratch", "COPY --chown=app one.txt /a"),
    files: TREE,
    fails: /invalid user|unknown user|passwd|unable to/i,
  },
  { name: "copy --chown: by an argument", dockerfile: lines("FROM {busybox}", "ARG OWNER=app:app", "COPY --chown=$OWNER one.txt /a"), files: TREE },
  { name: "copy --chown: user does not matter", dockerfile: lines("FROM {busybox}", "USER app", "COPY one.txt /a"), files: TREE },
  {
    name: "copy --chmod: octal",
    dockerfile: lines("FROM scratch", "COPY --chmod=0640 dir /a", "COPY --chmod=755 one.txt /b", "COPY --chmod=4711 one.txt /c"),
    files: TREE,
  },
  {
    name: "copy --chmod: symbolic",
    dockerfile: lines(
      "FROM scratch",
      "COPY --chmod=u+x,g-r,o= one.txt /a",
      "COPY --chmod=a+X dir /b",
      "COPY --chmod=u=rwX,go=rX dir /c",
      "COPY --chmod=g=u run.sh /d",
    ),
    files: TREE,
  },
  { name: "copy --chmod: not a mode", dockerfile: lines("FROM scratch", "COPY --chmod=rwx one.txt /a"), files: TREE, fails: /invalid syntax/ },
  { name: "copy --chmod: too large", dockerfile: lines("FROM scratch", "COPY --chmod=77777 one.txt /a"), files: TREE, fails: /invalid chmod/ },
  { name: "copy --chmod: by an argument", dockerfile: lines("FROM scratch", "ARG M=0711", "COPY --chmod=$M run.sh /a"), files: TREE },
  {
    name: "copy --chmod: links are not touched",
    dockerfile: lines("FROM scratch", "COPY --chmod=600 --chown=5:6 t /t"),
    files: { "t/f": "x", "t/l": { link: "f" } },
  },

  {
    name: "copy --link",
    dockerfile: lines("FROM {busybox}", "COPY --link one.txt /etc/new/", "COPY --link --chown=1:2 dir /d", "COPY --link one.txt /log/x"),
    files: TREE,
  },
  { name: "copy --link: names of owners", dockerfile: lines("FROM {busybox}", "COPY --link --chown=app one.txt /a"), files: TREE, fails: /./ },
  { name: "copy --link=false", dockerfile: lines("FROM {busybox}", "COPY --link=false one.txt /log/x"), files: TREE },
  { name: "copy --link: relative to the work folder", dockerfile: lines("FROM {busybox}", "WORKDIR /w", "COPY --link one.txt ."), files: TREE },

  {
    name: "copy --parents",
    dockerfile: lines("FROM scratch", "COPY --parents dir/sub/c.txt one.txt /out/", "COPY --parents dir/**/*.txt /stars/"),
    files: TREE,
    peersDiffer: NO_PARENTS,
  },
  {
    name: "copy --parents: pivot",
    dockerfile: lines("FROM scratch", "COPY --parents dir/./sub/c.txt /out/", "COPY --parents ./dir/./sub /all/"),
    files: TREE,
    peersDiffer: NO_PARENTS,
  },
  {
    name: "copy --parents: folder and wildcard",
    dockerfile: lines("FROM scratch", "COPY --parents dir /out/", "COPY --parents d*/s*/ /wild/"),
    files: TREE,
    peersDiffer: NO_PARENTS,
  },
  {
    name: "copy --parents: modes of the parents",
    dockerfile: lines("FROM scratch", "COPY --parents --chown=7:8 p/q/f /out/"),
    files: { p: { folder: true, mode: 0o750 }, "p/q": { folder: true, mode: 0o701, mtime: 1_000_000_000 }, "p/q/f": "x" },
    peersDiffer: NO_PARENTS,
  },
  {
    name: "copy --exclude",
    dockerfile: lines("FROM scratch", "COPY --exclude=*.md --exclude=sub dir /out", "COPY --exclude=**/*.txt . /no-texts"),
    files: TREE,
  },
  { name: "copy --exclude: exceptions", dockerfile: lines("FROM scratch", "COPY --exclude=** --exclude=!**/c.txt dir /out"), files: TREE },
  {
    name: "copy --exclude with --parents",
    dockerfile: lines("FROM scratch", "COPY --parents --exclude=**/deep dir /out"),
    files: TREE,
    peersDiffer: NO_PARENTS,
  },

  {
    name: "copy --from: stage by name and number",
    dockerfile: lines(
      "FROM {busybox} AS one",
      "COPY one.txt /o",
      "FROM scratch",
      "COPY dir /d",
      "FROM scratch",
      "COPY --from=one /o /o",
      "COPY --from=1 /d/sub /s",
      "COPY --from=ONE /etc/passwd /p",
    ),
    files: TREE,
  },
  { name: "copy --from: an image", dockerfile: lines("FROM scratch", "COPY --from={busybox} /bin/busybox /etc/group /x/", "COPY --from={busybox} /bin /bin") },
  {
    name: "copy --from: a whole stage",
    dockerfile: lines("FROM {busybox} AS one", "COPY --chown=5:6 --chmod=700 one.txt /o/p/q", "FROM scratch", "COPY --from=one / /"),
    files: TREE,
  },
  {
    name: "copy --from: a link in the stage",
    dockerfile: lines(
      "FROM {busybox} AS one",
      "COPY one.txt /var/log/x",
      "FROM scratch",
      "COPY --from=one /log/x /a",
      "COPY --from=one /log /b",
      "COPY --from=one /bin/s* /c/",
    ),
    files: TREE,
  },
  {
    name: "copy --from: owners and modes are kept",
    dockerfile: lines("FROM {busybox} AS one", "COPY --chown=12:34 --chmod=4750 dir /d", "FROM scratch", "COPY --from=one /d /d"),
    files: TREE,
  },
  {
    name: "copy --from: a named context",
    dockerfile: lines("FROM scratch", "COPY --from=extra . /x", "COPY --from=extra sub/f /y"),
    contexts: { extra: { f: "1", "sub/f": { content: "2", mode: 0o755 } } },
  },
  {
    name: "copy --from: a named context with its own ignore file",
    dockerfile: lines("FROM scratch", "COPY --from=extra . /x"),
    contexts: { extra: { f: "1", skip: "2", ".dockerignore": "skip\n" } },
  },
  {
    name: "copy --from: a stage of another platform",
    dockerfile: lines("FROM --platform=linux/arm64 {busybox} AS arm", "FROM {busybox}", "COPY --from=arm /bin/busybox /bin/busybox-arm64"),
  },
  { name: "copy --from: an unknown stage", dockerfile: lines("FROM scratch", "COPY --from=example.invalid:1/none /a /a"), fails: /./ },
  { name: "copy --from: itself", dockerfile: lines("FROM scratch AS me", "COPY --from=me /a /a"), fails: /circular|depends on itself|not found|refer/i },
  {
    name: "copy --from: a later stage",
    dockerfile: lines("FROM scratch AS one", "COPY --from=two /a /a", "FROM scratch AS two", "COPY one.txt /a", "FROM one"),
    files: TREE,
    fails: /needs to be defined before current stage/,
  },
  { name: "copy --from: a number too large", dockerfile: lines("FROM scratch", "COPY --from=7 /a /a"), fails: /./ },
  { name: "copy --from: missing path", dockerfile: lines("FROM {busybox} AS one", "FROM scratch", "COPY --from=one /nothing /a"), fails: /not found/ },
  {
    name: "copy --from: whole Debian",
    dockerfile: lines("FROM {debian} AS one", "FROM scratch", "COPY --from=one /etc /etc", "COPY --from=one /usr/bin/pe* /bin/"),
  },
  {
    name: "copy --from: wildcard",
    dockerfile: lines("FROM {busybox} AS one", "COPY dir /d", "FROM scratch", "COPY --from=one /d/*.txt /x/", "COPY --from=one /d/s*/*.txt /y/"),
    files: TREE,
  },

  {
    name: "copy onto Debian: merged /usr",
    dockerfile: lines("FROM {debian}", "COPY run.sh /bin/", "COPY dir /lib/dir", "COPY one.txt /var/run/one", "COPY t /usr"),
    files: { ...TREE, "t/bin/other": "x", "t/lib/third": "y" },
  },
  {
    name: "copy onto Debian: a folder where /bin is a link",
    dockerfile: lines("FROM {debian}", "COPY t /"),
    files: { "t/bin/other": "x" },
    fails: /cannot copy to non-directory/,
  },
  {
    name: "copy onto Debian: owners by name",
    dockerfile: lines("FROM {debian}", "COPY --chown=www-data:daemon one.txt /a", "COPY --chown=nobody one.txt /b"),
    files: TREE,
  },
  { name: "copy onto Debian: replacing a link", dockerfile: lines("FROM {debian}", "COPY one.txt /etc/os-release", "COPY one.txt /etc/mtab"), files: TREE },
];
