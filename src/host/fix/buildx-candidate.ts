import { parsePlatform } from "../../core/platform.ts";
import type { BuilderFact, BuilderNodeFact, HostFacts } from "../facts.ts";
import { imageEmulates } from "./buildx-image.ts";

/** Whether a builder that is there can build for several platforms at once. `stopped`: it can once it is started. */
export type Fitness = { readonly kind: "fits" } | { readonly kind: "stopped" } | { readonly kind: "unfit"; readonly why: string };

/** What a builder has to be able to do. */
export interface Wanted {
  readonly platforms: readonly string[];
  /** Registries on this machine's loopback that builds have to reach. */
  readonly onLoopback: readonly string[];
}

/** Judges by what the builder says of itself; of one that does not run, by its driver and image. */
export function fitnessOf(builder: BuilderFact, facts: HostFacts, { platforms, onLoopback }: Wanted): Fitness {
  const { driver, nodes, problem } = builder;
  const unfit = (why: string): Fitness => ({ kind: "unfit", why });
  if (problem !== undefined) return unfit(`it does not answer: ${problem}`);
  if (driver === "docker") {
    // It is given emulators by the kernel: what it lists now is not all that it can build for.
    return nodes.some(({ containerdStore }) => containerdStore === true) ? { kind: "fits" } : unfit("Docker's own builder has no containerd image store");
  }
  if (driver === "unknown") return unfit("its driver is not known");
  if (nodes.length === 0) return unfit("it has no node");
  const dead = nodes.find(({ status }) => !canRun(builder, status));
  if (dead !== undefined) return unfit(`its node "${dead.name}" is ${dead.status}${dead.problem === undefined ? "" : `: ${dead.problem}`}`);
  const lacking = platforms.filter((platform) => !nodes.some((node) => buildsFor(node, platform, facts)));
  if (lacking.length > 0) return unfit(`it does not build for ${lacking.join(", ")}`);
  const enclosed = driver === "docker-container" && nodes.some(({ driverOptions }) => driverOptions.get("network") !== "host");
  if (enclosed && onLoopback.length > 0) return unfit(`it has a network of its own, from which "${onLoopback.join('", "')}" is not reached`);
  return nodes.every(({ status }) => status === "running") ? { kind: "fits" } : { kind: "stopped" };
}

/** Whether it runs, or Buildx can start it. */
const canRun = ({ driver }: BuilderFact, status: BuilderNodeFact["status"]): boolean =>
  status === "running" || ((driver === "docker-container" || driver === "kubernetes") && (status === "stopped" || status === "inactive"));

function buildsFor(node: BuilderNodeFact, platform: string, facts: HostFacts): boolean {
  const wanted = parsePlatform(platform);
  const told = [...node.platforms, ...node.declared, ...node.native];
  if (told.some((text) => sameMachine(text, wanted))) return true;
  if (node.status === "running") return false;
  const own = facts.daemon.known ? facts.daemon.value.architecture : undefined;
  return wanted.os === "linux" && (wanted.architecture === own || imageEmulates(node.driverOptions.get("image"), wanted.architecture) === true);
}

/** Emulators are for architectures, whatever the variant. What a builder says is not ours to refuse. */
function sameMachine(told: string, wanted: { readonly os: string; readonly architecture: string }): boolean {
  const [os, architecture] = told.replace(/\*$/, "").split("/");
  return os === wanted.os && architecture === wanted.architecture;
}
