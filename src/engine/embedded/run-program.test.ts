import { describe, expect, test } from "vitest";
import { ofKind, planOf } from "../../../test/harness/plan-of.ts";
import { digestOf } from "../../core/digest.ts";
import { isProblem } from "../../core/problem.ts";
import type { RunVertex } from "../../plan/graph.ts";
import { NO_RUN_SETTINGS, type RunSettings } from "../run-settings.ts";
import type { SandboxMount, SandboxProgram } from "../sandbox.ts";
import { checkRunSettings } from "./check-run-settings.ts";
import { mountSources, runKeyParts } from "./run-key.ts";
import { runProgram } from "./run-program.ts";

const SECRET = "s3cr3t-content";
const BASE = digestOf("base");
const OTHER = digestOf("other");
const settings: RunSettings = {
  ...NO_RUN_SETTINGS,
  secrets: new Map([["token", async () => Buffer.from(SECRET)]]),
  agents: new Map([["default", async () => "/agent"]]),
};

/** The last RUN of these lines upon a base, with another stage `tools` before it. */
async function runOf(...lines: string[]): Promise<RunVertex> {
  const runs = ofKind(await planOf(["FROM debian:12 AS tools", "FROM debian:12", ...lines]), "run");
  return runs.at(-1) as RunVertex;
}

async function programOf(vertex: RunVertex, given: RunSettings = settings): Promise<SandboxProgram> {
  return await runProgram(
    vertex,
    given,
    {
      onLayers: [BASE],
      layersOf: async (_, selector) => (selector === "/missing" ? undefined : { layers: [OTHER], path: selector.slice(1) }),
    },
    () => {},
  );
}

const text = (mount: SandboxMount): unknown => (mount.kind === "file" ? { ...mount, content: Buffer.from(mount.content).toString("utf8") } : mount);
async function mountsOf(flags: string, given?: RunSettings, ...before: string[]): Promise<unknown[]> {
  return (await programOf(await runOf(...before, `RUN ${flags} true`), given)).mounts.map(text);
}
const file = { kind: "file", content: SECRET, mode: 0o400, uid: 0, gid: 0 };
const cache = { kind: "cache", sharing: "shared", mode: 0o755, uid: 0, gid: 0, readonly: false };

