import { describe, expect, test } from "vitest";
import { type FakeAnswer, fakeDocker } from "../../test/harness/fake-docker.ts";
import { HAPPY, hostWorld, infoText, inspectText, toldPrograms } from "../../test/harness/host-world.ts";
import { hostFiles } from "../adapters/node/host/files.ts";
import { hostPrograms } from "../adapters/node/host/programs.ts";
import type { HostFacts, Known } from "./facts.ts";
import { type HostPorts, readHostFacts } from "./read-facts.ts";

/** A world in which all is well but for these answers. Its files can be added to. */
interface Told {
  readonly answers: readonly FakeAnswer[];
  readonly texts: Record<string, string>;
}

const docker = (...answers: readonly FakeAnswer[]): Told => ({ answers: [...answers, ...HAPPY], texts: {} });

/** A file in Buildx's folder of that world. */
function builderFile(told: Told, name: string, content: object | string): void {
  told.texts[`/home/me/.docker/buildx/${name}`] = typeof content === "string" ? content : JSON.stringify(content);
}

const remote = (name: string, endpoint: string, platforms: readonly object[] = []): object => ({
  Name: name,
  Driver: "remote",
  Nodes: [{ Name: `${name}0`, Endpoint: endpoint, Platforms: platforms, DriverOpts: { servername: "box" }, Flags: null, Files: null }],
});

const read = ({ answers, texts }: Told, more: Partial<HostPorts> = {}): Promise<HostFacts> => readHostFacts(hostWorld(answers, texts, more));

function value<T>(fact: Known<T>): T {
  if (!fact.known) throw new Error(`not known: ${fact.why}`);
  return fact.value;
}

describe("a machine on which all is well", () => {
  test("Docker, Buildx, the daemon and its store, with what told each", async () => {
    const facts = await read(docker());
    expect(facts.cli).toEqual({ known: true, value: { version: "28.5.2" }, source: "docker --version" });
    expect(facts.buildx).toEqual({ known: true, value: { version: "0.29.1" }, source: "docker buildx version" });
    expect(value(facts.endpoint)).toEqual({ context: "default", address: "unix:///var/run/docker.sock", chosenBy: "default" });
    expect(value(facts.contexts).map(({ name, current }) => [name, current])).toEqual([
      ["default", true],
      ["far", false],
    ]);
    expect(value(facts.daemon)).toMatchObject({
      version: "28.5.2",
      os: "linux",
      architecture: "amd64",
      store: "classic",
      storageDriver: "overlay2",
      rootless: false,
      product: undefined,
      mirrors: ["https://mirror.example/"],
      insecureRegistries: ["127.0.0.0/8", "reg:5000"],
      containersRunning: 2,
      images: 7,
      liveRestore: false,
    });
    expect(value(facts.selected)).toEqual({ builder: "default", chosenBy: "context" });
  });

  test("each context has a builder; one whose daemon is down holds up no other", async () => {
    const builders = value((await read(docker())).builders);
    expect(builders.map(({ name, driver }) => [name, driver])).toEqual([
      ["default", "docker"],
      ["far", "docker"],
    ]);
    expect(builders[0]).toMatchObject({
      problem: undefined,
      nodes: [{ status: "running", buildkit: "0.34.2", native: ["linux/amd64", "linux/amd64/v2"], containerdStore: false }],
    });
    expect(builders[1]).toMatchObject({ problem: "no Docker daemon answers at http://docker.example.com", nodes: [{ status: "unreachable", platforms: [] }] });
  });

  test("the containerd store, by the daemon's and the worker's word", async () => {
    const labels = "Labels:\n org.mobyproject.buildkit.worker.snapshotter: overlayfs\n";
    const facts = await read(
      docker(
        { when: /^info/, stdout: infoText({ Driver: "overlayfs", DriverStatus: [["driver-type", "io.containerd.snapshotter.v1"]] }) },
        { when: "buildx inspect default", stdout: inspectText("default", "docker", "default", "running", "linux/amd64") + labels },
      ),
    );
    expect(value(facts.daemon)).toMatchObject({ store: "containerd", storageDriver: "overlayfs" });
    expect(value(facts.builders)[0]?.nodes[0]?.containerdStore).toBe(true);
  });

  test("a Buildx that shows no labels leaves the worker's store open", async () => {
    const facts = await read(docker({ when: "buildx version", stdout: "github.com/docker/buildx v0.10.4 c513d34\n" }));
    expect(value(facts.buildx).version).toBe("0.10.4");
    expect(value(facts.builders)[0]?.nodes[0]?.containerdStore).toBeUndefined();
  });
});

