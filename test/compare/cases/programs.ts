import { type Case, lines } from "../case.ts";

/** Written with the time, or in an order, of the moment: what dpkg and apt note of what they did, the lists of packages, the linker's cache (holds times of folders). */
const APT_TRACES = [
  /^\/var\/log\/(apt\/.*|dpkg\.log|alternatives\.log)$/,
  /^\/var\/lib\/apt\/lists\/.+/,
  /^\/var\/cache\/(apt\/.+|debconf\/.+)$/,
  /^\/var\/lib\/dpkg\/status(-old)?$/,
  /^\/etc\/ld\.so\.cache$/,
  /^\/var\/cache\/ldconfig\/aux-cache$/,
];
/** Compiled Python holds the source's time, which is that of the build. */
const COMPILED_PYTHON = /\/__pycache__(\/.*)?$/;

/** Real programs, for two platforms each. They reach package mirrors and registries, so they are no part of the quick table. */
export const PROGRAMS: readonly Case[] = [
  {
    name: "programs: apt-get install",
    dockerfile: lines(
      "FROM {system}",
      "RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends cron openssh-client ca-certificates && rm -rf /var/lib/apt/lists/*",
      "RUN stat -c '%n %a %U %G' /usr/bin/ssh-agent /var/spool/cron/crontabs /usr/bin/crontab > /said",
    ),
    leaveOut: APT_TRACES,
  },
  {
    name: "programs: Go cross-compiled",
    dockerfile: lines(
      "FROM --platform=$BUILDPLATFORM {go} AS go",
      "FROM --platform=$BUILDPLATFORM {system} AS build",
      "ARG TARGETARCH",
      "WORKDIR /src",
      "COPY go.mod main.go ./",
      "RUN --mount=type=bind,from=go,source=/usr/local/go,target=/usr/local/go --mount=type=cache,id={unique},target=/root/.cache/go-build \\",
      '  CGO_ENABLED=0 GOARCH=$TARGETARCH GOTOOLCHAIN=local /usr/local/go/bin/go build -trimpath -ldflags="-s -w -buildid=" -o /out/app .',
      "FROM {run}",
      "COPY --from=build /out/app /usr/bin/app",
      "RUN app > /said",
    ),
    files: {
      "go.mod": "module example.test/app\n\ngo 1.18\n",
      "main.go": 'package main\n\nimport "runtime"\n\nfunc main() { println("hello"); if runtime.GOARCH == "" { panic(1) } }\n',
    },
  },
  {
    name: "programs: npm install with a native module",
    dockerfile: lines(
      "FROM {programs}",
      "WORKDIR /app",
      "COPY package.json .",
      "RUN --mount=type=bind,from=npm,target=/usr/lib/node_modules/npm node /usr/lib/node_modules/npm/bin/npm-cli.js install --no-audit --no-fund --cache /tmp/npm && rm -rf /tmp/npm",
      "RUN node -e \"const w = require('@parcel/watcher'); require('fs').writeFileSync('/said', process.arch + ' ' + typeof w.subscribe)\"",
    ),
    files: { "package.json": '{"name":"app","version":"1.0.0","dependencies":{"@parcel/watcher":"2.5.0"}}\n' },
    contexts: { npm: "{npm}" },
    // Compiled or cached by the moment.
    leaveOut: [/^\/tmp\/node-compile-cache/],
  },
  {
    name: "programs: a Python environment with a wheel",
    dockerfile: lines(
      "FROM {programs}",
      "RUN python3 -m venv /venv && /venv/bin/pip install --no-cache-dir --disable-pip-version-check markupsafe==2.1.5",
      "RUN /venv/bin/python -c \"import markupsafe._speedups as s, platform; open('/said', 'w').write(platform.machine() + ' ' + str(s.escape('<')))\"",
    ),
    leaveOut: [COMPILED_PYTHON],
  },
];
