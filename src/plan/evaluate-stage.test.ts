import { describe, expect, test } from "vitest";
import { imageOf, ofKind, planOf } from "../../test/harness/plan-of.ts";
import type { RunConfig } from "../image/config.ts";

const BASE: RunConfig = {
  User: "app",
  WorkingDir: "/srv",
  Env: ["PATH=/bin", "LANG=C"],
  Entrypoint: ["/entry"],
  Cmd: ["run"],
  Labels: { from: "base", kept: "yes" },
  ExposedPorts: { "80/tcp": {} },
  Volumes: { "/data": {} },
  StopSignal: "SIGINT",
  Shell: ["/bin/bash", "-c"],
  Healthcheck: { Test: ["CMD", "true"], Retries: 2 },
};
const images = { "docker.io/library/base:latest": { config: BASE, author: "somebody" } };

/** Config of `FROM scratch` and these lines, without PATH and WorkingDir that scratch gives. */
async function configOf(...lines: string[]): Promise<RunConfig | undefined> {
  const { config } = await imageOf(["FROM scratch", ...lines]);
  const { Env, WorkingDir, ...rest } = config.config ?? {};
  const own = Env?.filter((assignment) => !assignment.startsWith("PATH="));
  return { ...rest, ...(own?.length ? { Env: own } : {}), ...(WorkingDir === "/" ? {} : { WorkingDir }) };
}

