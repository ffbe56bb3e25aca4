import { describe, expect, test } from "vitest";
import { hostFacts } from "../../../test/harness/host-facts.ts";
import type { EmulatorFact, HostFacts } from "../facts.ts";
import { type EmulatorAsk, planEmulators } from "./emulator-plan.ts";

const QEMU = { architecture: "arm64", path: "/usr/bin/qemu-aarch64-static", registration: ":multihull-arm64:M:0:x:y:/usr/bin/qemu-aarch64-static:POCF" };
const entry = (architecture: string, flags: string, enabled = true): EmulatorFact => ({
  architecture,
  flags,
  enabled,
  interpreter: `/usr/bin/qemu-${architecture}`,
});
const emulator = {
  kind: "emulator",
  architecture: "arm64",
  interpreter: QEMU.path,
  registration: QEMU.registration,
  about: expect.stringContaining("until the next boot"),
};
const container = (architectures: readonly string[], entries: string): unknown => ({
  kind: "emulator-container",
  architectures,
  command: ["docker", "run", "--privileged", "--rm", "tonistiigi/binfmt", "--install", architectures.join(",")],
  undo: ["docker", "run", "--privileged", "--rm", "tonistiigi/binfmt", "--uninstall", entries],
  about: expect.any(String),
});
const PULLS = /^the image "tonistiigi\/binfmt" is pulled and run once with all rights/;
const FORGETS = /^the kernel forgets emulators/;

interface Case {
  facts?: HostFacts;
  ask: Partial<EmulatorAsk>;
  changes?: readonly unknown[];
  notes?: readonly RegExp[];
}
const both = ["linux/amd64", "linux/arm64"];

describe("what a builder needs to run foreign programs", () => {
  const cases: Readonly<Record<string, Case>> = {
    "BuildKit's own image brings it": { ask: { driver: "docker-container", mayRegister: true, emulators: [QEMU] } },
    "BuildKit's own image by name, too": { ask: { driver: "docker-container", image: "moby/buildkit:v0.20.0" } },
    "a copy of it in another registry, too": {
      ask: { driver: "docker-container", image: `127.0.0.1:5000/moby/buildkit:buildx-stable-1@sha256:${"a".repeat(64)}` },
    },
    "another image may bring it: nothing is done, and what to do is told": {
      ask: { driver: "docker-container", image: "127.0.0.1:5000/bk:1" },
      notes: [/^whether the builder's image brings an emulator for arm64 is not known; .*: docker run --privileged --rm tonistiigi\/binfmt --install arm64$/],
    },
    "an image that is none brings nothing that is known": {
      ask: { driver: "docker-container", image: "?" },
      notes: [/^whether the builder's image brings an emulator for arm64/],
    },
    "another image may not, and root can help": {
      ask: { driver: "docker-container", image: "127.0.0.1:5000/bk:1", mayRegister: true, emulators: [QEMU] },
      changes: [emulator],
      notes: [FORGETS],
    },
    "Docker's own builder takes the kernel's": { facts: hostFacts({ emulators: [entry("arm64", "PF")] }), ask: {} },
    "the machine's own architecture, and 386 on amd64, need none": { ask: { platforms: ["linux/amd64", "linux/386", "linux/amd64/v2"] } },
    "an operating system other than Linux is nobody's to emulate": { ask: { platforms: ["windows/amd64", "windows/arm64"] } },
    "what the builder says it builds for": { ask: { built: ["linux/amd64*", "linux/arm64"] } },
    "as root with a static QEMU: the kernel is told": { ask: { mayRegister: true, emulators: [QEMU] }, changes: [emulator], notes: [FORGETS] },
    "not as root: a container tells it": { ask: { emulators: [QEMU] }, changes: [container(["arm64"], "qemu-aarch64")], notes: [PULLS, FORGETS] },
    "some by us, others by a container": {
      ask: { platforms: [...both, "linux/s390x", "linux/arm/v7"], mayRegister: true, emulators: [QEMU] },
      changes: [emulator, container(["s390x", "arm"], "qemu-s390x,qemu-arm")],
      notes: [PULLS, FORGETS],
    },
    "an entry that is switched off does not count": {
      facts: hostFacts({ emulators: [entry("arm64", "PF", false)] }),
      ask: { mayRegister: true, emulators: [QEMU] },
      changes: [emulator],
      notes: [FORGETS],
    },
    "an entry without F is hidden by ours": {
      facts: hostFacts({ emulators: [entry("arm64", "P")] }),
      ask: { mayRegister: true, emulators: [QEMU] },
      changes: [emulator],
      notes: [FORGETS],
    },
    "an entry without F stands in the container's way": {
      facts: hostFacts({ emulators: [entry("arm64", "P")] }),
      ask: {},
      notes: [/arm64 is not held open \(flag F\)/],
    },
    "a rootless Docker may not": {
      facts: hostFacts({ daemon: { rootless: true } }),
      ask: {},
      notes: [/^RUN for arm64 needs an emulator, which a rootless Docker may not register/],
    },
    "a rootless Docker uses what root registers": {
      facts: hostFacts({ daemon: { rootless: true } }),
      ask: { mayRegister: true, emulators: [QEMU] },
      changes: [emulator],
      notes: [FORGETS],
    },
    "a daemon behind ssh has another kernel": {
      facts: hostFacts({ endpoint: { address: "ssh://me@far" }, emulators: [entry("arm64", "PF")] }),
      ask: { mayRegister: true, emulators: [QEMU] },
      changes: [container(["arm64"], "qemu-aarch64")],
      notes: [PULLS, FORGETS],
    },
    "a virtual machine has another kernel": {
      facts: hostFacts({ daemon: { product: "Colima" } }),
      ask: { mayRegister: true, emulators: [QEMU] },
      changes: [container(["arm64"], "qemu-aarch64")],
      notes: [PULLS, FORGETS],
    },
    "arm on arm64, of which the builder says nothing, may be native": {
      facts: hostFacts({ daemon: { architecture: "arm64" } }),
      ask: { platforms: ["linux/arm/v7"] },
    },
    "arm on arm64, which the builder has not": {
      facts: hostFacts({ daemon: { architecture: "arm64" } }),
      ask: { platforms: ["linux/arm/v7"], built: ["linux/arm64"] },
      changes: [container(["arm"], "qemu-arm")],
      notes: [PULLS, FORGETS],
    },
    "an architecture that nobody emulates": {
      ask: { platforms: ["linux/sparc64"] },
      notes: [/^RUN for sparc64 needs an emulator, which is not to be had here/],
    },
    "builders on machines of their own are let be": { ask: { driver: "remote", platforms: ["linux/s390x"] } },
  };
  test.each(Object.entries(cases))("%s", (_name, { facts = hostFacts(), ask, changes = [], notes = [] }) => {
    const plan = planEmulators(facts, { platforms: both, driver: "docker", emulators: [], mayRegister: false, ...ask });
    expect(plan.changes).toEqual(changes);
    expect(plan.notes).toEqual(notes.map((note) => expect.stringMatching(note)));
  });
});
