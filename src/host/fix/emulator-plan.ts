import { parsePlatform } from "../../core/platform.ts";
import { BINFMT_IMAGE } from "../../facts/emulators.ts";
import type { Driver } from "../../simulate/environment.ts";
import type { HostFacts } from "../facts.ts";
import { imageEmulates } from "./buildx-image.ts";
import type { HostChange } from "./change.ts";

/** A static QEMU for this machine, and what is written to the kernel to register it. */
export interface RegistrableEmulator {
  /** As in platforms. */
  readonly architecture: string;
  /** Absolute path. */
  readonly path: string;
  /** A line of binfmt_misc with flag F. */
  readonly registration: string;
}

export interface EmulatorAsk {
  readonly platforms: readonly string[];
  /** Of the builder that is to build them. */
  readonly driver: Driver;
  /** The image of a `docker-container` builder; undefined: Buildx's own choice. */
  readonly image?: string | undefined;
  /** Platforms that the builder says it builds for; undefined or empty when it does not exist yet or does not tell. */
  readonly built?: readonly string[] | undefined;
  readonly emulators: readonly RegistrableEmulator[];
  /** Whether this process may write to the kernel's list. */
  readonly mayRegister: boolean;
}

export interface EmulatorPlan {
  readonly changes: readonly HostChange[];
  readonly notes: readonly string[];
}

/**
 * What is needed so that RUN works for these platforms in a builder on the daemon's machine: nothing for those that it runs by itself, that the builder's image or the kernel
 * brings emulators for. Builders on machines of their own (`remote`, `kubernetes`, `cloud`) are not ours to change.
 * @throws {ProblemError} `platform-malformed` | `platform-unknown`
 */
export function planEmulators(facts: HostFacts, ask: EmulatorAsk): EmulatorPlan {
  if (ask.driver !== "docker" && ask.driver !== "docker-container") return { changes: [], notes: [] };
  const missing = missingArchitectures(facts, ask);
  const by = (way: Way): readonly string[] => missing.filter((architecture) => wayTo(architecture, facts, ask) === way);
  const registered = ask.emulators.filter(({ architecture }) => by("kernel").includes(architecture)).map(kernelChange);
  const byContainer = by("container");
  const changes = [...registered, ...(byContainer.length === 0 ? [] : [containerChange(byContainer)])];
  return { changes, notes: notesOf(by, changes.length > 0, facts) };
}

/**
 * How an emulator that is missing is had. `shadowed`: another one, which containers do not find, stands in the way of a container's, and nobody would be told.
 * `image`: the builder's image may bring it.
 */
type Way = "kernel" | "image" | "shadowed" | "container" | "none";

function wayTo(architecture: string, facts: HostFacts, ask: EmulatorAsk): Way {
  if (kernelIsHere(facts) && ask.mayRegister && ask.emulators.some((one) => one.architecture === architecture)) return "kernel";
  if (ask.driver === "docker-container" && imageEmulates(ask.image, architecture) === undefined) return "image";
  if (entryHere(facts, architecture) !== undefined) return "shadowed";
  return isRootless(facts) || BINFMT_IMAGE.entryOf(architecture) === undefined ? "none" : "container";
}

function missingArchitectures(facts: HostFacts, ask: EmulatorAsk): readonly string[] {
  const own = facts.daemon.known ? facts.daemon.value.architecture : facts.kernel.known ? facts.kernel.value.architecture : undefined;
  const built = new Set((ask.built ?? []).map(architectureOf));
  const wanted = [...new Set(ask.platforms.map((text) => parsePlatform(text)).flatMap(({ os, architecture }) => (os === "linux" ? [architecture] : [])))];
  return wanted.filter((architecture) => {
    if (architecture === own || built.has(architecture)) return false;
    // Such processors run them by themselves; of arm on arm64 only the builder can tell, and an emulator would hide what the processor can.
    if (own === "amd64" && architecture === "386") return false;
    if (own === "arm64" && architecture === "arm" && built.size === 0) return false;
    if (ask.driver === "docker-container" && imageEmulates(ask.image, architecture) === true) return false;
    return entryHere(facts, architecture)?.flags.includes("F") !== true;
  });
}

function architectureOf(platform: string): string {
  // What a builder says is not ours to refuse.
  return platform.replace(/\*$/, "").split("/")[1] ?? platform;
}

/** What Docker's kernel uses, where that is this machine's: one that is held open before one that is not. */
function entryHere(facts: HostFacts, architecture: string): { readonly flags: string } | undefined {
  if (!kernelIsHere(facts) || !facts.emulators.known) return undefined;
  const entries = facts.emulators.value.filter((one) => one.enabled && one.architecture === architecture);
  return entries.find(({ flags }) => flags.includes("F")) ?? entries[0];
}

/** Whether the daemon's kernel is this machine's: not behind a network, nor in a virtual machine. */
const kernelIsHere = (facts: HostFacts): boolean =>
  facts.endpoint.known && facts.endpoint.value.address.startsWith("unix://") && !(facts.daemon.known && facts.daemon.value.product !== undefined);

const isRootless = (facts: HostFacts): boolean => facts.daemon.known && facts.daemon.value.rootless;

const kernelChange = ({ architecture, path, registration }: RegistrableEmulator): HostChange => ({
  kind: "emulator",
  architecture,
  interpreter: path,
  registration,
  about: `the kernel runs programs for ${architecture} by "${path}", until the next boot`,
});

const RUN_IMAGE = ["docker", "run", "--privileged", "--rm", BINFMT_IMAGE.image];
const installCommand = (architectures: readonly string[]): readonly string[] => [...RUN_IMAGE, BINFMT_IMAGE.install, architectures.join(",")];

const containerChange = (architectures: readonly string[]): HostChange => ({
  kind: "emulator-container",
  architectures,
  command: installCommand(architectures),
  undo: [...RUN_IMAGE, BINFMT_IMAGE.remove, architectures.flatMap((one) => BINFMT_IMAGE.entryOf(one) ?? []).join(",")],
  about: `the kernel of Docker's machine runs programs for ${architectures.join(", ")} by QEMU of the image "${BINFMT_IMAGE.image}", until its next boot`,
});

function notesOf(by: (way: Way) => readonly string[], changed: boolean, facts: HostFacts): readonly string[] {
  const notes: string[] = [];
  const [byContainer, byImage, shadowed, none] = [by("container"), by("image"), by("shadowed"), by("none")];
  if (byContainer.length > 0)
    notes.push(`the image "${BINFMT_IMAGE.image}" is pulled and run once with all rights (--privileged), which telling the kernel takes`);
  if (changed)
    notes.push("the kernel forgets emulators when the machine is started anew; the package qemu-user-static (with binfmt-support) registers them each time");
  if (byImage.length > 0)
    notes.push(
      `whether the builder's image brings an emulator for ${byImage.join(", ")} is not known; if RUN fails there, give the kernel one: ${installCommand(byImage).join(" ")}`,
    );
  if (shadowed.length > 0)
    notes.push(
      `the emulator that this machine has for ${shadowed.join(", ")} is not held open (flag F), so containers do not find it: install qemu-user-static, or run this as root with a static QEMU on PATH`,
    );
  if (none.length > 0) {
    const why = isRootless(facts) ? "which a rootless Docker may not register" : "which is not to be had here";
    notes.push(
      `RUN for ${none.join(", ")} needs an emulator, ${why}: install qemu-user-static on Docker's machine as root; without RUN these platforms can be built`,
    );
  }
  return notes;
}
