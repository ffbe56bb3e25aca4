// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the words of Dockerfiles
import { type Case, lines } from "../case.ts";

/** Docker 28 prints the pointer of a health check into the history. */
export const HEALTH_HISTORY = "the history prints a health check in another way";

/** Instructions that only change the config. */
export const CONFIG: readonly Case[] = [
  {
    name: "env: both forms",
    dockerfile: lines("FROM scratch", "ENV OLD value with  spaces", "ENV A=1 B=\"two words\" C='single $A' D=a\\ b", "ENV E=$A$B", "ENV A=2 F=$A"),
  },
  {
    name: "env: legacy form with quotes",
    dockerfile: lines("FROM scratch", 'ENV A "quoted value"', "ENV B it's", "ENV C a=b"),
    fails: /unexpected end of statement|unterminated/,
  },
  { name: "env: legacy form, text after equals", dockerfile: lines("FROM scratch", 'ENV A "quoted value" more', "ENV C a=b") },
  { name: "env: empty and replaced", dockerfile: lines("FROM {rich}", "ENV EMPTY=now-full LEVEL="), files: { "trigger.txt": "" } },
  { name: "env: over several lines", dockerfile: lines("FROM scratch", "ENV A=1 \\", "    B=2 \\", "# a comment in between", "", "    C=3") },
  { name: "env: without a value", dockerfile: lines("FROM scratch", "ENV A"), fails: /ENV must have two arguments/ },
  { name: "env: nothing", dockerfile: lines("FROM scratch", "ENV"), fails: /ENV requires at least one argument/ },
  { name: "env: blank name", dockerfile: lines("FROM scratch", "ENV =x"), fails: /names can not be blank/ },
  { name: "env: PATH from the base", dockerfile: lines("FROM {busybox}", "ENV PATH=/opt/bin:$PATH") },
  { name: "env: PATH set on scratch", dockerfile: lines("FROM scratch", "COPY a /", "ENV X=y"), files: { a: "" } },

  {
    name: "label: forms",
    dockerfile: lines(
      "FROM scratch",
      'LABEL a=1 "b.c"="two words" d=\'x\' e=',
      "LABEL old form here",
      'LABEL multi="line one \\',
      'line two"',
      "LABEL a=again",
    ),
  },
  { name: "label: from the command line", dockerfile: lines("FROM scratch", "LABEL a=1 b=2"), labels: { b: "given", c: "new" } },
  { name: "label: words in names and values", dockerfile: lines("FROM scratch", "ARG V=1.2", "LABEL version=$V \"q-$V\"='$V'") },

  { name: "cmd: shell form", dockerfile: lines("FROM scratch", 'CMD echo "hello $HOME" && ls') },
  { name: "cmd: json form", dockerfile: lines("FROM scratch", 'CMD ["a", "b c", "\\"q\\"", "\\u00e9"]') },
  { name: "cmd: json that is none", dockerfile: lines("FROM scratch", "CMD ['single', 'quotes']") },
  { name: "cmd: empty json", dockerfile: lines("FROM {busybox}", "CMD []", "ENTRYPOINT []") },
  { name: "cmd: several, the last counts", dockerfile: lines("FROM scratch", "CMD one", "CMD two", "ENTRYPOINT a", 'ENTRYPOINT ["b"]') },
  { name: "cmd: with another shell", dockerfile: lines("FROM scratch", 'SHELL ["/bin/bash", "-c"]', "CMD one", "ENTRYPOINT two") },
  { name: "cmd: entrypoint in shell form", dockerfile: lines("FROM {busybox}", "ENTRYPOINT exec top -b", 'CMD ["x"]') },
  { name: "cmd: then a stage with an entrypoint", dockerfile: lines("FROM scratch AS one", 'CMD ["kept?"]', "FROM one", 'ENTRYPOINT ["e"]') },
  { name: "cmd: nothing at all", dockerfile: lines("FROM {busybox}", "CMD") },

  { name: "user: forms", dockerfile: lines("FROM {busybox}", "USER app", "USER 1000:1001", "USER app:staff") },
  { name: "user: unknown name is kept", dockerfile: lines("FROM scratch", "USER nosuch:group") },
  { name: "user: nothing", dockerfile: lines("FROM scratch", "USER"), fails: /USER requires exactly one argument/ },
  { name: "user: two", dockerfile: lines("FROM scratch", "USER a b") },

  { name: "expose: forms", dockerfile: lines("FROM scratch", "EXPOSE 80 443/tcp 53/udp 9000/sctp", "EXPOSE 7000-7003 8000-8001/udp", "EXPOSE 80/tcp") },
  { name: "expose: host part", dockerfile: lines("FROM scratch", "EXPOSE 8080:80") },
  { name: "expose: not a number", dockerfile: lines("FROM scratch", "EXPOSE http"), fails: /invalid.*port|containerPort/i },
  { name: "expose: backward range", dockerfile: lines("FROM scratch", "EXPOSE 90-80"), fails: /invalid containerPort/ },
  { name: "expose: protocol in capitals", dockerfile: lines("FROM scratch", "EXPOSE 80/TCP 81/Udp") },
  { name: "expose: unknown protocol", dockerfile: lines("FROM scratch", "EXPOSE 80/quic"), fails: /invalid proto/i },

  { name: "volume: forms", dockerfile: lines("FROM scratch", "VOLUME /data", "VOLUME /a /b", 'VOLUME ["/c d", "/e"]', "VOLUME relative") },
  { name: "volume: empty", dockerfile: lines("FROM scratch", 'VOLUME [""]'), fails: /VOLUME specified can not be an empty string/ },
  { name: "volume: copying there afterwards", dockerfile: lines("FROM {rich}", "COPY a /data/a"), files: { a: "kept", "trigger.txt": "" } },

  { name: "stopsignal: forms", dockerfile: lines("FROM scratch", "STOPSIGNAL 9", "STOPSIGNAL SIGRTMIN+3") },
  { name: "stopsignal: unknown", dockerfile: lines("FROM scratch", "STOPSIGNAL SIGNOPE"), fails: /[Ii]nvalid signal/ },
  { name: "stopsignal: by short name", dockerfile: lines("FROM scratch", "STOPSIGNAL kill") },

  {
    name: "healthcheck: every flag",
    dockerfile: lines(
      "FROM scratch",
      "HEALTHCHECK --interval=5m --timeout=3s --start-period=1m30s --start-interval=500ms --retries=3 CMD curl -f http://localhost/ || exit 1",
    ),
    peersDiffer: HEALTH_HISTORY,
  },
  { name: "healthcheck: json, defaults", dockerfile: lines("FROM scratch", 'HEALTHCHECK CMD ["/bin/check", "it"]'), peersDiffer: HEALTH_HISTORY },
  { name: "healthcheck: none", dockerfile: lines("FROM scratch", "HEALTHCHECK CMD x", "HEALTHCHECK NONE"), peersDiffer: HEALTH_HISTORY },
  {
    name: "healthcheck: with another shell",
    dockerfile: lines("FROM scratch", 'SHELL ["/bin/ash", "-ec"]', "HEALTHCHECK CMD test -e /ok"),
    peersDiffer: HEALTH_HISTORY,
  },
  { name: "healthcheck: none with more words", dockerfile: lines("FROM scratch", "HEALTHCHECK NONE now"), fails: /HEALTHCHECK NONE takes no arguments/ },
  { name: "healthcheck: unknown type", dockerfile: lines("FROM scratch", "HEALTHCHECK RUN x"), fails: /Unknown type/ },
  { name: "healthcheck: bad duration", dockerfile: lines("FROM scratch", "HEALTHCHECK --interval=5 CMD x"), fails: /missing unit in duration/ },
  { name: "healthcheck: too short", dockerfile: lines("FROM scratch", "HEALTHCHECK --interval=10us CMD x"), fails: /cannot be less than/ },
  { name: "healthcheck: no command", dockerfile: lines("FROM scratch", "HEALTHCHECK CMD"), fails: /Missing command/ },
  { name: "healthcheck: retries below one", dockerfile: lines("FROM scratch", "HEALTHCHECK --retries=-1 CMD x"), fails: /retries/ },
  { name: "healthcheck: retries of zero", dockerfile: lines("FROM scratch", "HEALTHCHECK --retries=0 CMD x"), peersDiffer: HEALTH_HISTORY },

  { name: "shell: json only", dockerfile: lines("FROM scratch", "SHELL /bin/sh -c"), fails: /SHELL requires the arguments to be in JSON form/ },
  { name: "shell: is inherited by stages", dockerfile: lines("FROM scratch AS a", 'SHELL ["/s", "-x"]', "FROM a", "CMD y") },

  { name: "onbuild: kept for children", dockerfile: lines("FROM scratch", "ONBUILD COPY . /src", "ONBUILD ENV A=1", "ONBUILD RUN echo hi") },
  {
    name: "onbuild: runs in a later stage",
    dockerfile: lines("FROM {busybox} AS base", "ONBUILD COPY a /copied", "ONBUILD ENV T=$TARGETARCH LABELLED=1", "FROM base", "ENV AFTER=1"),
    files: { a: "x" },
  },
  { name: "onbuild: not within onbuild", dockerfile: lines("FROM scratch", "ONBUILD ONBUILD ENV A=1"), fails: /ONBUILD ONBUILD/ },
  { name: "onbuild: from is not allowed", dockerfile: lines("FROM scratch", "ONBUILD FROM x"), fails: /FROM isn't allowed as an ONBUILD trigger/ },
  {
    name: "onbuild: maintainer is not allowed",
    dockerfile: lines("FROM scratch", "ONBUILD MAINTAINER x"),
    fails: /MAINTAINER isn't allowed as an ONBUILD trigger/,
  },
  {
    name: "onbuild: a chain of stages",
    dockerfile: lines(
      "FROM scratch AS one",
      "ONBUILD ARG A=from-one",
      "ONBUILD COPY a /a-$A",
      "ONBUILD WORKDIR /made",
      "FROM one AS two",
      "ENV TWO=$A",
      "ONBUILD LABEL two=$TWO",
      'ONBUILD CMD ["by", "trigger"]',
      "FROM two",
      "COPY a .",
    ),
    files: { a: "x" },
  },
  {
    name: "onbuild: every instruction that may",
    dockerfile: lines(
      "FROM {busybox} AS one",
      "ONBUILD ENV E=1 F=$E",
      "ONBUILD LABEL l=$E",
      "ONBUILD EXPOSE 80 $E/udp",
      "ONBUILD VOLUME /v",
      "ONBUILD USER app",
      "ONBUILD WORKDIR /w/$E",
      "ONBUILD ENTRYPOINT run $E",
      "ONBUILD STOPSIGNAL 9",
      'ONBUILD SHELL ["/bin/ash", "-c"]',
      "ONBUILD ADD a.tar /x/",
      "ONBUILD COPY --chown=app:staff --chmod=600 f /f",
      "FROM one",
    ),
    files: { f: "f", "a.tar": { archive: { in: "side" } } },
  },
  {
    name: "onbuild: copies from a stage",
    dockerfile: lines("FROM {busybox} AS one", "COPY a /a", "FROM scratch AS base", "ONBUILD COPY --from=one /a /b", "FROM base"),
    files: { a: "x" },
  },
  {
    name: "onbuild: from a rich base, twice",
    dockerfile: lines("FROM {rich} AS one", "ONBUILD ENV MORE=1", "FROM one AS two", "FROM two"),
    files: { "trigger.txt": "t" },
  },
  { name: "onbuild: nothing behind it", dockerfile: lines("FROM scratch", "ONBUILD"), fails: /ONBUILD requires at least one argument/ },
  { name: "onbuild: unknown words", dockerfile: lines("FROM scratch AS a", "ONBUILD NOPE x", "FROM a"), fails: /unknown instruction/ },
  { name: "onbuild: child of rich", dockerfile: lines("FROM {rich} AS child", "FROM child", "ENV GRANDCHILD=1"), files: { "trigger.txt": "t" } },

  { name: "maintainer", dockerfile: lines("FROM scratch", "MAINTAINER Some One <some@example.invalid>", "ENV A=1") },

  {
    name: "workdir: absolute, relative, nested",
    dockerfile: lines("FROM scratch", "WORKDIR /a", "WORKDIR b/c", "WORKDIR ../d", "COPY f ."),
    files: { f: "x" },
  },
  { name: "workdir: relative from the start", dockerfile: lines("FROM scratch", "WORKDIR x/y", "COPY f ."), files: { f: "x" } },
  { name: "workdir: by an environment variable", dockerfile: lines("FROM scratch", "ENV D=/deep", "WORKDIR $D/er", "WORKDIR ${D}//x/./y/") },
  { name: "workdir: that exists", dockerfile: lines("FROM {busybox}", "WORKDIR /etc", "COPY f ."), files: { f: "x" } },
  { name: "workdir: through a link of the base", dockerfile: lines("FROM {busybox}", "WORKDIR /log/sub", "COPY f ."), files: { f: "x" } },
  { name: "workdir: root", dockerfile: lines("FROM scratch", "WORKDIR /", "COPY f ."), files: { f: "x" } },
  { name: "workdir: with spaces", dockerfile: lines("FROM scratch", "WORKDIR /with space/in it", "COPY f ."), files: { f: "x" } },
  { name: "workdir: belongs to root whatever the user", dockerfile: lines("FROM {busybox}", "USER app", "WORKDIR /made/here", "COPY f ."), files: { f: "x" } },
  { name: "workdir: the last instruction", dockerfile: lines("FROM {busybox}", "WORKDIR /only") },
  { name: "workdir: over a file", dockerfile: lines("FROM {busybox}", "WORKDIR /etc/passwd"), fails: /not a directory/ },
  { name: "workdir: the same twice", dockerfile: lines("FROM {busybox}", "WORKDIR /w", "WORKDIR /w") },
  { name: "workdir: empty", dockerfile: lines("FROM scratch", "WORKDIR"), fails: /WORKDIR requires exactly one argument/ },
];
