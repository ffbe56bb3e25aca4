// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the words of Dockerfiles
import { type Case, lines } from "../case.ts";

const of = (name: string, ...text: string[]): Case => ({ name: `run: ${name}`, dockerfile: lines(...text) });
/** Counts how often steps really run. Locked, because a shared folder that is not quite let go of yet is not found by the next step, by chance. */
const COUNT = "--mount=type=cache,id={unique}-$TARGETARCH,sharing=locked,target=/count";
const counted = "echo x >> /count/$TARGETARCH && wc -l < /count/$TARGETARCH";

const STAGES: readonly Case[] = [
  of(
    "stages: what one makes, another copies",
    "FROM {run} AS make",
    "RUN mkdir /out && echo made > /out/f && ln /out/f /out/h && ln -s f /out/l && chown -R app:staff /out && chmod 4750 /out/f",
    "FROM {busybox}",
    "COPY --from=make /out /in",
  ),
  of(
    "stages: upon another stage",
    "FROM {run} AS one",
    "ENV A=1",
    "RUN echo one > /one",
    "FROM one AS two",
    "RUN echo $A > /two",
    "FROM two",
    "RUN cat /one /two > /three",
  ),
  of(
    "stages: two upon one",
    "FROM {run} AS base",
    "RUN echo base > /b",
    "FROM base AS left",
    "RUN echo left > /l && rm /b",
    "FROM base AS right",
    "RUN echo right > /r",
    "FROM base",
    "COPY --from=left /l /",
    "COPY --from=right /r /",
    "RUN cat /b /l /r > /all",
  ),
  of(
    "stages: times of copied files",
    "FROM {run} AS make",
    "RUN mkdir /out && touch -d @1234567890 /out/f /out",
    "FROM {busybox}",
    "COPY --from=make /out /in",
  ),
  of(
    "stages: holes, fifos and capabilities copied",
    "FROM {run} AS make",
    "RUN mkdir /out && truncate -s 1M /out/sparse && mkfifo /out/pipe && cp /base/script /out/s && tool setxattr /out/s security.capability 0100000200040000000000000000000000000000",
    "FROM {busybox}",
    "COPY --from=make /out /in",
  ),
  of(
    "stages: a deleted file is not copied",
    "FROM {run} AS make",
    "RUN rm /base/dir/a && rm -rf /base/dir/sub && mkdir /base/dir/sub",
    "FROM scratch",
    "COPY --from=make /base/dir /d",
  ),
  of(
    "stages: a changed link is followed",
    "FROM {run} AS make",
    "RUN rm /base/dirlink && ln -s full /base/dirlink",
    "FROM scratch",
    "COPY --from=make /base/dirlink/ /d",
    "COPY --from=make /base/dirlink/a /a",
  ),
  of(
    "stages: into a folder that a program made",
    "FROM {run} AS make",
    "RUN echo f > /f",
    "FROM {run}",
    "RUN mkdir -m 700 /d && chown app /d",
    "COPY --from=make /f /d/",
  ),
  of(
    "stages: into a link that a program made",
    "FROM {run}",
    "RUN ln -s base/dir /l",
    "COPY --from={busybox} /etc/passwd /l/",
    "RUN ls -l /base/dir/passwd > /dev/null",
  ),
  of(
    "stages: chown by names that a program added",
    "FROM {run}",
    "RUN echo late:x:8000:8001::/:/bin/sh >> /etc/passwd && echo lates:x:8001: >> /etc/group",
    "COPY --from={busybox} --chown=late:lates /etc/passwd /p",
  ),
  of("stages: a program in nothing", "FROM {run} AS tools", "FROM scratch", "COPY --from=tools /usr/bin/busybox /bin/sh", "RUN echo hi > /said"),
  of("stages: the exec form in nothing", "FROM {run} AS tools", "FROM scratch", "COPY --from=tools /usr/bin/busybox /mkdir", 'RUN ["/mkdir", "-p", "/a/b"]'),
  of("stages: a user in nothing", "FROM {run} AS tools", "FROM scratch", "COPY --from=tools /usr/bin/busybox /bin/sh", "USER 12:34", "RUN echo $HOME $PATH"),
  of(
    "stages: a working folder in nothing",
    "FROM {run} AS tools",
    "FROM scratch",
    "COPY --from=tools /usr/bin/busybox /bin/sh",
    "WORKDIR /w/x",
    "RUN echo hi > said",
  ),
  of(
    "stages: mounts in nothing",
    "FROM {run} AS tools",
    "FROM scratch",
    "RUN --mount=type=bind,from=tools,source=/usr/bin,target=/bin --mount=type=tmpfs,target=/tmp busybox mkdir -p /n /tmp/x",
  ),
  of(
    "stages: everything from a mounted stage",
    "FROM {run} AS tools",
    "FROM scratch",
    "RUN --mount=type=bind,from=tools,target=/t --mount=type=bind,from=tools,source=/usr/bin/busybox,target=/bin/sh cd /t && /t/usr/bin/busybox cp -a base /copied",
  ),
  of(
    "stages: $BUILDPLATFORM",
    "FROM --platform=$BUILDPLATFORM {run} AS build",
    "ARG TARGETARCH",
    "RUN uname -m > /said && echo $TARGETARCH >> /said",
    "FROM {run}",
    "COPY --from=build /said /",
  ),
  of(
    "stages: $BUILDPLATFORM without an argument runs once",
    "FROM --platform=$BUILDPLATFORM {run} AS build",
    "RUN uname -m > /said",
    "FROM {run}",
    "COPY --from=build /said /",
    "RUN uname -m >> /said",
  ),
  of(
    "stages: a foreign program mounted",
    "FROM --platform=linux/arm64 {run} AS other",
    "FROM --platform=linux/amd64 {run} AS here",
    "RUN --mount=type=bind,from=other,target=/o cmp /o/usr/bin/busybox /usr/bin/busybox > /dev/null && echo same > /said || echo others > /said",
    "FROM {busybox}",
    "COPY --from=here /said /",
  ),
  of(
    "stages: both platforms in one image",
    "FROM --platform=linux/amd64 {run} AS x",
    "RUN uname -m > /m",
    "FROM --platform=linux/arm64 {run} AS a",
    "RUN uname -m > /m",
    "FROM scratch",
    "COPY --from=x /m /x",
    "COPY --from=a /m /a",
  ),
  of(
    "stages: chosen by platform",
    "FROM {run} AS for-amd64",
    "RUN echo intel > /which",
    "FROM {run} AS for-arm64",
    "RUN echo arm > /which",
    "FROM for-$TARGETARCH",
    "RUN cat /which > /said",
  ),
  { ...of("stages: --target", "FROM {run} AS one", "RUN echo 1 > /1", "FROM one AS two", "RUN echo 2 > /2", "FROM two", "RUN exit 9"), target: "two" },
  of(
    "stages: COPY --link between steps",
    "FROM {run}",
    "RUN echo before > /x && mkdir -p /d && touch /d/old",
    "COPY --link --from={busybox} /etc/passwd /d/",
    "RUN ls /d > /said && cat /x >> /said",
  ),
  of("stages: a copy of all", "FROM {run} AS all", "RUN rm -r /base/many && echo changed > /base/file", "FROM scratch", "COPY --from=all / /"),
  {
    ...of(
      "stages: results to a folder of files",
      "FROM {run} AS make",
      "RUN echo made > /made && chmod 640 /made && chown app /made && mkdir -m 1777 /d",
      "FROM scratch",
      "COPY --from=make /made /d /out/",
    ),
    output: "type=tar",
    platforms: ["linux/arm64"],
  },
  { ...of("stages: an older base of one name and platform", "FROM {busybox}", "RUN echo hi > /said && id >> /said && mkdir /n"), files: {} },
  {
    ...of("stages: a base with users, volumes and a shell", "FROM {rich}", "RUN id > /tmp/said && pwd >> /tmp/said && echo $LEVEL $- >> /tmp/said"),
    files: { "trigger.txt": "t" },
  },
  { ...of("stages: files in a volume", "FROM {rich}", "USER root", "RUN mkdir -p /data /var/cache/rich/d && echo x > /data/f"), files: { "trigger.txt": "t" } },
  of("stages: a volume of this file", "FROM {run}", "VOLUME /v", "RUN mkdir -p /v && echo x > /v/f", "RUN cat /v/f > /said"),
];

