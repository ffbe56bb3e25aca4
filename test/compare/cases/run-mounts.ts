import { createPrivateKey, createPublicKey } from "node:crypto";
import { type Case, type Files, lines } from "../case.ts";
import { on } from "./run-files.ts";

const TREE: Files = {
  "a.txt": "a\n",
  "sub/b.txt": { content: "b\n", mode: 0o600 },
  "sub/deep/c.sh": { content: "#!/bin/sh\necho from the context\n", mode: 0o755 },
  "sub/link": { link: "b.txt" },
};
const FROM = "--mount=type=bind,from=other";
const OTHER = [
  "FROM {run} AS other",
  "RUN mkdir -p /o/dir && echo o > /o/f && echo d > /o/dir/d && chown app:staff /o/f && ln -s dir /o/l && chmod 700 /o/dir",
  "FROM {run}",
] as const;
const withTree = (name: string, ...steps: string[]): Case => ({ ...on(`bind: ${name}`, ...steps), files: TREE });
const fromOther = (name: string, ...steps: string[]): Case => ({ name: `run: bind: ${name}`, dockerfile: lines(...OTHER, ...steps) });

const BIND: readonly Case[] = [
  withTree("the context", "RUN --mount=type=bind,target=/ctx cat /ctx/a.txt > /said && ls /ctx /ctx/sub >> /said"),
  withTree("the context, without a type", "RUN --mount=target=/ctx cat /ctx/sub/link > /said"),
  withTree("a file of it", "RUN --mount=type=bind,source=a.txt,target=/t/x cat /t/x > /said"),
  withTree("a folder of it", "RUN --mount=type=bind,source=sub,target=/t ls -ln /t | awk '{print $1, $3, $4, $9}' > /said"),
  withTree("a folder of it, with slashes", "RUN --mount=type=bind,source=/sub/deep/,target=/t/ /t/c.sh > /said"),
  withTree("by other words", "RUN --mount=type=bind,src=sub,dst=/t cat /t/b.txt > /said", "RUN --mount=type=bind,destination=/t,source=a.txt cat /t > /said2"),
  withTree("onto a folder of the base", "RUN --mount=type=bind,source=sub,target=/base/dir ls /base/dir > /said", "RUN ls /base/dir > /said2"),
  withTree("onto a file of the base", "RUN --mount=type=bind,source=a.txt,target=/base/file cat /base/file > /said", "RUN cat /base/file > /said2"),
  withTree("onto a link of the base", "RUN --mount=type=bind,source=sub,target=/base/dirlink ls /base/dirlink > /said"),
  withTree("onto a relative target", "WORKDIR /w", "RUN --mount=type=bind,target=here cat here/a.txt > said"),
  withTree("onto a missing place leaves nothing", "RUN --mount=type=bind,source=a.txt,target=/x/y/z/f true", "RUN --mount=type=bind,target=/x/y true"),
  withTree("onto a missing place beside a new file", "RUN --mount=type=bind,target=/x/y touch /x/new"),
  withTree("one in another", "RUN --mount=type=bind,target=/t --mount=type=bind,source=a.txt,target=/t/sub/deep/c.sh cat /t/sub/deep/c.sh > /said"),
  withTree("several", "RUN --mount=type=bind,source=a.txt,target=/1 --mount=type=bind,source=sub,target=/2 cat /1 /2/b.txt > /said"),
  withTree("is read-only", "RUN --mount=type=bind,target=/t if touch /t/new; then echo written; else echo refused; fi > /said 2>/dev/null"),
  withTree(
    "rw is forgotten",
    "RUN --mount=type=bind,target=/t,rw echo new > /t/new && rm /t/a.txt && ls /t > /said",
    "RUN --mount=type=bind,target=/t ls /t > /said2",
  ),
  withTree(
    "readwrite=true, ro=false, readonly",
    "RUN --mount=type=bind,target=/t,readwrite=true touch /t/x",
    "RUN --mount=type=bind,target=/t,ro=false touch /t/x",
    "RUN --mount=type=bind,target=/t,readonly touch /t/x || touch /said",
  ),
  withTree("rw of a single file", "RUN --mount=type=bind,source=a.txt,target=/t,rw echo more >> /t && cat /t > /said"),
  withTree("the working folder itself", "WORKDIR /w", "RUN --mount=type=bind,target=/w ls > /said"),
  withTree("the target's folder keeps its time", "RUN --mount=type=bind,source=a.txt,target=/base/dir/sub/new cat /base/dir/sub/new > /said"),
  withTree("read by a user", "USER app", "RUN --mount=type=bind,target=/t cat /t/a.txt > /tmp/said; cat /t/sub/b.txt >> /tmp/said || true"),
  withTree("arguments in its options", "ARG WHERE=/t", "ARG WHAT=sub", "RUN --mount=type=bind,source=$WHAT,target=${WHERE}/x ls /t/x > /said"),
  { ...withTree("a missing file", "RUN --mount=type=bind,source=nothing,target=/t true"), fails: /"\/nothing": not found|no such file/ },
  { ...withTree("no target", "RUN --mount=type=bind,source=a.txt true"), fails: /target|mount/ },
  { ...withTree("onto the root", "RUN --mount=type=bind,target=/ true"), fails: /invalid mount target "\/"|mount/ },
  { ...withTree("with a mode", "RUN --mount=type=bind,target=/t,mode=0700 true"), fails: /mode not allowed/ },
  { ...withTree("of an unknown type", "RUN --mount=type=nothing,target=/t true"), fails: /unsupported mount type "nothing"/ },
  { ...withTree("with an unknown option", "RUN --mount=type=bind,target=/t,colour=red true"), fails: /unexpected key 'colour'/ },
  { ...withTree("with an option without a value", "RUN --mount=type=bind,target true"), fails: /must be a key=value pair/ },
  { ...withTree("from an argument", "ARG X=other", "RUN --mount=type=bind,from=$X,target=/t true"), fails: /doesn't support variable expansion/ },
  fromOther("a stage", `RUN ${FROM},target=/t ls -ln /t/o | awk '{print $1, $3, $4, $9}' > /said`),
  fromOther("a file of a stage", `RUN ${FROM},source=/o/f,target=/t cat /t > /said && stat -c '%u %g %a' /t >> /said`),
  fromOther("a folder of a stage", `RUN ${FROM},source=o/dir,target=/t cat /t/d > /said`),
  fromOther("a folder of a stage through a link", `RUN ${FROM},source=/o/l,target=/t cat /t/d > /said`),
  { ...fromOther("a stage by number", "RUN --mount=type=bind,from=0,source=/o,target=/t cat /t/f > /said"), fails: /failed to resolve source metadata/ },
  fromOther(
    "a stage, changed and forgotten",
    `RUN ${FROM},source=/o,target=/t,rw rm /t/f && mv /t/dir /t/moved && ls /t > /said`,
    `RUN ${FROM},source=/o,target=/t ls /t > /said2`,
  ),
  fromOther("a program of a stage", `RUN ${FROM},source=/usr/bin/busybox,target=/mounted/echo /mounted/echo hi > /said`),
  fromOther("copied with owners and times", `RUN ${FROM},source=/o,target=/t cp -a /t /copied`),
  { ...fromOther("a missing file of a stage", `RUN ${FROM},source=/nothing,target=/t true`), fails: /no such file|not found/ },
  on("bind: an image", "RUN --mount=type=bind,from={busybox},target=/t ls /t > /said"),
  on("bind: an image's file", "RUN --mount=type=bind,from={rich},source=/etc/passwd,target=/t cat /t > /said"),
  on("bind: nothing at all", "RUN --mount=type=bind,from=scratch,target=/t ls -a /t > /said"),
  {
    ...on(
      "bind: a named context",
      "RUN --mount=type=bind,from=named,target=/t cat /t/n > /said",
      "RUN --mount=type=bind,from=named,source=sub/m,target=/t cat /t >> /said",
    ),
    contexts: { named: { n: "n\n", "sub/m": "m\n" } },
  },
  {
    ...on("bind: a named context that replaces a stage", "RUN --mount=type=bind,from=other,target=/t cat /t/n > /said"),
    dockerfile: lines("FROM {busybox} AS other", "FROM {run}", "RUN --mount=type=bind,from=other,target=/t cat /t/n > /said"),
    contexts: { other: { n: "n\n" } },
  },
  {
    ...withTree("what .dockerignore leaves", "RUN --mount=type=bind,target=/t find /t -type f | sort > /said"),
    files: { ...TREE, ".dockerignore": "sub/deep\nDockerfile\n.dockerignore\n" },
  },
  { ...on("bind: an unknown stage", "RUN --mount=type=bind,from=no/such/image/at-all:1,target=/t true"), fails: /no\/such|failed to resolve|not found|denied/ },
];

/**
 * Cache mounts of an id that no other case, build or platform has. Built with a cache, since BuildKit without one empties the folders of all steps when it comes
 * upon any of them, which may be between two steps; the variable keeps it from finding the steps of an earlier build, because the id is no part of their keys.
 */
const cached = (name: string, ...steps: string[]): Case => ({
  ...on(`cache: ${name}`, "ENV UNIQUE={unique}", ...steps.map((step) => step.replaceAll("type=cache,target", "type=cache,id={unique}-$TARGETARCH,target"))),
  noCache: false,
});
const AT = "RUN --mount=type=cache";
const ARCH = "ARG TARGETARCH";

const CACHE: readonly Case[] = [
  cached("leaves nothing", ARCH, `${AT},target=/c echo x > /c/x`),
  cached("is kept for the next step", ARCH, `${AT},target=/c echo x > /c/x`, `${AT},target=/c cat /c/x > /said`),
  cached("at another target", ARCH, `${AT},target=/c echo x > /c/x`, `${AT},target=/base/dir cat /base/dir/x > /said && ls /base/dir >> /said`),
  cached("its folder", ARCH, `${AT},target=/c stat -c '%a %u %g' /c > /said`),
  cached("its mode and owner", ARCH, `${AT},target=/c,mode=0750,uid=1000,gid=50 stat -c '%a %u %g' /c > /said`),
  { ...cached("a mode over 0777", ARCH, `${AT},target=/c,mode=1777 stat -c '%a %u %g' /c > /said`), peersDiffer: "one of the two drops the sticky bit" },
  cached("its mode alone", ARCH, `${AT},target=/c,mode=0711 stat -c '%a %u %g' /c > /said`),
  cached("its owner alone", ARCH, "USER app", `${AT},target=/c,uid=1000 stat -c '%a %u %g' /c > /tmp/said && touch /c/f && ls /c >> /tmp/said`),
  cached(
    "read-only",
    ARCH,
    `${AT},target=/c echo x > /c/x`,
    `${AT},target=/c,ro if touch /c/y; then echo written; else echo refused; fi > /said 2>/dev/null; ls /c >> /said`,
  ),
  cached("shared, by its name", ARCH, `${AT},target=/c,sharing=shared echo x > /c/x`, `${AT},target=/c,sharing=shared cat /c/x > /said`),
  cached("locked", ARCH, `${AT},target=/c,sharing=locked echo x > /c/x`, `${AT},target=/c,sharing=locked cat /c/x > /said`),
  cached("private", ARCH, `${AT},target=/c,sharing=private echo x > /c/x`, `${AT},target=/c,sharing=private cat /c/x > /said`),
  on(
    "cache: two of them",
    ARCH,
    "RUN --mount=type=cache,id={unique}-1-$TARGETARCH,target=/c --mount=type=cache,id={unique}-2-$TARGETARCH,target=/d echo c > /c/c && echo d > /d/d",
    "RUN --mount=type=cache,id={unique}-2-$TARGETARCH,target=/c ls /c > /said",
  ),
  cached("one in another", ARCH, "RUN --mount=type=tmpfs,target=/t --mount=type=cache,target=/t/c echo x > /t/c/x", `${AT},target=/c ls /c > /said`),
  cached(
    "owners, links and modes in it",
    ARCH,
    `${AT},target=/c touch /c/a && chown app:staff /c/a && chmod 4750 /c/a && ln -s a /c/l && ln /c/a /c/h`,
    `${AT},target=/c cp -a /c /copied`,
  ),
  cached("onto a folder with files", ARCH, `${AT},target=/base/full ls -a /base/full > /said && touch /base/full/new`, "RUN ls /base/full > /said2"),
  cached("onto a missing place beside a new file", ARCH, `${AT},target=/x/y/z touch /x/y/new`),
  cached("relative target", ARCH, "WORKDIR /w", `${AT},target=c echo x > c/x && pwd > /said`, `${AT},target=/w/c ls c >> /said`),
  on(
    "cache: from a stage",
    "ARG TARGETARCH",
    "RUN --mount=type=cache,id={unique}-$TARGETARCH,target=/c,from={busybox},source=/etc ls /c > /said && echo x > /c/x && stat -c '%a %u %g' /c >> /said",
    "RUN --mount=type=cache,id={unique}-$TARGETARCH,target=/c,from={busybox},source=/etc ls /c > /said2",
  ),
  {
    name: "run: cache: from a stage of this file",
    dockerfile: lines(
      "FROM {run} AS seed",
      "RUN mkdir -m 700 /s && echo seed > /s/f && chown -R app /s",
      "FROM {run}",
      "ARG TARGETARCH",
      "RUN --mount=type=cache,id={unique}-$TARGETARCH,target=/c,from=seed,source=/s cat /c/f > /said && stat -c '%a %u %g' /c /c/f >> /said",
    ),
  },
  cached("is named after its target", "RUN --mount=type=cache,target=/{unique} true", "RUN --mount=type=cache,target=/c,id=/{unique} stat -c %a /c > /said"),
  { ...cached("unknown sharing", ARCH, `${AT},target=/c,sharing=none true`), fails: /unsupported sharing value "none"/ },
  { ...cached("sharing of a bind", ARCH, "RUN --mount=type=bind,target=/c,sharing=shared true"), fails: /invalid cache sharing/ },
  { ...cached("a mode that is none", ARCH, `${AT},target=/c,mode=rwx true`), fails: /invalid value rwx for mode/ },
];

const OVER_BUILDS: readonly Case[] = [
  {
    ...cached("is there in a later build", ARCH, "ARG N=1", `${AT},target=/c echo $N >> /c/log && cp /c/log /log`),
    args: { N: "1" },
    later: [{ args: { N: "2" } }, { args: { N: "3" } }],
  },
  {
    ...cached("runs again without a cache", ARCH, `${AT},target=/c echo x >> /c/log && cp /c/log /log`),
    later: [{}, { noCache: true }, {}],
  },
];

const TMPFS: readonly Case[] = [
  on("tmpfs: leaves nothing", "RUN --mount=type=tmpfs,target=/t echo x > /t/x && ls /t > /said"),
  on("tmpfs: its folder", "RUN --mount=type=tmpfs,target=/t stat -c '%a %u %g' /t > /said"),
  on(
    "tmpfs: with a size",
    "RUN --mount=type=tmpfs,target=/t,size=1m if dd if=/dev/zero of=/t/x bs=1024 count=2000 2>/dev/null; then echo fits; else echo full; fi > /said",
  ),
  on("tmpfs: over files", "RUN --mount=type=tmpfs,target=/base/full ls -a /base/full > /said", "RUN ls /base/full > /said2"),
  on("tmpfs: over /tmp", "RUN --mount=type=tmpfs,target=/tmp echo x > /tmp/x", "RUN ls /tmp > /said"),
  on("tmpfs: missing place", "RUN --mount=type=tmpfs,target=/a/b/c touch /a/b/c/x"),
  on("tmpfs: programs in it", "RUN --mount=type=tmpfs,target=/t cp /usr/bin/busybox /t/echo && /t/echo hi > /said"),
  { ...on("tmpfs: a size that is none", "RUN --mount=type=tmpfs,target=/t,size=big true"), fails: /invalid value for size/ },
  { ...on("tmpfs: a size of a bind", "RUN --mount=type=bind,target=/t,size=1m true"), fails: /unexpected key 'size'/ },
];

const secret = (name: string, ...steps: string[]): Case => ({ ...on(`secret: ${name}`, ...steps), secrets: { token: "s3cret\n", "other.id": "another" } });
const SECRET: readonly Case[] = [
  secret("at its usual place", "RUN --mount=type=secret,id=token cat /run/secrets/token > /said"),
  secret("leaves nothing", "RUN --mount=type=secret,id=token test -s /run/secrets/token"),
  secret("at a target", "RUN --mount=type=secret,id=token,target=/etc/token cat /etc/token > /said"),
  secret("at a relative target", "WORKDIR /w", "RUN --mount=type=secret,id=token,target=t cat t /w/t > said 2>&1 || ls /run/secrets >> said"),
  secret("onto a file of the base", "RUN --mount=type=secret,id=token,target=/base/file cat /base/file > /said", "RUN cat /base/file > /said2"),
  secret("its mode and owner", "RUN --mount=type=secret,id=token stat -c '%a %u %g' /run/secrets/token > /said"),
  secret("another mode and owner", "RUN --mount=type=secret,id=token,mode=0440,uid=1000,gid=50 stat -c '%a %u %g' /run/secrets/token > /said"),
  secret("read by a user who may", "USER app", "RUN --mount=type=secret,id=token,uid=1000 cat /run/secrets/token > /tmp/said"),
  secret(
    "read by a user who may not",
    "USER app",
    "RUN --mount=type=secret,id=token cat /run/secrets/token > /tmp/said 2>/dev/null || echo refused >> /tmp/said",
  ),
  secret(
    "as a variable",
    'RUN --mount=type=secret,id=token,env=TOKEN echo "[$TOKEN]" > /said; ls /run/secrets/token >> /said 2>/dev/null || echo none >> /said',
  ),
  secret("as a variable and a file", 'RUN --mount=type=secret,id=token,env=TOKEN,target=/t echo "$TOKEN" > /said && cat /t >> /said'),
  secret("as a variable over ENV", "ENV TOKEN=plain", 'RUN --mount=type=secret,id=token,env=TOKEN echo "$TOKEN" > /said', "RUN echo $TOKEN > /said2"),
  secret("as a variable in the exec form", 'RUN --mount=type=secret,id=token,env=TOKEN ["sh", "-c", "env | grep TOKEN > /said"]'),
  secret("two of them", "RUN --mount=type=secret,id=token --mount=type=secret,id=other.id cat /run/secrets/token /run/secrets/other.id > /said"),
  secret("named by its target", "RUN --mount=type=secret,target=/x/token cat /x/token > /said"),
  secret("named by its source", "RUN --mount=type=secret,source=token cat /run/secrets/token > /said"),
  secret(
    "is not written to",
    "RUN --mount=type=secret,id=token,mode=0666 if echo x >> /run/secrets/token; then echo written; else echo refused; fi > /said 2>/dev/null",
  ),
  secret("not given and not required", "RUN --mount=type=secret,id=nothing ls /run/secrets > /said 2>/dev/null || echo none > /said"),
  secret("not given, as a variable", 'RUN --mount=type=secret,id=nothing,env=TOKEN echo "[${TOKEN-unset}]" > /said'),
  { ...secret("not given and required", "RUN --mount=type=secret,id=nothing,required true"), fails: /secret nothing: not found/ },
  { ...secret("not given and required=true", "RUN --mount=type=secret,id=nothing,required=true true"), fails: /secret nothing: not found/ },
  { ...secret("without a name", "RUN --mount=type=secret true"), fails: /one of source, target required/ },
  { ...secret("with id and source", "RUN --mount=type=secret,id=token,source=token true"), fails: /both source and id/ },
  { ...on("secret: from a variable", "RUN --mount=type=secret,id=TOKEN cat /run/secrets/TOKEN > /said"), secrets: { TOKEN: { value: "of a variable" } } },
  { ...on("secret: empty", "RUN --mount=type=secret,id=none stat -c %s /run/secrets/none > /said"), secrets: { none: "" } },
  {
    ...on("secret: bytes of every kind", "RUN --mount=type=secret,id=all sha256sum < /run/secrets/all > /said"),
    secrets: { all: "line\nline\r\n\ttab ümlaut\u007f" },
  },
  secret(
    "another one is no reason to run again",
    "RUN --mount=type=cache,id={unique},target=/c --mount=type=secret,id=token echo x >> /c/log && cp /c/log /log && cat /run/secrets/token >> /log",
  ),
].map((theCase) => (theCase.name.endsWith("run again") ? { ...theCase, platforms: ["linux/arm64"], later: [{ secrets: { token: "changed\n" } }] } : theCase));

const sized = (bytes: Buffer | string): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(Buffer.byteLength(bytes));
  return Buffer.concat([length, Buffer.from(bytes)]);
};