describe("builders that were made", () => {
  const fake = (): Told => {
    const one = docker(
      { when: "buildx inspect arm", stdout: inspectText("arm", "remote", "tcp://arm:1234", "running", "linux/arm64*, linux/amd64") },
      { when: "buildx inspect gone", stdout: inspectText("gone", "remote", "tcp://gone:1234", "inactive", "linux/riscv64*") },
      {
        when: "buildx inspect here",
        stdout: inspectText("here", "docker-container", "unix:///var/run/docker.sock", "running", "linux/riscv64*, linux/amd64, linux/arm64"),
      },
    );
    builderFile(one, "instances/arm", remote("arm", "tcp://arm:1234", [{ os: "linux", architecture: "arm64" }]));
    builderFile(one, "instances/gone", remote("gone", "tcp://gone:1234", [{ os: "linux", architecture: "riscv64" }]));
    builderFile(one, "instances/here", {
      ...remote("here", "unix:///var/run/docker.sock", [{ os: "linux", architecture: "riscv64" }]),
      Driver: "docker-container",
    });
    builderFile(one, "instances/torn", "{");
    return one;
  };

  test("are known by their file and by what they say now", async () => {
    const [arm, gone, here, torn, ...ofContexts] = value((await read(fake())).builders);
    expect(ofContexts.map(({ name }) => name)).toEqual(["default", "far"]);
    expect(arm).toMatchObject({
      driver: "remote",
      nodes: [{ name: "arm0", status: "running", declared: ["linux/arm64"], native: ["linux/arm64"], platforms: ["linux/arm64", "linux/amd64"] }],
    });
    expect(arm?.nodes[0]?.driverOptions).toEqual(new Map([["servername", "box"]]));
    expect(gone).toMatchObject({ nodes: [{ status: "unreachable", platforms: [], native: ["linux/riscv64"], problem: "nothing answers at tcp://gone:1234" }] });
    expect(here?.nodes[0]?.native, "the daemon told its machine").toEqual(["linux/riscv64", "linux/amd64"]);
    expect(torn).toEqual({
      name: "torn",
      driver: "unknown",
      nodes: [],
      problem: '"/home/me/.docker/buildx/instances/torn" is not what Buildx writes: it is no description of a builder',
    });
  });

  test("one that never answers is known by its file", async () => {
    const one = docker({ when: "buildx inspect hung", hang: true });
    builderFile(one, "instances/hung", remote("hung", "tcp://hung:1234", [{ os: "linux", architecture: "arm64", variant: "v8" }]));
    const facts = await read(one);
    expect(value(facts.builders)[0]).toMatchObject({
      name: "hung",
      problem: "`docker buildx inspect hung` gave no answer within 4 s",
      nodes: [{ status: "unreachable", declared: ["linux/arm64"], native: ["linux/arm64"] }],
    });
    expect(value(facts.builders)[1]).toMatchObject({ name: "default", problem: undefined });
  });

  const SOCKET = "unix:///var/run/docker.sock";
  // The name of a file in `defaults`: the first 20 digits of the key's sha256.
  const DEFAULTS = "defaults/13c4025c96f36e94b348";
  const selections: Readonly<
    Record<string, readonly [files: Readonly<Record<string, object | string>>, env: Readonly<Record<string, string>>, selected: object]>
  > = {
    "none: the context's own": [{}, {}, { builder: "default", chosenBy: "context" }],
    "chosen for this endpoint": [{ current: { Key: SOCKET, Name: "arm" } }, {}, { builder: "arm", chosenBy: "selection" }],
    "chosen for another endpoint": [{ current: { Key: "far", Name: "arm" } }, {}, { builder: "default", chosenBy: "context" }],
    "chosen for another endpoint, and everywhere": [{ current: { Key: "far", Name: "arm", Global: true } }, {}, { builder: "arm", chosenBy: "selection" }],
    "chosen for a context, which is in use": [{ current: { Key: "far", Name: "arm" } }, { DOCKER_CONTEXT: "far" }, { builder: "arm", chosenBy: "selection" }],
    "chosen, and removed since": [{ current: { Key: SOCKET, Name: "removed" } }, {}, { builder: "default", chosenBy: "context" }],
    "a default of this endpoint": [{ [DEFAULTS]: "gone", current: { Key: "far", Name: "arm" } }, {}, { builder: "gone", chosenBy: "selection" }],
    "BUILDX_BUILDER comes first": [{ current: { Key: SOCKET, Name: "arm" } }, { BUILDX_BUILDER: "gone" }, { builder: "gone", chosenBy: "BUILDX_BUILDER" }],
    "BUILDX_BUILDER in other letters": [{}, { BUILDX_BUILDER: "Arm" }, { builder: "arm", chosenBy: "BUILDX_BUILDER" }],
    "a context that DOCKER_CONTEXT names": [{}, { DOCKER_CONTEXT: "far" }, { builder: "far", chosenBy: "context" }],
    "DOCKER_HOST means the default context": [{}, { DOCKER_HOST: SOCKET, DOCKER_CONTEXT: "far" }, { builder: "default", chosenBy: "context" }],
    "a torn file of the selection": [{ current: "{" }, {}, { builder: "default", chosenBy: "context" }],
  };

  test.each(Object.entries(selections))("selected: %s", async (_name, [files, env, selected]) => {
    const one = fake();
    for (const [name, content] of Object.entries(files)) builderFile(one, name, content);
    expect(value((await read(one, { env })).selected)).toEqual(selected);
  });
});

