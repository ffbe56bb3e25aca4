import { type BuiltDefect, EVERY, error, warning } from "./defects.ts";

const ARM = "linux/arm64";
const byArchitecture = (amd64: string, arm64: string): string =>
  `FROM debian AS final-amd64\n${amd64}\nFROM debian AS final-arm64\n${arm64}\nFROM final-$TARGETARCH`;

/** Mistakes of Dockerfiles and of what they copy, as people make them. */
export const BUILT_DEFECTS: readonly BuiltDefect[] = [
  {
    name: "the host's own binary is copied",
    lines: { app: "COPY --chmod=755 build/app /usr/local/bin/app" },
    found: error("start-of-other-architecture", ARM),
    says: /amd64/,
  },
  {
    name: "TARGETARCH has a default",
    lines: { arg: "ARG TARGETARCH=amd64", app: "COPY --chmod=755 linux-amd64/app /usr/local/bin/app" },
    found: error("start-of-other-architecture", ARM),
  },
  {
    name: "the base is pinned to amd64",
    lines: { from: "FROM --platform=linux/amd64 debian", app: "COPY --chmod=755 build/app /usr/local/bin/app" },
    found: error("image-of-other-architecture", ARM),
  },
  {
    name: "the base is pinned, the program is right",
    lines: { from: "FROM --platform=linux/amd64 debian" },
    found: error("image-of-other-architecture", ARM),
    says: /base/,
  },
  {
    name: "the final stage is on BUILDPLATFORM",
    lines: { from: "FROM debian AS build\nFROM --platform=$BUILDPLATFORM debian" },
    found: error("image-of-other-architecture", ARM),
  },
  { name: "the base holds amd64 files for all platforms", lines: { from: "FROM laptop" }, found: error("image-of-other-architecture", ARM) },
  {
    name: "node_modules of the host are copied",
    lines: { more: "COPY node_modules /srv/node_modules" },
    found: warning("foreign-binary", ARM),
    says: /sharp\.node/,
  },
  {
    name: "a tool of the host is copied beside the program",
    lines: { more: "COPY --chmod=755 build/app /usr/local/bin/helper" },
    found: warning("foreign-binary", ARM),
  },
  {
    name: "a jar with code for amd64 alone",
    lines: { more: "COPY app.jar /srv/app.jar" },
    options: { archives: true },
    found: warning("foreign-binary-in-archive", ARM),
  },

  { name: "the program is not copied", lines: { app: "" }, found: error("start-missing", EVERY) },
  { name: "ENTRYPOINT has a typing mistake", lines: { entrypoint: 'ENTRYPOINT ["/usr/local/bin/ap"]' }, found: error("start-missing", EVERY) },
  { name: "ENTRYPOINT is one word with its arguments", lines: { entrypoint: 'ENTRYPOINT ["app --serve"]' }, found: error("start-missing", EVERY) },
  { name: "PATH is overwritten", lines: { env: "ENV PATH=/opt/bin" }, found: error("start-missing", EVERY) },
  { name: "ENTRYPOINT has a variable in its list", lines: { entrypoint: 'ENTRYPOINT ["$APP_HOME/app"]' }, found: error("start-missing", EVERY) },
  { name: "the health check wants curl", lines: { more: "HEALTHCHECK CMD curl -f http://localhost:8080/" }, found: warning("start-missing", EVERY) },
  {
    name: "a link of the developer's machine is copied",
    lines: { app: "COPY links/bin/ /usr/local/bin/", entrypoint: 'ENTRYPOINT ["/usr/local/bin/app"]' },
    found: error("start-missing", EVERY),
    says: /link/,
  },
  {
    name: "one platform's COPY is missing",
    lines: { from: byArchitecture("COPY --chmod=755 linux-amd64/app /usr/local/bin/app", ""), app: "" },
    found: error("start-missing", ARM),
    also: { "files-missing-on-some": "what one platform lacks is told beside what does not start for it: the one says who lost the file" },
  },
  {
    name: "COPY makes a folder of the program's name",
    lines: { app: "COPY --chmod=755 linux-$TARGETARCH/app /usr/local/bin/app/", entrypoint: 'ENTRYPOINT ["/usr/local/bin/app"]' },
    found: error("start-is-folder", EVERY),
  },
  { name: "no chmod", lines: { app: "COPY --chmod=644 linux-$TARGETARCH/app /usr/local/bin/app" }, found: error("start-not-executable", EVERY) },
  {
    name: "a script without its right to be executed",
    lines: { script: "COPY docker-entrypoint.sh /usr/local/bin/", entrypoint: 'ENTRYPOINT ["docker-entrypoint.sh", "app"]' },
    found: error("start-not-executable", EVERY),
  },
  {
    name: "the program is for root only",
    lines: { app: "COPY --chmod=700 linux-$TARGETARCH/app /usr/local/bin/app" },
    found: error("start-not-permitted", EVERY),
  },
  {
    name: "COPY --chmod makes folders that nobody may enter",
    lines: { app: "COPY --chmod=644 linux-$TARGETARCH/app /opt/app/bin/app", entrypoint: 'ENTRYPOINT ["/opt/app/bin/app"]' },
    found: error("start-not-permitted", EVERY),
    says: /the folder \/opt has mode 0644/,
  },
  {
    name: "the program lies in root's folder",
    lines: { app: "COPY --chmod=755 linux-$TARGETARCH/app /root/app", entrypoint: 'ENTRYPOINT ["/root/app"]' },
    found: error("start-not-permitted", EVERY),
  },
  { name: "USER is not in the final stage", lines: { user: "USER appuser" }, found: error("start-by-unknown-user", EVERY) },
  { name: "the group is not in the final stage", lines: { user: "USER app:web" }, found: error("start-by-unknown-user", EVERY) },
  {
    name: "a script with Windows' line ends",
    lines: { script: "COPY --chmod=755 scripts/windows.sh /usr/local/bin/docker-entrypoint.sh", entrypoint: 'ENTRYPOINT ["docker-entrypoint.sh", "app"]' },
    found: error("start-script-with-crlf", EVERY),
  },
  {
    name: "a script for bash, which the base has not",
    lines: { script: "COPY --chmod=755 scripts/bash.sh /usr/local/bin/docker-entrypoint.sh", entrypoint: 'ENTRYPOINT ["docker-entrypoint.sh", "app"]' },
    found: error("start-script-without-interpreter", EVERY),
    says: /bash/,
  },
  {
    name: "a script for python, which the base has not",
    lines: { script: "COPY --chmod=755 scripts/python.sh /usr/local/bin/docker-entrypoint.sh", entrypoint: 'ENTRYPOINT ["docker-entrypoint.sh", "app"]' },
    found: error("start-script-without-interpreter", EVERY),
    says: /python3/,
  },
  {
    name: "a script without its first line",
    lines: { script: "COPY --chmod=755 scripts/bare.sh /usr/local/bin/docker-entrypoint.sh", entrypoint: 'ENTRYPOINT ["docker-entrypoint.sh", "app"]' },
    found: error("start-not-a-program", EVERY),
  },
  {
    name: "a script with a byte order mark",
    lines: {
      script: "COPY --chmod=755 scripts/byte-order-mark.sh /usr/local/bin/docker-entrypoint.sh",
      entrypoint: 'ENTRYPOINT ["docker-entrypoint.sh", "app"]',
    },
    found: error("start-not-a-program", EVERY),
  },
  {
    name: "a pointer of Git LFS in place of the program",
    lines: { app: "COPY --chmod=755 lfs/app /usr/local/bin/app" },
    found: error("start-not-a-program", EVERY),
  },
  {
    name: "an empty file in place of the program",
    lines: { app: "COPY --chmod=755 empty/app /usr/local/bin/app" },
    found: error("start-not-a-program", EVERY),
    says: /empty/,
  },
  {
    name: "the shell form on scratch",
    lines: {
      from: "FROM scratch",
      app: "COPY --chmod=755 linux-$TARGETARCH/app-static /usr/local/bin/app",
      script: "",
      user: "USER 1000",
      entrypoint: "ENTRYPOINT /usr/local/bin/app",
      cmd: "",
    },
    found: error("start-without-shell", EVERY),
  },
  {
    name: "node is to run a file that was not copied",
    lines: { more: "COPY --chmod=755 linux-$TARGETARCH/app /usr/local/bin/node", entrypoint: 'ENTRYPOINT ["node"]', cmd: 'CMD ["server.js"]' },
    found: warning("start-file-missing", EVERY),
  },

  { name: "a program of glibc on Alpine", lines: { from: "FROM alpine" }, found: error("missing-interpreter", EVERY), says: /musl/ },
  {
    name: "a program of musl on Debian",
    lines: { app: "COPY --chmod=755 linux-$TARGETARCH/app-musl /usr/local/bin/app" },
    found: error("missing-interpreter", EVERY),
  },
  {
    name: "a dynamic program on scratch",
    lines: { from: "FROM scratch", script: "", user: "USER 1000", entrypoint: 'ENTRYPOINT ["/usr/local/bin/app"]' },
    found: error("missing-interpreter", EVERY),
  },
  {
    name: "a second program of glibc on Alpine",
    lines: {
      from: "FROM alpine",
      app: "COPY --chmod=755 linux-$TARGETARCH/app-static /usr/local/bin/app",
      more: "COPY --chmod=755 linux-$TARGETARCH/app /usr/local/bin/migrate",
    },
    found: warning("missing-interpreter", EVERY),
  },
  {
    name: "a program newer than the base's libc",
    lines: { app: "COPY --chmod=755 linux-$TARGETARCH/app-of-debian-13 /usr/local/bin/app" },
    found: error("missing-symbol-version", EVERY),
    says: /GLIBC_2\.38.*GLIBC_2\.36/,
  },
  {
    name: "a library newer than the base's libc",
    lines: {
      app: "COPY --chmod=755 linux-$TARGETARCH/app-with-libpq /usr/local/bin/app",
      more: "COPY linux-$TARGETARCH/lib/libpq-of-debian-13.so.5 /usr/lib/libpq.so.5",
    },
    found: error("missing-symbol-version", EVERY),
    says: /libpq/,
  },
  {
    name: "a library is not installed in the final stage",
    lines: { app: "COPY --chmod=755 linux-$TARGETARCH/app-with-libpq /usr/local/bin/app" },
    found: error("missing-library", EVERY),
    says: /libpq\.so\.5/,
  },
  {
    name: "a library in a folder of its own",
    lines: { app: "COPY --chmod=755 linux-$TARGETARCH/app-with-libpq /usr/local/bin/app", more: "COPY linux-$TARGETARCH/lib/libpq.so.5 /opt/lib/" },
    found: error("missing-library", EVERY),
  },
  {
    name: "a library is copied, and ldconfig did not run",
    lines: { app: "COPY --chmod=755 linux-$TARGETARCH/app-with-libpq /usr/local/bin/app", more: "COPY linux-$TARGETARCH/lib/libpq.so.5 /usr/local/lib/" },
    found: error("library-without-cache", EVERY),
  },
  {
    name: "the library of the host",
    lines: { app: "COPY --chmod=755 linux-$TARGETARCH/app-with-libpq /usr/local/bin/app", more: "COPY linux-amd64/lib/libpq.so.5 /usr/lib/" },
    found: error("library-of-other-architecture", ARM),
  },
  {
    name: "the link of a library without its file",
    lines: { app: "COPY --chmod=755 linux-$TARGETARCH/app-with-libpq /usr/local/bin/app", more: "COPY links/lib/ /usr/lib/" },
    found: error("broken-library-link", EVERY),
  },
  {
    name: "a pointer of Git LFS in place of a library",
    lines: { app: "COPY --chmod=755 linux-$TARGETARCH/app-with-libpq /usr/local/bin/app", more: "COPY lfs/libpq.so.5 /usr/lib/" },
    found: error("library-not-loadable", EVERY),
  },
  {
    name: "a script's program misses its library",
    lines: {
      app: "COPY --chmod=755 linux-$TARGETARCH/app-with-libpq /usr/local/bin/app",
      entrypoint: 'ENTRYPOINT ["docker-entrypoint.sh"]',
      cmd: 'CMD ["app"]',
    },
    found: warning("missing-library", EVERY),
  },
  {
    name: "LD_PRELOAD names the path of amd64",
    lines: { more: "COPY linux-$TARGETARCH/lib/libmkl.so.2 /usr/lib/\nENV LD_PRELOAD=/usr/lib/x86_64-linux-gnu/libmkl.so.2" },
    found: warning("missing-preload", EVERY),
  },
  {
    name: "a program with a loader of another toolchain",
    lines: { app: "COPY --chmod=755 linux-$TARGETARCH/app-with-own-loader /usr/local/bin/app" },
    found: error("missing-interpreter", EVERY),
  },

  { name: "ENV differs by platform", lines: { from: byArchitecture("ENV APP_THREADS=8", "ENV APP_THREADS=2") }, found: warning("env-differs") },
  { name: "USER in one platform's stage only", lines: { from: byArchitecture("USER app", "USER root"), user: "" }, found: warning("user-differs") },
  { name: "WORKDIR differs by platform", lines: { from: byArchitecture("WORKDIR /srv", "WORKDIR /opt"), workdir: "" }, found: warning("workdir-differs") },
  { name: "EXPOSE in one platform's stage only", lines: { from: byArchitecture("EXPOSE 9090", "EXPOSE 9091") }, found: warning("ports-differ") },
  { name: "the base's tag moved between two platforms", lines: { from: "FROM moved" }, found: warning("base-differs") },
  { name: "packages of another day on one platform", lines: { from: "FROM skewed" }, found: warning("packages-differ"), says: /zlib1g/ },
  { name: "setuid is lost on one platform", lines: { from: "FROM without_su" }, found: warning("setuid-differs"), says: /su/ },
  { name: "a folder is open to everybody on one platform", lines: { from: "FROM open" }, found: warning("world-writable-differs") },
  {
    name: "a helper is copied for one platform only",
    lines: { from: byArchitecture("COPY --chmod=755 linux-amd64/app-static /usr/local/bin/helper", "") },
    found: warning("files-missing-on-some", ARM),
  },
  { name: "a private key is copied with the project", lines: { more: "COPY secrets/ /srv/secrets/" }, found: warning("secret-file") },
  {
    name: "one platform is forgotten",
    lines: {},
    platforms: ["linux/amd64"],
    options: { platforms: ["linux/amd64,linux/arm64"] },
    found: error("missing-platform"),
  },
  { name: "a platform that nobody asked for", lines: {}, options: { platforms: ["linux/amd64"] }, found: warning("unasked-platform", "linux/arm64") },
];