// Each was seen in BuildKit 0.34.2 (buildx 0.29.1, remote driver), 2026-11-22.
describe("a mount", () => {
  const CASES: readonly (readonly [name: string, flags: string, mounts: readonly unknown[]])[] = [
    ["secret, by id", "--mount=type=secret,id=token", [{ ...file, target: "/run/secrets/token" }]],
    ["secret, by source", "--mount=type=secret,source=token,target=/a/b", [{ ...file, target: "/a/b" }]],
    ["secret, by target alone", "--mount=type=secret,target=/a/token", [{ ...file, target: "/a/token" }]],
    [
      "secret at a relative target, with an owner",
      "--mount=type=secret,id=token,target=rel,mode=04755,uid=3",
      [{ ...file, target: "/w/rel", mode: 0o755, uid: 3 }],
    ],
    ["secret with a group keeps its mode", "--mount=type=secret,id=token,gid=7", [{ ...file, target: "/run/secrets/token", gid: 7 }]],
    ["optional secret that is not given", "--mount=type=secret,id=none", []],
    ["secret as a variable", "--mount=type=secret,id=token,env=T", []],
    ["secret as a variable and a file", "--mount=type=secret,id=token,env=T,target=/t", [{ ...file, target: "/t" }]],
    [
      "agents, numbered by their place",
      "--mount=type=ssh,target=/s --mount=type=ssh",
      [
        { kind: "ssh-agent", target: "/run/buildkit/ssh_agent.1", socket: "/agent", mode: 0o600, uid: 0, gid: 0 },
        { kind: "ssh-agent", target: "/s", socket: "/agent", mode: 0o600, uid: 0, gid: 0 },
      ],
    ],
    ["optional agent that is not given", "--mount=type=ssh,id=other", []],
    ["cache", "--mount=type=cache,target=/c/", [{ ...cache, target: "/c", id: "/c" }]],
    ["cache at a relative target: the id is as written", "--mount=type=cache,target=nm", [{ ...cache, target: "/w/nm", id: "nm" }]],
    ["cache without a target", "--mount=type=cache,id=x", [{ ...cache, target: "/w", id: "x" }]],
    [
      "cache, locked and read-only",
      "--mount=type=cache,target=/c,id=x,sharing=locked,ro",
      [{ ...cache, target: "/c", id: "x", sharing: "locked", readonly: true }],
    ],
    ["tmpfs", "--mount=type=tmpfs,target=/t", [{ kind: "tmpfs", target: "/t" }]],
    ["tmpfs with a size, read-only", "--mount=type=tmpfs,target=/t,size=1.5MiB,ro", [{ kind: "tmpfs", target: "/t", bytes: 1572864, readonly: true }]],
    ["bind of the context", "--mount=target=/b", [{ kind: "files", target: "/b", layers: [OTHER], path: "", writable: false }]],
    [
      "bind of a path, writable",
      "--mount=type=bind,from=tools,source=../a//b/,target=/b,rw",
      [{ kind: "files", target: "/b", layers: [OTHER], path: "a/b", writable: true }],
    ],
    [
      "parents come first, and of two at one place the last counts",
      "--mount=type=tmpfs,target=/b/c --mount=type=cache,target=/b --mount=target=/b",
      [
        { kind: "files", target: "/b", layers: [OTHER], path: "", writable: false },
        { kind: "tmpfs", target: "/b/c" },
      ],
    ],
  ];
  test.each(CASES)("%s", async (_, flags, mounts) => expect(await mountsOf(flags, settings, "WORKDIR /w")).toEqual(mounts));

  test("cache with other files, another owner or another mode in the beginning is another cache", async () => {
    const flags = ["", ",uid=5", ",mode=0700", ",from=tools", ",from=tools,source=/a", ",from=tools,uid=5"];
    const mounts = await Promise.all(
      flags.map(async (more) => (await mountsOf(`--mount=type=cache,target=/c${more}`))[0] as Extract<SandboxMount, { kind: "cache" }>),
    );
    expect(mounts.map(({ id }) => id.split(":")[0])).toEqual(flags.map(() => "/c"));
    // An owner makes a new folder, whatever it is taken from.
    expect(new Set(mounts.map(({ id }) => id)).size).toBe(flags.length - 1);
    expect(mounts.map(({ seed }) => seed?.path)).toEqual([undefined, undefined, undefined, "", "a", undefined]);
    expect(mounts[5]).toMatchObject({ id: mounts[1]?.id, uid: 5, gid: 0, mode: 0o755 });
  });

  test("cache of a source keeps the source's owner", async () => {
    const [plain, owned] = await Promise.all(["", ",uid=5"].map((more) => mountsOf(`--mount=type=cache,target=/c,from=tools,source=/a${more}`)));
    expect(owned).toEqual(plain);
  });

  test("cache in a namespace", async () => {
    const [mount] = await mountsOf("--mount=type=cache,target=/c", { ...settings, cacheNamespace: "ci" });
    expect(mount).toMatchObject({ id: "ci///c" });
  });

  test.each([
    ["a stage", "--mount=from=tools,source=/missing,target=/b", 'the mount at "/b" takes "/missing", which does not exist where it is taken from'],
    ["nothing", "--mount=type=cache,source=/x,target=/b", 'the mount at "/b" takes "/x", which does not exist in an empty folder'],
  ])("of a path that %s does not have is a problem", async (_, flags, message) => {
    const failure = await mountsOf(flags).catch((error: unknown) => error);
    expect(isProblem(failure, "source-missing") && failure.message).toBe(message);
  });

  test("of /dev/shm gives way to --shm-size", async () => {
    const flags = "--mount=type=tmpfs,target=/dev/shm,size=3m";
    expect(await mountsOf(flags)).toHaveLength(1);
    expect(await mountsOf(flags, { ...settings, shmBytes: 1 })).toEqual([]);
  });

  test("for a script lays it where it is executed", async () => {
    const program = await programOf(await runOf("RUN <<X", "#!/bin/sh", "true", "X"));
    expect(program.mounts.map(text)).toEqual([{ kind: "file", target: "/dev/pipes/X", content: "#!/bin/sh\ntrue\n", mode: 0o755, uid: 0, gid: 0 }]);
  });
});