const ONBUILD: readonly Case[] = [
  of("onbuild: of a stage", "FROM {run} AS parent", "ONBUILD RUN echo triggered > /said", "RUN echo parent > /p", "FROM parent", "RUN cat /said /p > /both"),
  of(
    "onbuild: with arguments and a user",
    "FROM {run} AS parent",
    "ONBUILD ARG A=1",
    "ONBUILD USER app",
    "ONBUILD RUN echo $A > /tmp/said && id -un >> /tmp/said",
    "FROM parent",
    "RUN id > /tmp/later",
  ),
  of("onbuild: with mounts", "FROM {run} AS parent", "ONBUILD RUN --mount=type=tmpfs,target=/t echo x > /t/x && cp /t/x /said", "FROM parent", "RUN true"),
  of(
    "onbuild: with a bind of a stage",
    "FROM {busybox} AS first",
    "FROM {run} AS parent",
    "ONBUILD RUN --mount=type=bind,from=first,source=/etc,target=/t ls /t > /said",
    "FROM parent",
  ),
  of(
    "onbuild: in the exec form under another shell",
    "FROM {run} AS parent",
    'ONBUILD RUN ["touch", "/n"]',
    'SHELL ["/bin/sh", "-e", "-c"]',
    "ONBUILD RUN echo $- > /said",
    "FROM parent",
  ),
  of("onbuild: is not handed on", "FROM {run} AS a", "ONBUILD RUN echo x >> /said", "FROM a AS b", "FROM b", "RUN echo y >> /said"),
  of(
    "onbuild: kept in the image",
    "FROM {run}",
    'ONBUILD RUN --mount=type=tmpfs,target=/t echo "a b" && true',
    'ONBUILD RUN ["a", "b c"]',
    "RUN echo hi > /said",
  ),
  { ...of("onbuild: fails", "FROM {run} AS parent", "ONBUILD RUN exit 6", "FROM parent"), fails: /exit code: 6/, weSay: /\b6\b/ },
];

