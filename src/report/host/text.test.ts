import { describe, expect, test } from "vitest";
import { builderFact, hostFacts, nodeFact, told, untold } from "../../../test/harness/host-facts.ts";
import type { HostFacts } from "../../host/facts.ts";
import { platformWays } from "../../host/platform-ways.ts";
import { predictBuild } from "../../host/predict.ts";
import { hostText, type ShownHost } from "./text.ts";

const RUNS = [
  { platform: "linux/amd64", how: "native", why: "the processor runs it" },
  { platform: "linux/arm64", how: "emulated", registration: "own", why: 'QEMU at "/q/arm64"' },
  { platform: "linux/s390x", how: "impossible", why: "no static qemu-s390x was found" },
] as const;

function report(facts: HostFacts, changes: Partial<ShownHost> = {}): ShownHost {
  const ways = platformWays(facts, RUNS);
  const platforms = ways.map((one, i) => ({ ...one, ...(i === 1 ? { registration: "own" as const } : {}) }));
  const prediction = predictBuild(facts, { platforms: ["linux/amd64", "linux/arm64"] });
  return {
    machine: "linux/amd64",
    world: "single-id",
    why: "one user id for all files",
    notes: ["owners are lost"],
    snapshots: "overlay",
    facts,
    platforms,
    prediction,
    ...changes,
  };
}

test("facts, engines by platforms, what Docker would say, what it costs and what helps", () => {
  expect(hostText(report(hostFacts()))).toBe(
    `machine    linux/amd64
kernel     6.18.5 on amd64, user namespaces
emulators  none registered
docker     28.5.2
buildx     0.29.1
endpoint   unix:///var/run/docker.sock (context "default")
daemon     Docker Engine 28.5.2 on linux/amd64, classic image store (overlay2), 0 images, 0 running containers
builders   default (chosen): docker, running, BuildKit 0.34.2, linux/amd64 linux/386
sandbox    single-id: one user id for all files
files      overlay mounts: a step costs what it changes

platform     multihull  default (docker)
linux/amd64  native     native
linux/arm64  emulated   no RUN
linux/s390x  no RUN     no RUN
- multihull, linux/arm64: emulated, by QEMU, registered in the sandbox's own namespace
- multihull, linux/s390x: no RUN, no static qemu-s390x was found
- default, linux/arm64 linux/s390x: no RUN, it has neither a processor nor an emulator for it

docker buildx build --platform linux/amd64,linux/arm64 .
  fails: the docker driver cannot build 2 platforms at once, and no other builder is made
    - the test says: Docker context "default" is in use, and its endpoint is unix:///var/run/docker.sock
    - the test says: the daemon has the classic image store (overlay2)
    - no other builder is made, so the build uses the docker driver of context "default"
    - the build asks for 2 platforms: "linux/amd64,linux/arm64"
  the log will say (docker buildx build):
    | ERROR: failed to build: Multi-platform build is not supported for the docker driver.
    | Switch to a different driver, or turn on the containerd image store, and try again.
    | Learn more at https://docs.docker.com/go/build-multi-platform/
  help: make a builder that runs BuildKit in a container, and choose it
    costs: BuildKit's image is pulled, a container of it runs from then on, and images are in Docker's own store only when they are loaded
    run: multihull fix --host --with buildx --write
  or: turn on Docker's containerd image store
    costs: images of the classic store are not shown any more, and stay on the disk; the daemon starts anew
    run: multihull fix --host --with containerd --write
  or: build it without Docker
    costs: it has a cache of its own, and runs RUN steps in its own sandbox
    run: multihull build --platform linux/amd64,linux/arm64 .

note: owners are lost
help: for RUN of what multihull cannot run install the package qemu-user-static, or let it fetch QEMU: --emulator debian, or --emulator IMAGE@sha256:…; or build it on a machine of its own`,
  );
});

test("without Docker nothing is said of its parts, and what helps only once", () => {
  const facts = hostFacts(
    {},
    { cli: untold("there is no docker program on PATH", "install Docker"), buildx: untold("there is no docker program on PATH", "install Docker", "unasked") },
  );
  const text = hostText(report(facts, { notes: [] }));
  expect(text).toContain("docker     none: there is no docker program on PATH\nsandbox ");
  expect(text).not.toMatch(/^(?:buildx|endpoint|daemon|builders) /m);
  expect(text.match(/install Docker/g)).toHaveLength(1);
});

test("without a sandbox the reasons and the ways out", () => {
  const text = hostText(report(hostFacts(), { world: "none", why: 'tried chroot ("EPERM")', notes: ["run multihull with sudo"] }));
  expect(text).toContain('sandbox    none: tried chroot ("EPERM")\n\nplatform ');
  expect(text.endsWith("\n\nhelp: run multihull with sudo")).toBe(true);
});

describe("rows", () => {
  const rows = (facts: HostFacts): readonly string[] => hostText(report(facts)).split("\n");
  test("a line for each of several nodes", () => {
    const nodes = [
      nodeFact({ name: "a", endpoint: "tcp://a" }),
      nodeFact({ name: "b", endpoint: "tcp://b", status: "unreachable", platforms: [], buildkit: undefined, problem: "gone" }),
    ];
    const found = rows(hostFacts({ builders: [{ ...builderFact("team", "remote"), nodes }] }));
    expect(found.filter((line) => /team|tcp:/.test(line)).slice(0, 3)).toEqual([
      "           team: remote, 2 nodes",
      "             a at tcp://a: running, BuildKit 0.34.2, linux/amd64 linux/386",
      "             b at tcp://b: unreachable: gone",
    ]);
  });
  test("registries, and what is wrong with one", () => {
    const registries = [
      { registry: "ghcr.io", reachable: told({ scheme: "https" as const, wantsLogin: true }) },
      { registry: "r:1", reachable: untold("nobody is there", "start it", "silent") },
    ];
    const found = rows(hostFacts({}, { registries }));
    expect(found).toContain("registries  ghcr.io: answers by https, wants a log-in");
    expect(found).toContain("            r:1: no answer: nobody is there");
    expect(found.at(-2)).toBe("help: start it");
  });
  test("builders that are of use come first, and no more than fit", () => {
    const dead = ["w", "x", "y"].map((name) => builderFact(name, "remote", { status: "unreachable", problem: "gone" }));
    const found = rows(hostFacts({ builders: [...dead, builderFact("z", "remote", { endpoint: "tcp://z" })] }));
    expect(found).toContain("platform     multihull  default (docker)  z (remote)  w (remote)");
    expect(found).toContain("- w, every platform: impossible, gone");
    expect(found).toContain("2 more builders: see --format json");
  });
  test("what is accepted needs no more than a line", () => {
    const text = hostText(report(hostFacts({ daemon: { store: "containerd" } })));
    expect(text).toContain('linux/arm64 .\n  works: builder "default" (docker) takes it\n\n');
  });
  test("what the machine said cannot move the cursor", () => {
    expect(hostText(report(hostFacts({}, { daemon: untold("a\u001b[2Jb\nc", "d") })))).toContain("none: a\\x1b[2Jb\\x0ac\n");
  });
});