describe("the environment", () => {
  const proxies = ["HTTP_PROXY=p", "http_proxy=p"];
  const CASES: readonly (readonly [name: string, lines: readonly string[], environment: readonly string[]])[] = [
    ["has the stage's first, proxies behind it so that they win", ["ENV HTTP_PROXY=own", "RUN true"], ["HTTP_PROXY=own", ...proxies]],
    ["has the agent's socket", ["RUN --mount=type=ssh,target=/s true"], ["SSH_AUTH_SOCK=/s", ...proxies]],
    ["has it when the agent is not there", ["RUN --mount=type=ssh,id=other true"], ["SSH_AUTH_SOCK=/run/buildkit/ssh_agent.0", ...proxies]],
    ["leaves the stage's socket", ["ENV SSH_AUTH_SOCK=x", "RUN --mount=type=ssh true"], ["SSH_AUTH_SOCK=x", ...proxies]],
    ["has secrets last", ["ENV T=1", "RUN --mount=type=secret,id=token,env=T true"], ["T=1", ...proxies, `T=${SECRET}`]],
    ["has an empty variable for an optional secret that is not given", ["RUN --mount=type=secret,id=none,env=T true"], [...proxies, "T="]],
  ];
  test.each(CASES)("%s", async (_, lines, environment) => {
    const program = await programOf(await runOf(...lines), { ...settings, proxies });
    expect(program.environment.filter((entry) => !entry.startsWith("PATH="))).toEqual(environment);
  });

  test("takes no secret with a zero byte", async () => {
    const secrets = new Map([["token", async () => Buffer.from("a\0b")]]);
    const failure = await programOf(await runOf("RUN --mount=type=secret,id=token,env=T true"), { ...settings, secrets }).catch((error: unknown) => error);
    expect(isProblem(failure, "secret-missing") && failure.message).toBe('the secret "token" holds a zero byte, so that it cannot be the variable T');
  });
});

test.each([
  ["says nothing", "", "default", "host"],
  ["says nothing, and the command line none", "", "none", "none"],
  ["says default, and the command line none", "--network=default", "none", "none"],
  ["says none", "--network=none", "host", "none"],
  ["says host", "--network=host", "none", "host"],
] as const)("the network of a RUN that %s", async (_, flag, network, wanted) => {
  expect((await programOf(await runOf(`RUN ${flag} true`), { ...settings, network })).network).toBe(wanted);
});

test("a layer that is there twice lies where it is uppermost", async () => {
  const layersOf = async () => ({ layers: [BASE, BASE, OTHER], path: "" });
  const program = await runProgram(await runOf("RUN --mount=target=/m true"), settings, { onLayers: [OTHER, BASE, OTHER], layersOf }, () => {});
  expect(program.layers).toEqual([BASE, OTHER]);
  expect(program.mounts).toMatchObject([{ layers: [BASE, OTHER] }]);
});

test("a program has what the command line gives", async () => {
  const given = { hosts: [{ name: "h", address: "1.2.3.4" }], shmBytes: 1, ulimits: [{ name: "nofile", soft: 1, hard: 2 }] };
  const program = await programOf(await runOf("USER app:g", "WORKDIR /w", 'RUN ["a", "b"]'), { ...settings, ...given });
  expect(program).toMatchObject({ ...given, layers: [BASE], arguments: ["a", "b"], workdir: "/w", user: "app:g", platform: { architecture: "amd64" } });
});

