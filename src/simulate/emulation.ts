import { formatPlatform, type Platform } from "../core/platform.ts";
import { buildkitImageEmulates, isBuildkitImage } from "../facts/buildx.ts";
import type { Fact } from "../findings/finding.ts";
import { shownName } from "./builder-name.ts";
import type { ResolvedBuilder } from "./builder-of.ts";
import type { Builder, Environment } from "./environment.ts";

/** Whether a machine's processor and kernel run a platform's programs; undefined where it depends on the processor (32-bit arm on arm64, the newest amd64). */
export function runsNatively(architecture: string, platform: Platform): boolean | undefined {
  if (platform.os !== "linux") return false;
  if (architecture === "amd64") return platform.architecture === "386" || (platform.architecture === "amd64" && (platform.variant === "v4" ? undefined : true));
  if (architecture === "arm64" && platform.architecture === "arm") return undefined;
  return platform.architecture === architecture;
}

export interface Emulator {
  /** `buildkit`: the emulator in the builder's own image. `host`: registered in the machine's kernel. */
  readonly how: "native" | "buildkit" | "host" | "none" | "unknown";
  readonly fact: Fact;
}

/** What runs a platform's programs (RUN) in a build with that builder. */
export function emulatorOf(environment: Environment, resolved: ResolvedBuilder, platform: Platform): Emulator {
  const { builder, driver } = resolved;
  const elsewhere = builder !== undefined && isElsewhere(builder, environment);
  if (driver === "unknown" || elsewhere) {
    const name = builder === undefined ? "a builder that nobody knows" : `builder ${shownName(builder.name)}`;
    return { how: "unknown", fact: { sentence: `${formatPlatform(platform)} is built by ${name}, perhaps on another machine`, place: builder?.fact.place } };
  }
  const onHost = hostEmulatorOf(environment, platform);
  if (onHost.how === "native" || onHost.how === "host") return onHost;
  if (driver !== "docker-container" || builder === undefined) return onHost;
  // BuildKit takes 32-bit arm for native on arm64, and never its own emulator.
  if (environment.runner.architecture === undefined || runsNatively(environment.runner.architecture, platform) === undefined) return onHost;
  return ofBuilder(builder, platform, onHost);
}

function ofBuilder(builder: Builder, platform: Platform, onHost: Emulator): Emulator {
  const image = builder.driverOptions.get("image");
  const told = (how: Emulator["how"], sentence: string): Emulator => ({ how, fact: { sentence, place: builder.fact.place } });
  if (builder.openOptions && image === undefined) return told("unknown", `nobody knows which image builder ${shownName(builder.name)} runs`);
  if (image !== undefined && !isBuildkitImage(image))
    return told("unknown", `nobody knows whether image "${image}" of builder ${shownName(builder.name)} holds emulators`);
  const emulates = buildkitImageEmulates(platform.architecture);
  if (emulates === true) return told("buildkit", `the BuildKit image of builder ${shownName(builder.name)} holds an emulator for ${platform.architecture}`);
  if (emulates === undefined) return told("unknown", `only older BuildKit images hold an emulator for ${platform.architecture}`);
  return onHost.how === "unknown"
    ? onHost
    : told("none", `the BuildKit image of builder ${shownName(builder.name)} holds no emulator for ${platform.architecture}`);
}

/** Drivers whose daemon is on another machine, nodes of other machines, and daemons at an address of the network. */
function isElsewhere(builder: Builder, { contexts }: Environment): boolean {
  if (builder.driver !== "docker-container" || builder.nodes.length > 1) return true;
  return NETWORK.test(contexts.get(builder.endpoint)?.endpoint ?? builder.endpoint);
}

const NETWORK = /^(?:tcp|ssh|https?):/;

/** What runs a platform's programs on the machine itself (`docker run`). */
export function hostEmulatorOf(environment: Environment, platform: Platform): Emulator {
  const { runner, emulators } = environment;
  const shown = formatPlatform(platform);
  const machine = runner.kind === "inspected" ? "this machine" : "the runner";
  const native = runner.architecture === undefined ? undefined : runsNatively(runner.architecture, platform);
  if (native === true) return { how: "native", fact: { sentence: `${machine} runs ${shown} itself`, place: runner.fact.place } };
  const { architectures } = emulators;
  const registered = architectures === "all" || architectures.has(platform.architecture);
  if (registered) return { how: "host", fact: { sentence: `an emulator for ${platform.architecture} is installed`, place: emulators.fact?.place } };
  if (runner.architecture === undefined || emulators.open) {
    return { how: "unknown", fact: { sentence: `nobody knows whether ${machine} can run ${shown}`, place: runner.fact.place } };
  }
  if (native === undefined) return { how: "unknown", fact: { sentence: `not every ${runner.architecture} processor runs ${shown}`, place: runner.fact.place } };
  return { how: "none", fact: { sentence: `${machine} is ${runner.architecture} and has no emulator for ${platform.architecture}`, place: runner.fact.place } };
}
