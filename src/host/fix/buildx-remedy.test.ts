import { describe, expect, test } from "vitest";
import { builderFact, hostFacts, told, untold } from "../../../test/harness/host-facts.ts";
import type { BuilderFact, HostFacts } from "../facts.ts";
import type { FileAnswer } from "../ports.ts";
import { type BuildxAsk, planBuildxRemedy } from "./buildx-remedy.ts";
import type { HostFixPlan } from "./change.ts";

const both = ["linux/amd64", "linux/arm64"];
function plan(facts: HostFacts, ask: Partial<BuildxAsk> = {}, files: Readonly<Record<string, string>> = {}): HostFixPlan {
  const read = (path: string): FileAnswer => (files[path] === undefined ? { kind: "absent" } : { kind: "text", text: files[path] });
  return planBuildxRemedy(facts, { platforms: both, insecureRegistries: [], configFolder: "/store/host", emulators: [], mayRegister: false, ...ask }, { read });
}
/** Changes as people see them: command lines, and files by their path. */
const steps = ({ changes }: HostFixPlan): readonly string[] =>
  changes.map((change) => (change.kind === "file" ? `file ${change.path}` : "command" in change ? (change.command ?? []).join(" ") : change.kind));
const undone = ({ changes }: HostFixPlan): readonly string[] => changes.flatMap((change) => ("undo" in change ? [change.undo.join(" ")] : []));

const CREATE = "docker buildx create --name multihull --driver docker-container";
const container = (name: string, changes: Parameters<typeof builderFact>[2] = {}, problem?: string): BuilderFact =>
  builderFact(name, "docker-container", { platforms: both, ...changes }, problem);

test("Docker's classic store alone: a builder is made, started and chosen, and undo chooses the context's own before it removes the new one", () => {
  expect(plan(hostFacts())).toEqual({
    with: "buildx",
    changes: [
      {
        kind: "builder",
        name: "multihull",
        command: [...CREATE.split(" "), "--bootstrap"],
        undo: ["docker", "buildx", "rm", "multihull"],
        about: 'a builder "multihull" is made, whose BuildKit runs in a container of Docker',
      },
      {
        kind: "select",
        name: "multihull",
        before: undefined,
        command: ["docker", "buildx", "use", "multihull"],
        undo: ["docker", "--context", "default", "buildx", "use", "default"],
        about: '`docker buildx build` takes the builder "multihull" from now on',
      },
    ],
    notes: [
      'the builder in use, "default", cannot do it: Docker\'s own builder has no containerd image store',
      'the image "moby/buildkit:buildx-stable-1" is pulled (--image names another), and a container of it stays, with all rights (--privileged), with a volume for its cache, and is started anew with Docker',
      "a registry on localhost is not reached from the builder, which has a network of its own; --insecure-registry localhost:PORT gives it this machine's",
      "results stay in the builder's cache until they are pushed (--push) or loaded (--load); Docker's classic image store takes one platform at a time",
      "`docker buildx build` takes it by itself; `docker build` only with --builder multihull or BUILDX_BUILDER=multihull",
    ],
  });
});