describe("the key", () => {
  const keyOf = async (line: string, given: RunSettings = settings): Promise<string> => JSON.stringify(runKeyParts(await runOf(line), given));
  const SAME: [name: string, a: string, b: string, given?: Partial<RunSettings>][] = [
    ["another cache", "RUN --mount=type=cache,target=/c,id=a true", "RUN --mount=type=cache,target=/c,id=b,sharing=locked true"],
    ["the order of mounts", "RUN --mount=target=/a --mount=target=/b true", "RUN --mount=target=/b --mount=target=/a true"],
    ["other contents of a secret", "RUN --mount=type=secret,id=token true", "RUN --mount=type=secret,id=token true", { secrets: new Map() }],
    ["another agent", "RUN --mount=type=ssh true", "RUN --mount=type=ssh true", { agents: new Map() }],
    ["a proxy", "RUN true", "RUN true", { proxies: ["HTTP_PROXY=p"] }],
    ["what is allowed", "RUN true", "RUN true", { entitlements: new Set(["network.host"]) }],
  ];
  test.each(SAME)("is the same with %s", async (_, a, b, given = {}) => expect(await keyOf(a)).toBe(await keyOf(b, { ...settings, ...given })));

  const OTHERS: [name: string, a: string, b: string, given?: Partial<RunSettings>][] = [
    ["another command", "RUN a", "RUN b"],
    ["another target", "RUN --mount=target=/a true", "RUN --mount=target=/b true"],
    ["another selector", "RUN --mount=target=/a true", "RUN --mount=target=/a,source=x true"],
    ["a writable mount", "RUN --mount=target=/a true", "RUN --mount=target=/a,rw true"],
    ["a mount of another kind", "RUN --mount=type=cache,target=/a true", "RUN --mount=type=tmpfs,target=/a true"],
    ["another secret", "RUN --mount=type=secret,id=a,target=/s true", "RUN --mount=type=secret,id=b,target=/s true"],
    ["a secret's mode", "RUN --mount=type=secret,id=a true", "RUN --mount=type=secret,id=a,mode=0444 true"],
    ["a secret's variable", "RUN --mount=type=secret,id=a,env=A true", "RUN --mount=type=secret,id=a,env=B true"],
    ["a secret that is required", "RUN --mount=type=secret,id=a true", "RUN --mount=type=secret,id=a,required true"],
    ["a cache's owner", "RUN --mount=type=cache,target=/c true", "RUN --mount=type=cache,target=/c,uid=1 true"],
    ["another network", "RUN true", "RUN --network=none true"],
    ["another network of the command line", "RUN true", "RUN true", { network: "none" }],
    ["another host", "RUN true", "RUN true", { hosts: [{ name: "h", address: "1.2.3.4" }] }],
    ["a limit", "RUN true", "RUN true", { ulimits: [{ name: "nofile", soft: 1, hard: 1 }] }],
    ["the size of /dev/shm", "RUN true", "RUN true", { shmBytes: 1 }],
  ];
  test.each(OTHERS)("is another with %s", async (_, a, b, given = {}) => expect(await keyOf(a)).not.toBe(await keyOf(b, { ...settings, ...given })));

  test("holds a host's name, not its address", async () => {
    const at = (address: string): Promise<string> => keyOf("RUN true", { ...settings, hosts: [{ name: "h", address }] });
    expect(await at("1.2.3.4")).toBe(await at("5.6.7.8"));
  });

  test("never reads a secret", async () => {
    const read = (): never => {
      throw new Error("read");
    };
    const given = { ...settings, secrets: new Map([["token", read]]), agents: new Map([["default", read]]) };
    const vertex = await runOf("RUN --mount=type=secret,id=token,env=T,target=/t --mount=type=ssh true");
    expect(JSON.stringify(runKeyParts(vertex, given))).not.toContain(SECRET);
    expect(checkRunSettings({ vertices: [vertex], images: [], warnings: [] }, given)).toEqual([]);
  });

  test("has the sources of its mounts in the order of their targets", async () => {
    const vertex = await runOf("RUN --mount=target=/b --mount=type=cache,from=tools,target=/a,source=x --mount=type=cache,from=tools,uid=1,target=/c true");
    expect(mountSources(vertex).map(({ selector }) => selector)).toEqual(["/x", "/"]);
    expect(mountSources(vertex)[1]?.from).toBe(vertex.mounts[0]?.from);
  });
});