/** A private key as OpenSSH writes it: Ed25519, of 32 bytes 0x07, so that it is the same each time. */
function privateKey(): string {
  const seed = Buffer.alloc(32, 7);
  const key = createPrivateKey({ key: Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]), format: "der", type: "pkcs8" });
  const point = createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-32);
  const one = Buffer.from([0, 0, 0, 1]);
  const unpadded = Buffer.concat([one, one, sized("ssh-ed25519"), sized(point), sized(Buffer.concat([seed, point])), sized("comparison")]);
  const padding = Buffer.from(Array.from({ length: (8 - (unpadded.length % 8)) % 8 }, (_, index) => index + 1));
  const file = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    ...["none", "none", ""].map(sized),
    one,
    sized(Buffer.concat([sized("ssh-ed25519"), sized(point)])),
    sized(Buffer.concat([unpadded, padding])),
  ]);
  const text = file
    .toString("base64")
    .match(/.{1,70}/g)!
    .join("\n");
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${text}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

const KEY = privateKey();
/** The answer without the key's comment, which agents choose for themselves. */
const KEYS = "tool agent | cut -c1-120";
const ssh = (name: string, ...steps: string[]): Case => ({ ...on(`ssh: ${name}`, ...steps), ssh: { default: KEY, other: KEY } });
const SSH: readonly Case[] = [
  ssh("the agent's keys", `RUN --mount=type=ssh ${KEYS} > /said`),
  ssh("where it is", "RUN --mount=type=ssh echo $SSH_AUTH_SOCK > /said && stat -c '%a %u %g %F' $SSH_AUTH_SOCK >> /said"),
  ssh("two of them", `RUN --mount=type=ssh --mount=type=ssh,id=other,target=/o echo $SSH_AUTH_SOCK > /said && test -S /o && SSH_AUTH_SOCK=/o ${KEYS} >> /said`),
  ssh("at a target", `RUN --mount=type=ssh,id=other,target=/x/agent ${KEYS} > /said && echo $SSH_AUTH_SOCK >> /said`),
  ssh("its mode and owner", "USER app", `RUN --mount=type=ssh,mode=0660,uid=1000,gid=50 stat -c '%a %u %g' $SSH_AUTH_SOCK > /tmp/said && ${KEYS} >> /tmp/said`),
  ssh("not for a user who may not", "USER app", "RUN --mount=type=ssh tool agent > /tmp/said 2>/dev/null || echo refused > /tmp/said"),
  ssh("leaves nothing", "RUN --mount=type=ssh ls -R /run > /dev/null"),
  ssh("not given and not required", 'RUN --mount=type=ssh,id=nothing echo "[${SSH_AUTH_SOCK-unset}]" > /said'),
  { ...ssh("not given and required", "RUN --mount=type=ssh,id=nothing,required true"), fails: /ssh|unset|forward/ },
];

/** RUN --mount. */
export const RUN_MOUNTS: readonly Case[] = [...BIND, ...CACHE, ...OVER_BUILDS, ...TMPFS, ...SECRET, ...SSH];