const CACHED: readonly Case[] = [
  { ...of("cache of steps: the same again", "FROM {run}", "ARG TARGETARCH", `RUN ${COUNT} ${counted} > /said`, "RUN echo hi > /n"), later: [{}] },
  {
    ...of("cache of steps: a copied file changed", "FROM {run}", "ARG TARGETARCH", `RUN ${COUNT} ${counted} > /1`, "COPY f /", `RUN ${COUNT} ${counted} > /2`),
    files: { f: "one\n" },
    later: [{ files: { f: "two\n" } }],
  },
  {
    ...of("cache of steps: a file changed that is not copied", "FROM {run}", "ARG TARGETARCH", "COPY f /", `RUN ${COUNT} ${counted} > /said`),
    files: { f: "one\n", other: "one\n" },
    later: [{ files: { other: "two\n" } }],
  },
  {
    ...of("cache of steps: an argument changed", "FROM {run}", "ARG TARGETARCH", `RUN ${COUNT} ${counted} > /1`, "ARG A", `RUN ${COUNT} ${counted} > /2`),
    args: { A: "1" },
    later: [{ args: { A: "2" } }],
  },
  {
    ...of("cache of steps: an argument changed that is not declared", "FROM {run}", "ARG TARGETARCH", `RUN ${COUNT} ${counted} > /1`),
    args: { A: "1" },
    later: [{ args: { A: "2" } }],
  },
  {
    ...of("cache of steps: a proxy changed", "FROM {run}", "ARG TARGETARCH", `RUN ${COUNT} ${counted} > /said`),
    args: { HTTP_PROXY: "http://one.test" },
    later: [{ args: { HTTP_PROXY: "http://two.test" } }],
  },
  {
    ...of("cache of steps: another user, working folder, environment", "FROM {run}", "ARG TARGETARCH", "USER root", `RUN ${COUNT} ${counted} > /1`),
    later: [
      { dockerfile: lines("FROM {run}", "ARG TARGETARCH", "USER 0", `RUN ${COUNT} ${counted} > /1`) },
      { dockerfile: lines("FROM {run}", "ARG TARGETARCH", "WORKDIR /base", `RUN ${COUNT} ${counted} > /1`) },
      { dockerfile: lines("FROM {run}", "ARG TARGETARCH", "ENV A=1", `RUN ${COUNT} ${counted} > /1`) },
    ],
  },
  {
    ...of("cache of steps: a label in between", "FROM {run}", "ARG TARGETARCH", `RUN ${COUNT} ${counted} > /1`, `RUN ${COUNT} ${counted} > /2`),
    later: [{ dockerfile: lines("FROM {run}", "ARG TARGETARCH", `RUN ${COUNT} ${counted} > /1`, "LABEL a=b", "EXPOSE 80", `RUN ${COUNT} ${counted} > /2`) }],
  },
  {
    ...of(
      "cache of steps: a mounted file changed",
      "FROM {run}",
      "ARG TARGETARCH",
      `RUN ${COUNT} --mount=type=bind,source=f,target=/f ${counted} > /1`,
      `RUN ${COUNT} --mount=type=bind,source=g,target=/g ${counted} > /2`,
    ),
    files: { f: "one\n", g: "one\n" },
    later: [{ files: { f: "two\n" } }],
  },
  {
    ...of(
      "cache of steps: a mounted stage whose other files changed",
      "FROM {run} AS make",
      "COPY f g /o/",
      "FROM {run}",
      "ARG TARGETARCH",
      `RUN ${COUNT} --mount=type=bind,from=make,source=/o/f,target=/f ${counted} > /1`,
    ),
    files: { f: "one\n", g: "one\n" },
    later: [{ files: { g: "two\n" } }],
  },
  {
    ...of("cache of steps: a heredoc changed", "FROM {run}", "ARG TARGETARCH", `RUN ${COUNT} <<EOF`, `${counted} > /said`, "EOF"),
    later: [{ dockerfile: lines("FROM {run}", "ARG TARGETARCH", `RUN ${COUNT} <<EOF`, `${counted} > /said`, "true", "EOF") }, {}],
  },
  {
    ...of("cache of steps: a comment and spaces changed", "FROM {run}", "ARG TARGETARCH", `RUN ${COUNT} ${counted} > /said`),
    later: [{ dockerfile: lines("# another comment", "FROM {run}", "", "ARG TARGETARCH", `RUN ${COUNT} \\`, "  # within", `${counted} > /said`) }],
  },
  {
    ...of(
      "cache of steps: --no-cache-filter of a stage",
      "FROM {run} AS one",
      "ARG TARGETARCH",
      "RUN --mount=type=cache,id={unique}-1-$TARGETARCH,target=/c echo x >> /c/n && cp /c/n /1",
      "FROM {run} AS two",
      "ARG TARGETARCH",
      "RUN --mount=type=cache,id={unique}-2-$TARGETARCH,target=/c echo x >> /c/n && cp /c/n /2",
      "FROM {run}",
      "COPY --from=one /1 /",
      "COPY --from=two /2 /",
    ),
    later: [{ noCacheFilter: ["two"] }],
  },
  {
    ...of("cache of steps: --no-cache", "FROM {run}", "ARG TARGETARCH", `RUN ${COUNT} ${counted} > /1`, `RUN ${COUNT} ${counted} > /2`),
    later: [{ noCache: true }],
  },
  {
    ...of(
      "cache of steps: a stage that comes out the same",
      "FROM {run} AS make",
      "ARG TARGETARCH",
      "COPY f /f",
      `RUN echo the same > /out && touch -d @1234567890 /out`,
      "FROM {run}",
      "ARG TARGETARCH",
      "COPY --from=make /out /",
      `RUN ${COUNT} ${counted} > /said`,
    ),
    files: { f: "one\n" },
    later: [{ files: { f: "two\n" } }],
  },
  {
    ...of(
      "cache of steps: after a failure",
      "FROM {run}",
      "ARG TARGETARCH",
      `RUN ${COUNT} ${counted} > /1`,
      "COPY f /",
      `RUN ${COUNT} ${counted} > /2`,
      "RUN [ $(cat /f) = good ]",
    ),
    files: { f: "bad\n" },
    fails: /exit code: 1/,
  },
];

/** With a variable that is another one in each comparison: ids of cache mounts are no part of a step's key, and an earlier comparison's steps would be found. */
function onceOnly(theCase: Case): Case {
  const marked = (dockerfile: string): string => dockerfile.replaceAll(/^FROM \{run\}.*$/gm, "$&\nENV UNIQUE={unique}");
  const later = theCase.later?.map((step) => (step.dockerfile === undefined ? step : { ...step, dockerfile: marked(step.dockerfile) }));
  return { ...theCase, dockerfile: marked(theCase.dockerfile), ...(later === undefined ? {} : { later }) };
}

/** RUN across stages, triggers, platforms and builds. */
export const RUN_STAGES: readonly Case[] = [...STAGES, ...ONBUILD, ...CACHED.map(onceOnly)];
