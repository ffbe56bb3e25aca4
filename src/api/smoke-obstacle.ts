import { formatPlatform, type Platform, platformOf } from "../core/platform.ts";
import type { SandboxAbility } from "../engine/sandbox.ts";
import type { PlatformImage } from "../verify/subject.ts";

/** Why an image is not started, and what helps. */
export interface Obstacle {
  readonly why: string;
  readonly act?: string | undefined;
}

/**
 * What of an image keeps it from being started, whatever this machine has; undefined: nothing.
 * @param command  what would be started; empty: nothing can be
 */
export function obstacleIn({ platform, config, layers, filesProblem }: PlatformImage, command: readonly string[]): Obstacle | undefined {
  const name = formatPlatform(platformOf(platform));
  if (platformOf(platform).os !== "linux")
    return { why: `programs for ${name} are not run here: only those for Linux are`, act: "try it on a machine of that platform" };
  if (config.value === undefined) return { why: `its config cannot be read${config.problem === undefined ? "" : `: ${config.problem.message}`}`, act: AGAIN };
  for (const { number, problem, foreign, contents, diffId } of layers) {
    if (problem !== undefined) return { why: `its layer ${number} cannot be read: ${problem.message}`, act: AGAIN };
    if (foreign && contents === undefined) return { why: `its layer ${number} is not here: it is to be had from elsewhere` };
    if (diffId === undefined) return { why: `its config tells no diff_id of layer ${number}`, act: AGAIN };
  }
  if (filesProblem !== undefined) return { why: `its layers make no file system: ${filesProblem.message}`, act: AGAIN };
  if (command.length === 0) return { why: "the image has no ENTRYPOINT and no CMD that could be started", act: 'name a program: --smoke="PROGRAM --version"' };
  return undefined;
}

const AGAIN = "build or pull the image again";

/** How this machine runs a platform's programs, or why it does not. @param ability  undefined: it has nothing of Linux */
export function wayHere(ability: SandboxAbility | undefined, platform: Platform): "native" | "emulated" | Obstacle {
  if (ability === undefined)
    return {
      why: "programs of images take Linux, which this machine does not run",
      act: "try it on a machine, or in a virtual machine or container, with Linux",
    };
  if (ability.world === "none")
    return {
      why: `this machine gives no sandbox to run programs in: ${ability.why}`,
      ...(ability.notes.length === 0 ? {} : { act: ability.notes.join("; or ") }),
    };
  if (ability.world === "chroot")
    return {
      why: "this container may not make namespaces, and by chroot alone a program would have the container's network and processes before it",
      act: "try it on a machine, or in a container that may make namespaces",
    };
  const name = formatPlatform(platform);
  const found = ability.platforms.find((one) => formatPlatform(one.platform) === name);
  if (found === undefined || found.how === "impossible")
    return { why: `programs for ${name} cannot run on this machine: ${found?.why ?? "nobody tried"}`, act: EMULATOR };
  return found.how;
}

const EMULATOR =
  "install the package qemu-user-static; or let multihull fetch it: --emulator debian, or --emulator IMAGE@sha256:… for an image that holds QEMU; or try it on a machine of that platform";