describe("bad worlds", () => {
  test("no docker: it is absent, and what needs it is unasked", async () => {
    const facts = await readHostFacts(hostWorld([]));
    expect(facts.cli).toMatchObject({ known: false, state: "absent", why: 'there is no program "docker" on PATH' });
    for (const part of ["buildx", "contexts", "endpoint", "daemon", "builders", "selected"] as const) {
      expect(facts[part], part).toMatchObject({ known: false, state: "unasked", why: 'there is no program "docker" on PATH' });
    }
    expect(facts.kernel.known).toBe(true);
  });

  test.each([
    ["28.5.2", "docker: unknown command: docker buildx\n\nRun 'docker --help' for more information\n"],
    ["24.0", "docker: 'buildx' is not a docker command.\nSee 'docker --help'\n"],
  ])("no Buildx, as Docker %s says it", async (_version, stderr) => {
    const facts = await read(docker({ when: /^buildx/, stderr, status: 1 }));
    expect(facts.buildx).toMatchObject({ known: false, state: "absent", why: "the Docker CLI has no Buildx" });
    expect(facts.builders).toMatchObject({ known: false, state: "unasked", why: "the Docker CLI has no Buildx" });
    expect(facts.selected).toMatchObject({ known: false, state: "unasked" });
    expect(facts.daemon.known).toBe(true);
  });

  const down: readonly (readonly [name: string, stderr: string, state: string, help: string])[] = [
    ["down", "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?", "absent", "systemctl start docker"],
    [
      "not for you",
      'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get "http://x/v1.51/info": dial unix /var/run/docker.sock: connect: permission denied',
      "refused",
      "join the group docker",
    ],
    ["of unknown words", "out of cheese", "broken", "`docker info`"],
  ];
  test.each(down)("a daemon that is %s", async (_name, stderr, state, help) => {
    const facts = await read(
      docker(
        { when: /^info/, stdout: '{"ID":"","ServerVersion":""}\n', stderr, status: 1 },
        { when: "buildx inspect default", stdout: `Name:   default\nDriver: \nError:  ${stderr}\n` },
      ),
    );
    expect(facts.daemon).toMatchObject({ known: false, state, source: "docker info" });
    expect((facts.daemon as { help: string }).help).toContain(help);
    expect(value(facts.cli).version).toBe("28.5.2");
    expect(value(facts.builders)[0]).toMatchObject({ name: "default", driver: "docker", nodes: [{ status: "unreachable" }] });
  });

  test("a daemon that is down, as old releases say it: in a JSON, and the status is 0", async () => {
    const facts = await read(
      docker({ when: /^info/, stdout: '{"ID":"","ServerErrors":["Cannot connect to the Docker daemon at tcp://h:1. Is the docker daemon running?"]}\n' }),
    );
    expect(facts.daemon).toMatchObject({ known: false, state: "absent", why: "no Docker daemon answers at tcp://h:1" });
  });

  test("a daemon that hangs is silent; what needs none is known", async () => {
    const facts = await read(docker({ when: /^(?:info|buildx inspect)/, hang: true }));
    expect(facts.daemon).toMatchObject({ known: false, state: "silent", why: "`docker info` gave no answer within 4 s" });
    expect(value(facts.cli).version).toBe("28.5.2");
    expect(value(facts.buildx).version).toBe("0.29.1");
    expect(value(facts.builders).map(({ nodes }) => nodes[0]?.status)).toEqual(["unreachable", "unreachable"]);
  });

  test("a real program that hangs at everything is asked each thing once", async () => {
    const one = fakeDocker([{ hang: true }]);
    try {
      const facts = await readHostFacts(hostWorld([], {}, { env: one.env, programs: hostPrograms(one.env), files: hostFiles() }), { timeoutMs: 500 });
      for (const part of ["cli", "buildx", "contexts", "daemon"] as const) expect(facts[part], part).toMatchObject({ known: false, state: "silent" });
      const calls = one.calls().map((call) => call.join(" "));
      expect(new Set(calls).size).toBe(calls.length);
    } finally {
      one.remove();
    }
  });

  const missingContext = `${JSON.stringify({ Name: "default", DockerEndpoint: "unix:///var/run/docker.sock", Current: false, Error: "" })}\n${JSON.stringify({ Name: "nowhere", DockerEndpoint: "", Current: true, Error: 'context "nowhere": context not found: open /x…' })}\n`;
  const initFails: FakeAnswer = {
    when: /^info/,
    stderr: 'Failed to initialize: unable to resolve docker endpoint: context "nowhere": context not found: open /x/meta.json: no such file\n',
    status: 1,
  };

  test("a context that DOCKER_CONTEXT names and that is not there", async () => {
    const facts = await read(docker(initFails, { when: /^context ls/, stdout: missingContext }), { env: { DOCKER_CONTEXT: "nowhere" } });
    expect(facts.endpoint).toMatchObject({ known: false, state: "absent", why: 'there is no Docker context "nowhere", which DOCKER_CONTEXT names' });
    expect((facts.endpoint as { help: string }).help).toContain("unset DOCKER_CONTEXT");
    expect(facts.daemon).toMatchObject({ known: false, state: "unasked" });
    expect(facts.selected).toMatchObject({ known: false, state: "unasked" });
    expect(value(facts.contexts).map(({ name }) => name)).toEqual(["default"]);
  });

  test("a context that config.json names and that is not there, as releases up to 20.10 say it", async () => {
    const stderr = 'Current context "nowhere" is not found on the file system, please check your config file at /x/config.json\n';
    const one = docker(initFails, { when: /^context ls/, stderr, status: 1 });
    one.texts["/home/me/.docker/config.json"] = '{"currentContext":"nowhere"}';
    expect((await read(one)).endpoint).toMatchObject({ known: false, state: "absent", why: 'there is no Docker context "nowhere"' });
  });

  test("a context whose host has no address", async () => {
    const stderr = 'error during connect: Get "http://far.invalid:2375/v1.51/info": dial tcp: lookup far.invalid on 10.0.0.53:53: no such host';
    const facts = await read(docker({ when: /^info/, stderr, status: 1 }), { env: { DOCKER_CONTEXT: "far" } });
    expect(value(facts.endpoint)).toEqual({ context: "far", address: "ssh://me@far", chosenBy: "DOCKER_CONTEXT" });
    expect(facts.daemon).toMatchObject({ known: false, state: "absent", why: 'the host "far.invalid" of the Docker context or DOCKER_HOST has no address' });
  });

  test("nonsense for every answer is broken", async () => {
    const facts = await read(docker({ stdout: "\u0000[1,2" }));
    for (const part of ["cli", "buildx", "contexts", "daemon"] as const) expect(facts[part], part).toMatchObject({ known: false, state: "broken" });
    expect(facts.endpoint).toMatchObject({ known: false, state: "unasked" });
    expect(value(facts.builders)).toEqual([]);
  });

  test("a context whose name is a flag is not given to Buildx", async () => {
    const calls: (readonly string[])[] = [];
    await readHostFacts(hostWorld([], {}, { programs: toldPrograms(HAPPY, calls), env: { DOCKER_CONTEXT: "--bootstrap" } }));
    expect(calls.flat()).not.toContain("--bootstrap");
    expect(calls).toContainEqual(["buildx", "inspect", "far"]);
  });

  test("Podman under the name of docker", async () => {
    const facts = await read(docker({ when: "--version", stdout: "podman version 4.3.1\n" }));
    expect(facts.cli).toMatchObject({ known: false, state: "broken", why: 'the program "docker" is Podman\'s, which has no Buildx' });
  });

  test("a password in DOCKER_HOST is not shown", async () => {
    const facts = await read(docker({ when: /^context ls/, hang: true }, { when: /^info/, stderr: "cannot use tcp://me:hunter2@box:2375", status: 1 }), {
      env: { DOCKER_HOST: "tcp://me:hunter2@box:2375" },
    });
    expect(JSON.stringify(facts)).not.toContain("hunter2");
    expect(value(facts.endpoint).address).toBe("tcp://me:…@box:2375");
  });
});

test("registries are asked once each, and what they say is told", async () => {
  const asked: string[] = [];
  const ping: HostPorts["ping"] = async (registry) => {
    asked.push(registry);
    if (registry === "ghcr.io") return { kind: "answers", scheme: "https", wantsLogin: true };
    return registry === "slow" ? { kind: "silent" } : { kind: "failed", why: "the connection was refused (ECONNREFUSED)" };
  };
  const facts = await readHostFacts(hostWorld(HAPPY, {}, { ping }), { registries: ["ghcr.io", "slow", "dead", "ghcr.io"] });
  expect(asked).toEqual(["ghcr.io", "slow", "dead"]);
  expect(facts.registries.map(({ reachable }) => (reachable.known ? reachable.value : [reachable.state, reachable.why]))).toEqual([
    { scheme: "https", wantsLogin: true },
    ["silent", "registry slow gave no answer within 3 s"],
    ["broken", "registry dead cannot be used: the connection was refused (ECONNREFUSED)"],
  ]);
});

test("whoever asks may stop it", async () => {
  const reading = readHostFacts(hostWorld(HAPPY), { signal: AbortSignal.abort(new Error("enough")) });
  await expect(reading).rejects.toThrow("enough");
});