describe("what an instruction does to the config", () => {
  const CASES: readonly (readonly [name: string, lines: readonly string[], config: RunConfig])[] = [
    ["nothing", [], {}],
    ["ENV keeps order and place", ["ENV A=1 B=2", "ENV A=3 C=4"], { Env: ["A=3", "B=2", "C=4"] }],
    ["LABEL sorts and replaces", ["LABEL b=1 a=2", "LABEL b=3"], { Labels: { a: "2", b: "3" } }],
    ["LABEL keys are expanded", ["ARG K=key", "LABEL my-$K=$K"], { Labels: { "my-key": "key" } }],
    ["USER", ["ARG U=9", "USER $U:g"], { User: "9:g" }],
    ["WORKDIR absolute", ["WORKDIR /a/b"], { WorkingDir: "/a/b" }],
    ["WORKDIR relative to root", ["WORKDIR a"], { WorkingDir: "/a" }],
    ["WORKDIR relative to the last", ["WORKDIR /a", "WORKDIR b/../c"], { WorkingDir: "/a/c" }],
    ["WORKDIR keeps an absolute path as written", ["WORKDIR /a//b/"], { WorkingDir: "/a//b/" }],
    [
      "EXPOSE",
      ["EXPOSE 443/TCP 80", "EXPOSE 53/udp 8000-8002"],
      { ExposedPorts: { "443/tcp": {}, "53/udp": {}, "80/tcp": {}, "8000/tcp": {}, "8001/tcp": {}, "8002/tcp": {} } },
    ],
    ["EXPOSE of several words in a variable", ['ARG P="80 81"', "EXPOSE $P"], { ExposedPorts: { "80/tcp": {}, "81/tcp": {} } }],
    ["VOLUME", ["VOLUME /b /a", 'VOLUME ["/c d"]'], { Volumes: { "/a": {}, "/b": {}, "/c d": {} } }],
    ["STOPSIGNAL as written", ["STOPSIGNAL sigterm"], { StopSignal: "sigterm" }],
    ["CMD in shell form", ["CMD echo  hi $A"], { Cmd: ["/bin/sh", "-c", "echo  hi $A"], ArgsEscaped: true }],
    ["CMD in exec form", ['CMD ["a", "b"]'], { Cmd: ["a", "b"], ArgsEscaped: true }],
    ["CMD empty", ["CMD []"], { ArgsEscaped: true }],
    ["CMD twice", ["CMD a", 'CMD ["b"]'], { Cmd: ["b"], ArgsEscaped: true }],
    ["SHELL", ['SHELL ["/bin/bash", "-c"]', "CMD x"], { Shell: ["/bin/bash", "-c"], Cmd: ["/bin/bash", "-c", "x"], ArgsEscaped: true }],
    ["SHELL is for later lines", ["CMD x", 'SHELL ["/bin/bash", "-c"]'], { Shell: ["/bin/bash", "-c"], Cmd: ["/bin/sh", "-c", "x"], ArgsEscaped: true }],
    ["ENTRYPOINT leaves a CMD of the stage", ["CMD a", 'ENTRYPOINT ["e"]'], { Entrypoint: ["e"], Cmd: ["/bin/sh", "-c", "a"], ArgsEscaped: true }],
    [
      "HEALTHCHECK",
      ["HEALTHCHECK --interval=1m30s --timeout=500ms --retries=3 CMD curl x"],
      { Healthcheck: { Test: ["CMD-SHELL", "curl x"], Interval: 90_000_000_000, Timeout: 500_000_000, Retries: 3 } },
    ],
    ["HEALTHCHECK in exec form", ['HEALTHCHECK CMD ["a", "b"]'], { Healthcheck: { Test: ["CMD", "a", "b"] } }],
    ["HEALTHCHECK NONE", ["HEALTHCHECK NONE"], { Healthcheck: { Test: ["NONE"] } }],
    ["ONBUILD is kept for others", ["ONBUILD COPY . /app", "ONBUILD RUN make $A"], { OnBuild: ["COPY . /app", "RUN make $A"] }],
  ];
  test.each(CASES)("%s", async (_, lines, config) => {
    expect(await configOf(...lines)).toEqual(config);
  });

  test("MAINTAINER is the author, as written", async () => {
    expect((await imageOf(["FROM scratch", "MAINTAINER me $A <me@x>"])).config.author).toBe("me $A <me@x>");
  });

  test("scratch has PATH and /; Windows has no PATH", async () => {
    expect((await imageOf(["FROM scratch"])).config).toEqual({
      architecture: "amd64",
      os: "linux",
      config: { Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"], WorkingDir: "/" },
    });
    expect((await imageOf(["FROM scratch", "WORKDIR C:\\app"], { platforms: ["windows/amd64"] })).config).toEqual({
      architecture: "amd64",
      os: "windows",
      config: { WorkingDir: "\\app" },
    });
  });

  test("--label goes over LABEL", async () => {
    const { config } = await imageOf(["FROM scratch", "LABEL a=1 b=2"], { labels: { b: "3", c: "4" } });
    expect(config.config?.Labels).toEqual({ a: "1", b: "3", c: "4" });
  });
});

describe("what a base hands on", () => {
  test("everything that nobody changes, and no more than BuildKit knows of", async () => {
    const odd = { ...BASE, Hostname: "builder" };
    const { config, baseHistory } = await imageOf(["FROM base"], { images: { "docker.io/library/base:latest": { config: odd, author: "somebody" } } });
    expect(config).toEqual({ architecture: "amd64", os: "linux", author: "somebody", config: BASE });
    expect(baseHistory).toEqual([{ created: "2020-01-01T00:00:00Z", created_by: "the base" }]);
  });

  test("ENTRYPOINT takes away the base's CMD", async () => {
    const { config } = await imageOf(["FROM base", 'ENTRYPOINT ["mine"]'], { images });
    expect(config.config).toMatchObject({ Entrypoint: ["mine"] });
    expect(config.config?.Cmd).toBeUndefined();
  });

  test("ENTRYPOINT takes away the CMD of the stage below", async () => {
    const { config } = await imageOf(["FROM scratch AS one", "CMD a", "FROM one", 'ENTRYPOINT ["mine"]']);
    expect(config.config?.Cmd).toBeUndefined();
  });

  test("its working folder, labels, shell and health check are gone on from", async () => {
    const { config } = await imageOf(["FROM base", "WORKDIR x", "LABEL from=here", "CMD y", "EXPOSE 81"], { images });
    expect(config.config).toMatchObject({
      WorkingDir: "/srv/x",
      Labels: { from: "here", kept: "yes" },
      Cmd: ["/bin/bash", "-c", "y"],
      ExposedPorts: { "80/tcp": {}, "81/tcp": {} },
      Healthcheck: { Test: ["CMD", "true"], Retries: 2 },
      Entrypoint: ["/entry"],
    });
  });

  test("PATH is added behind where the base has none", async () => {
    const { config } = await imageOf(["FROM base"], { images: { "docker.io/library/base:latest": { config: { Env: ["A=1"] } } } });
    expect(config.config?.Env).toEqual(["A=1", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]);
  });

  test("the platform is the one asked for, whatever the base says of a variant", async () => {
    const about = { platforms: ["linux/arm/v7"], images: { "docker.io/library/base:latest": { platforms: ["linux/arm/v6"] } } };
    expect((await imageOf(["FROM base"], about)).config).toMatchObject({ architecture: "arm", variant: "v7" });
  });

  test("what the base is, where nobody asked for a platform", async () => {
    const plan = await planOf(["FROM base", "COPY . ."], { platforms: [], images: { "docker.io/library/base:latest": { only: "linux/arm64" } } });
    expect(plan.images[0]).toMatchObject({ platform: { os: "linux", architecture: "arm64" }, config: { architecture: "arm64" } });
    expect(plan.warnings).toEqual([expect.stringContaining("is for linux/arm64 only")]);
  });
});

describe("history", () => {
  test("of every instruction, in BuildKit's words", async () => {
    const lines = [
      "FROM scratch",
      "ARG A=1 B",
      "ENV C=$A D=x",
      "WORKDIR /w",
      "WORKDIR /",
      "COPY --chown=1:2 --chmod=644 a b /x/",
      "COPY <<one <<two /y/",
      "1",
      "one",
      "2",
      "two",
      "ADD --checksum=sha256:0123456789012345678901234567890123456789012345678901234567890123 https://h.example/f $C",
      'RUN echo "$A"',
      'RUN ["a", "b"]',
      "EXPOSE 90 80-81/udp",
      "VOLUME /b /a",
      "USER $D",
      "LABEL l=$A",
      "STOPSIGNAL 9",
      'SHELL ["sh", "-e"]',
      "CMD run it",
      'ENTRYPOINT ["e", "\\"q"]',
      "HEALTHCHECK --retries=2 CMD ok",
      "ONBUILD RUN x",
      "MAINTAINER me",
    ];
    const { history, files } = await imageOf(lines);
    expect(history.map(({ created_by, empty_layer }) => `${empty_layer ? "-" : "+"} ${created_by}`)).toEqual([
      "- ARG A=1 B",
      "- ENV C=1 D=x",
      "+ WORKDIR /w",
      "- WORKDIR /",
      "+ COPY --chown=1:2 --chmod=644 a b /x/ # buildkit",
      "+ COPY <<one <<two /y/ # buildkit",
      "+ ADD https://h.example/f 1 # buildkit",
      '+ RUN |2 A=1 B= /bin/sh -c echo "$A" # buildkit',
      "+ RUN |2 A=1 B= a b # buildkit",
      "- EXPOSE [80/udp 81/udp 90/tcp]",
      "- VOLUME [/b /a]",
      "- USER x",
      "- LABEL l=1",
      "- STOPSIGNAL 9",
      "- SHELL [sh -e]",
      '- CMD ["sh" "-e" "run it"]',
      '- ENTRYPOINT ["e" "\\"q"]',
      "- HEALTHCHECK {Test:[CMD-SHELL ok] Interval:0s Timeout:0s StartPeriod:0s StartInterval:0s Retries:2}",
      "- MAINTAINER me",
    ]);
    expect(new Set(history.map(({ comment }) => comment))).toEqual(new Set(["buildkit.dockerfile.v0"]));
    expect(history.flatMap(({ layer }) => layer ?? [])).toEqual(files.layers);
  });

  test("of a stage that is built upon comes first", async () => {
    const { history } = await imageOf(["FROM scratch AS one", "ENV A=1", "FROM one", "ENV B=2"]);
    expect(history.map(({ created_by }) => created_by)).toEqual(["ENV A=1", "ENV B=2"]);
  });

  test("an ARG given twice is told once to RUN, with its last value", async () => {
    const { history } = await imageOf(["FROM scratch AS one", "ARG A=1", "ARG B=2", "FROM one", "ARG A=3", "RUN x"]);
    expect(history.at(-1)?.created_by).toBe("RUN |2 A=3 B=2 /bin/sh -c x # buildkit");
  });
});

describe("WORKDIR makes a folder", () => {
  test("for the user in force", async () => {
    const lines = ["FROM scratch", "WORKDIR /a", "USER app:staff", "WORKDIR b", "USER 5", "WORKDIR /c//d/"];
    expect(ofKind(await planOf(lines), "workdir").map(({ path, owner }) => [path, owner])).toEqual([
      ["/a", undefined],
      ["/a/b", { user: "app", group: "staff" }],
      ["/c/d", { user: "5" }],
    ]);
  });

  test("but not at the root", async () => {
    expect(ofKind(await planOf(["FROM scratch", "WORKDIR /"]), "workdir")).toEqual([]);
  });
});

describe("RUN", () => {
  test("has all that a program needs", async () => {
    const lines = [
      "FROM debian:12 AS tools",
      "FROM debian:12",
      "ARG A=1",
      "ENV B=2",
      "USER app",
      "WORKDIR /w",
      "RUN --network=none --mount=type=cache,target=/c,id=$A --mount=from=tools,target=/t make all",
    ];
    const [run] = ofKind(await planOf(lines, { args: { http_proxy: "http://p" } }), "run");
    expect(run).toMatchObject({
      arguments: ["/bin/sh", "-c", "make all"],
      environment: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "A=1", "B=2"],
      workdir: "/w",
      user: "app",
      network: "none",
      platform: { os: "linux", architecture: "amd64" },
      mounts: [
        { type: "cache", options: { target: "/c", id: "1" } },
        { type: "bind", options: { from: "tools", target: "/t" } },
      ],
    });
    expect(run?.mounts[0]?.from).toBeUndefined();
    expect(run?.mounts[1]?.from).toBe(run?.on.base);
  });

  test.each([
    ["a script for the shell", ["RUN <<EOF", "a", "b", "EOF"], { arguments: ["/bin/sh", "-c", "a\nb\n"] }],
    [
      "a script of its own",
      ["RUN <<X", "#!/bin/py", "b", "X"],
      { arguments: ["/bin/sh", "-c", "/dev/pipes/X"], script: { path: "/dev/pipes/X", content: "#!/bin/py\nb\n" } },
    ],
    ["a part of a command", ["RUN cat <<X > f", "b", "X"], { arguments: ["/bin/sh", "-c", "cat <<X > f\nb\nX"] }],
  ])("a here-document is %s", async (_, lines, wanted) => {
    const [run] = ofKind(await planOf(["FROM scratch", ...lines]), "run");
    expect(run).toMatchObject(wanted);
  });
});