describe("what is planned", () => {
  const used = (name: string): { builder: string; chosenBy: "selection" } => ({ builder: name, chosenBy: "selection" });
  const cases: Readonly<Record<string, { facts: HostFacts; ask?: Partial<BuildxAsk>; steps: readonly string[]; undo?: readonly string[]; note?: RegExp }>> = {
    "nothing for a builder in use that can": {
      facts: hostFacts({ builders: [container("mine")], selected: used("mine") }),
      steps: [],
      note: /^nothing to do: the builder in use, "mine" \(driver docker-container\)/,
    },
    "nothing for Docker's own with the containerd store, where the kernel has the emulator": {
      facts: hostFacts({ daemon: { store: "containerd" }, emulators: [{ architecture: "arm64", interpreter: "/q", flags: "PF", enabled: true }] }),
      steps: [],
      note: /^nothing to do: the builder in use, "default" \(driver docker\)/,
    },
    "emulators alone for Docker's own with the containerd store": {
      facts: hostFacts({ daemon: { store: "containerd" } }),
      steps: ["docker run --privileged --rm tonistiigi/binfmt --install arm64"],
      undo: ["docker run --privileged --rm tonistiigi/binfmt --uninstall qemu-aarch64"],
    },
    "nothing for a remote builder in use, even when Docker is down": {
      facts: hostFacts({ builders: [builderFact("far", "remote", { platforms: both })], selected: used("far") }, { daemon: untold("no daemon", "start it") }),
      steps: [],
      note: /^nothing to do: the builder in use, "far" \(driver remote\)/,
    },
    "one that is there and runs is chosen": {
      facts: hostFacts({ builders: [container("mine")] }),
      steps: ["docker buildx use mine"],
      undo: ["docker --context default buildx use default"],
    },
    "one that is there and stopped is started and chosen": {
      facts: hostFacts({ builders: [container("mine", { status: "stopped", platforms: [] })] }),
      steps: ["docker buildx inspect mine --bootstrap", "docker buildx use mine"],
      undo: ["docker buildx stop mine", "docker --context default buildx use default"],
    },
    "one that runs comes before one that is stopped": {
      facts: hostFacts({ builders: [container("a", { status: "inactive", platforms: [] }), container("b")] }),
      steps: ["docker buildx use b"],
    },
    "the one in use is started rather than another chosen, when no other runs": {
      facts: hostFacts({
        builders: [container("a", { status: "stopped", platforms: [] }), container("b", { status: "stopped", platforms: [] })],
        selected: used("b"),
      }),
      steps: ["docker buildx inspect b --bootstrap"],
    },
    "a dead one in use gives way to a new one, and is chosen again by undo": {
      facts: hostFacts({ builders: [builderFact("far", "remote", { status: "unreachable", problem: "connection refused" })], selected: used("far") }),
      steps: [`${CREATE} --bootstrap`, "docker buildx use multihull"],
      undo: ["docker buildx rm multihull", "docker --context default buildx use far"],
      note: /^the builder in use, "far", cannot do it: its node "far0" is unreachable: connection refused/,
    },
    "a dead one in use gives way to Docker's own, when that has the containerd store": {
      facts: hostFacts({
        daemon: { store: "containerd" },
        builders: [container("old", {}, "no such container")],
        selected: used("old"),
        emulators: [{ architecture: "arm64", interpreter: "/q", flags: "F", enabled: true }],
      }),
      steps: ["docker buildx use default"],
      undo: ["docker --context default buildx use old"],
    },
    "one that lacks a platform gives way": {
      facts: hostFacts({ builders: [container("mine")] }),
      ask: { platforms: ["linux/amd64", "linux/s390x"] },
      steps: [`${CREATE} --bootstrap`, "docker buildx use multihull"],
    },
    "platforms may be spread over nodes": {
      facts: hostFacts({
        builders: [
          { ...container("two"), nodes: [...container("x", { platforms: ["linux/amd64*"] }).nodes, ...container("y", { platforms: ["linux/arm64"] }).nodes] },
        ],
      }),
      steps: ["docker buildx use two"],
    },
    "taken names are not taken again, whatever their case": {
      facts: hostFacts({ builders: [container("Multihull", {}, "gone"), container("multihull-2", {}, "gone")] }),
      steps: [`${CREATE.replace("multihull", "multihull-3")} --bootstrap`, "docker buildx use multihull-3"],
    },
    "a context's name is no free one": {
      facts: hostFacts({}, { contexts: told([{ name: "multihull", endpoint: "ssh://far", current: false }]) }),
      steps: [`${CREATE.replace("multihull", "multihull-2")} --bootstrap`, "docker buildx use multihull-2"],
    },
    "a given name is used, though another builder would do": {
      facts: hostFacts({ builders: [container("mine")] }),
      ask: { name: "own" },
      steps: [`${CREATE.replace("multihull", "own")} --bootstrap`, "docker buildx use own"],
    },
    "a given name of a builder that is there means that": {
      facts: hostFacts({ builders: [container("a"), container("b")] }),
      ask: { name: "b" },
      steps: ["docker buildx use b"],
    },
    "BUILDX_BUILDER wins, so nothing is chosen": {
      facts: hostFacts({ selected: { builder: "gone", chosenBy: "BUILDX_BUILDER" } }),
      steps: [`${CREATE} --bootstrap`],
      note: /^BUILDX_BUILDER is set, and wins over every selection: set it to "multihull"/,
    },
    "a registry on loopback: this machine's network and a configuration": {
      facts: hostFacts(),
      ask: { insecureRegistries: ["127.0.0.1:5000"] },
      steps: [
        "file /store/host/buildkitd-multihull.toml",
        `${CREATE} --driver-opt network=host --buildkitd-config /store/host/buildkitd-multihull.toml --bootstrap`,
        "docker buildx use multihull",
      ],
    },
    "a builder with a network of its own does not reach it": {
      facts: hostFacts({ builders: [container("mine")] }),
      ask: { insecureRegistries: ["localhost:5000"] },
      steps: [
        "file /store/host/buildkitd-multihull.toml",
        `${CREATE} --driver-opt network=host --buildkitd-config /store/host/buildkitd-multihull.toml --bootstrap`,
        "docker buildx use multihull",
      ],
    },
    "one with this machine's network does": {
      facts: hostFacts({ builders: [container("mine", { driverOptions: new Map([["network", "host"]]) })] }),
      ask: { insecureRegistries: ["localhost:5000", "registry.lan"] },
      steps: ["docker buildx use mine"],
      note: /^whether "mine" takes "registry\.lan" without TLS is not known/,
    },
    "an image of one's own": {
      facts: hostFacts(),
      ask: { image: "127.0.0.1:5000/moby/buildkit:1" },
      steps: [`${CREATE} --driver-opt image=127.0.0.1:5000/moby/buildkit:1 --bootstrap`, "docker buildx use multihull"],
    },
    "Buildx before --buildkitd-config": {
      facts: hostFacts({ buildx: "0.12.1" }),
      ask: { insecureRegistries: ["registry.lan"] },
      steps: [
        "file /store/host/buildkitd-multihull.toml",
        `${CREATE} --config /store/host/buildkitd-multihull.toml --bootstrap`,
        "docker buildx use multihull",
      ],
    },
    "Buildx before --bootstrap": {
      facts: hostFacts({ buildx: "0.6.3" }),
      steps: [CREATE, "docker buildx inspect multihull --bootstrap", "docker buildx use multihull"],
      undo: ["docker buildx rm multihull", "docker buildx stop multihull", "docker --context default buildx use default"],
    },
    "an address of DOCKER_HOST is said when it is undone": {
      facts: hostFacts({ endpoint: { context: undefined, address: "ssh://me@far", chosenBy: "DOCKER_HOST" } }),
      steps: [`${CREATE} --bootstrap`, "docker buildx use multihull"],
      undo: ["docker buildx rm multihull", "docker --host ssh://me@far buildx use default"],
      note: /^the builder runs on Docker's machine, "ssh:\/\/me@far", not on this one$/,
    },
    "an address with a password is not kept": {
      facts: hostFacts({ endpoint: { context: undefined, address: "ssh://me:hunter2@far", chosenBy: "DOCKER_HOST" } }),
      steps: [`${CREATE} --bootstrap`, "docker buildx use multihull"],
      undo: ["docker buildx rm multihull", "docker buildx use default"],
      note: /^(?!.*hunter2)the builder runs on Docker's machine/,
    },
    "a context other than default": {
      facts: hostFacts({ endpoint: { context: "lab", address: "ssh://lab", chosenBy: "config" } }),
      steps: [`${CREATE} --bootstrap`, "docker buildx use multihull"],
      undo: ["docker buildx rm multihull", "docker --context lab buildx use lab"],
    },
    "rootless Docker and a registry on loopback": {
      facts: hostFacts({ daemon: { rootless: true, mirrors: ["http://localhost:5000"] } }),
      steps: [
        "file /store/host/buildkitd-multihull.toml",
        `${CREATE} --driver-opt network=host --buildkitd-config /store/host/buildkitd-multihull.toml --bootstrap`,
        "docker buildx use multihull",
      ],
      note: /^rootless Docker has a network of its own: "localhost:5000"/,
    },
    "a virtual machine and a registry on loopback": {
      facts: hostFacts({ daemon: { product: "Docker Desktop" } }),
      ask: { insecureRegistries: ["localhost:5000"] },
      steps: [
        "file /store/host/buildkitd-multihull.toml",
        `${CREATE} --driver-opt network=host --buildkitd-config /store/host/buildkitd-multihull.toml --bootstrap`,
        "docker buildx use multihull",
      ],
      note: /^"localhost:5000" means Docker Desktop's virtual machine there/,
    },
    "a shell with a proxy": {
      facts: hostFacts(),
      ask: { proxied: true },
      steps: [`${CREATE} --bootstrap`, "docker buildx use multihull"],
      note: /^BuildKit itself does not use the proxy/,
    },
  };
  test.each(Object.entries(cases))("%s", (_name, { facts, ask, steps: wanted, undo, note }) => {
    const found = plan(facts, ask);
    expect(steps(found)).toEqual(wanted);
    if (undo !== undefined) expect(undone(found)).toEqual(undo);
    if (note !== undefined) expect(found.notes).toContainEqual(expect.stringMatching(note));
  });
});