describe("before anything is built", () => {
  const CASES: [name: string, flags: string, problems: readonly string[], given?: Partial<RunSettings>][] = [
    ["a required secret is wanted", "--mount=type=secret,id=a,required", ['secret-missing: RUN requires the secret "a", which was not given']],
    ["a required variable is wanted", "--mount=type=secret,id=a,env=A,required", ['secret-missing: RUN requires the secret "a", which was not given']],
    ["a required secret is there", "--mount=type=secret,id=token,required", []],
    ["an optional secret is not wanted", "--mount=type=secret,id=a", []],
    [
      "a required agent is wanted",
      "--mount=type=ssh,required",
      ['secret-missing: RUN requires the SSH agent "default", which was not given'],
      { agents: new Map() },
    ],
    ["a required agent is there", "--mount=type=ssh,required=true", []],
    ["the machine's network is refused", "--network=host", ["entitlement-missing: RUN --network=host asks for the machine's network"]],
    ["the machine's network is allowed", "--network=host", [], { entitlements: new Set(["network.host"]) }],
    [
      "all rights are refused",
      "--security=insecure",
      ["feature-unsupported: RUN --security=insecure asks for all rights on the machine, and the embedded engine gives none away"],
      { entitlements: new Set(["security.insecure"]) },
    ],
    ["a device is refused", "--device=gpu,required", ['feature-unsupported: RUN asks for the device "gpu,required", and the embedded engine has none']],
    ["an optional device is not there", "--device=gpu", []],
    ["a mount at the root is refused", "--mount=type=tmpfs,target=/x/..", ["dockerfile-semantics: a mount cannot be at /"]],
    ["a mount in /proc is refused", "--mount=type=secret,id=a,target=/proc/x", ['dockerfile-semantics: a mount cannot be in /proc, as in "/proc/x"']],
    ["an agent has no source", "--mount=type=ssh,source=a", ["dockerfile-semantics: an ssh mount has no source"]],
    ["a variable has a name", "--mount=type=secret,id=a,env=", ["dockerfile-semantics: a secret mount has an env that cannot be the name of a variable"]],
  ];
  test.each(CASES)("%s", async (_, flags, problems, given = {}) => {
    const plan = { vertices: [await runOf(`RUN ${flags} true`)], images: [], warnings: [] };
    expect(checkRunSettings(plan, { ...settings, ...given }).map(({ code, message }) => `${code}: ${message}`)).toEqual(
      problems.map((problem) => problem.replace(": ", ": Dockerfile:3: ")),
    );
  });

  test("one thing is told once for all platforms", async () => {
    const plan = await planOf(["FROM debian:12", "RUN --mount=type=secret,id=a,required true"], { platforms: ["linux/amd64", "linux/arm64"] });
    expect(ofKind(plan, "run")).toHaveLength(2);
    expect(checkRunSettings(plan, settings)).toHaveLength(1);
  });

  test("what is missing is a problem also for who runs it unchecked", async () => {
    for (const flags of ["--mount=type=secret,id=a,required", "--mount=type=secret,id=a,env=A,required", "--mount=type=ssh,id=a,required"]) {
      const failure = await mountsOf(flags).catch((error: unknown) => error);
      expect(isProblem(failure, "secret-missing"), flags).toBe(true);
    }
  });
});