describe("the configuration of a new builder", () => {
  const ask = { insecureRegistries: ["registry.lan"], buildxFolder: "/home/me/.docker/buildx" };
  const tables = '[registry."registry.lan"]\n  http = true\n  insecure = true\n';
  const file = (found: HostFixPlan): unknown => found.changes.find(({ kind }) => kind === "file");
  test("is made where there is none", () => {
    expect(file(plan(hostFacts(), ask))).toMatchObject({ path: "/store/host/buildkitd-multihull.toml", before: undefined, after: tables });
  });
  test("takes the place of one that was left, which undo brings back", () => {
    expect(file(plan(hostFacts(), ask, { "/store/host/buildkitd-multihull.toml": "old\n" }))).toMatchObject({ before: "old\n", after: tables });
  });
  test("keeps what Buildx gives to all builders", () => {
    const found = plan(hostFacts(), ask, { "/home/me/.docker/buildx/buildkitd.default.toml": "debug = true\n[worker.oci]\n  gc = true\n" });
    expect(file(found)).toMatchObject({ after: `debug = true\n[worker.oci]\n  gc = true\n\n${tables}` });
  });
  test("does not mix registries with those of that file, and says so", () => {
    const found = plan(hostFacts(), ask, { "/home/me/.docker/buildx/buildkitd.default.toml": '[registry."x"]\nhttp = true\n' });
    expect(file(found)).toMatchObject({ after: tables });
    expect(found.notes).toContainEqual(expect.stringMatching(/buildkitd\.default\.toml" has registries of its own and is not used by this builder/));
  });
  test("is left to Buildx where there is nothing to say", () => {
    expect(file(plan(hostFacts(), { buildxFolder: ask.buildxFolder }, { "/home/me/.docker/buildx/buildkitd.default.toml": "debug = true\n" }))).toBeUndefined();
  });
});

describe("what is refused, and the act that helps", () => {
  const absent = untold("there is no docker on PATH", "install Docker");
  const cases: Readonly<Record<string, { facts: HostFacts; ask?: Partial<BuildxAsk>; code: string; message: RegExp; hint: RegExp }>> = {
    "no docker command": {
      facts: hostFacts({}, { cli: absent }),
      code: "buildx-unavailable",
      message: /^there is no docker on PATH$/,
      hint: /^install Docker$/,
    },
    "no Buildx": {
      facts: hostFacts({}, { buildx: untold("docker has no buildx", "install it") }),
      code: "buildx-unavailable",
      message: /no buildx/,
      hint: /install it/,
    },
    "no daemon": {
      facts: hostFacts({}, { daemon: untold("the daemon is silent", "start it", "silent"), builders: untold("unasked", "-", "unasked") }),
      code: "docker-unavailable",
      message: /^the daemon is silent$/,
      hint: /^start it$/,
    },
    "a daemon that is down, and nothing else to build with": {
      facts: hostFacts({}, { daemon: untold("the daemon is silent", "start it", "silent") }),
      code: "docker-unavailable",
      message: /^the daemon is silent$/,
      hint: /^start it$/,
    },
    "builders that cannot be listed": {
      facts: hostFacts({}, { builders: untold("a builder's file is broken", "remove it", "broken") }),
      code: "builder-unusable",
      message: /file is broken/,
      hint: /remove it/,
    },
    "Buildx too old for a network": {
      facts: hostFacts({ buildx: "0.2.2" }),
      ask: { insecureRegistries: ["localhost:5000"] },
      code: "buildx-unavailable",
      message: /^Buildx 0\.2\.2 is too old/,
      hint: /Buildx 0\.3\.0 or newer/,
    },
    "a named builder that is dead": {
      facts: hostFacts({ builders: [container("mine", {}, "it is gone")] }),
      ask: { name: "mine" },
      code: "builder-unusable",
      message: /^the builder "mine" cannot be used: it does not answer: it is gone$/,
      hint: /docker buildx rm mine/,
    },
    "a context's name": {
      facts: hostFacts({}, { contexts: told([{ name: "lab", endpoint: "ssh://far", current: false }]) }),
      ask: { name: "lab" },
      code: "builder-unusable",
      message: /^"lab" is the name of a Docker context/,
      hint: /another name/,
    },
    "a name that is an option": { facts: hostFacts(), ask: { name: "--driver" }, code: "usage", message: /^"--driver" cannot be the name/, hint: /a letter/ },
    "the reserved name": { facts: hostFacts(), ask: { name: "default" }, code: "usage", message: /^"default" cannot be/, hint: /Docker's own/ },
    "an image with options of its own": {
      facts: hostFacts(),
      ask: { image: "x,network=host" },
      code: "reference-malformed",
      message: /x,network=host/,
      hint: /./,
    },
    "Windows containers": {
      facts: hostFacts({ daemon: { os: "windows" } }),
      code: "builder-unusable",
      message: /^Docker runs windows containers/,
      hint: /Linux containers/,
    },
    "a platform that is none": { facts: hostFacts(), ask: { platforms: ["linux/amd46"] }, code: "platform-unknown", message: /amd46/, hint: /linux\/amd64/ },
  };
  test.each(Object.entries(cases))("%s", (_name, { facts, ask, code, message, hint }) => {
    expect(() => plan(facts, ask)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message), hint: expect.stringMatching(hint) }));
  });
});
