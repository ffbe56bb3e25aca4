import { join } from "node:path";
import { mayRegister, registrableEmulators } from "../adapters/node/host/binfmt-changer.ts";
import { isReadOnly } from "../adapters/node/host/change-file.ts";
import { withScratchFile } from "../adapters/node/host/change-scratch.ts";
import type { World } from "../adapters/node/world.ts";
import { formatPlatform } from "../core/platform.ts";
import { buildxFolder } from "../host/buildx-folder.ts";
import type { HostFacts } from "../host/facts.ts";
import { planBuildxRemedy } from "../host/fix/buildx-remedy.ts";
import type { HostFixPlan } from "../host/fix/change.ts";
import { planContainerdRemedy } from "../host/fix/containerd-remedy.ts";
import { type EmulatorPlan, planEmulators } from "../host/fix/emulator-plan.ts";
import type { HostPorts } from "../host/read-facts.ts";
import type { HostFixRequest } from "./fix-host.ts";
import { parsePlatforms } from "./flags.ts";

/** Where plans look, and for whom. */
export interface PlanWith {
  readonly ports: HostPorts;
  readonly world: Pick<World, "env" | "home" | "cwd" | "buildPlatform">;
  /** The store's, which need not be there. */
  readonly folder: string;
}

/** Platforms that were asked for, in their usual form. @throws {ProblemError} `platform-malformed` | `platform-unknown` */
export const wantedPlatforms = (request: HostFixRequest, world: Pick<World, "buildPlatform">): readonly string[] =>
  parsePlatforms(request.platforms ?? [], world.buildPlatform).map(formatPlatform);

/** What the remedy that was asked for would change. Changes nothing. @throws {ProblemError} what the remedies throw */
export async function planHostFix(
  facts: HostFacts,
  request: HostFixRequest & { readonly with: "buildx" | "containerd" },
  given: PlanWith,
): Promise<HostFixPlan> {
  const { ports, world, folder } = given;
  const platforms = wantedPlatforms(request, world);
  const emulation = {
    emulators: registrableEmulators({ folder: join(folder, "sandbox", "emulators"), env: world.env, machine: ports.machine.architecture }),
    mayRegister: mayRegister(),
  };
  if (request.with === "buildx") {
    const proxied = ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"].some((name) => Boolean(world.env[name]));
    const ask = {
      platforms,
      name: request.name,
      image: request.image,
      insecureRegistries: request.insecureRegistries ?? [],
      configFolder: join(folder, "builders"),
      buildxFolder: buildxFolder(world.env, world.home),
      proxied,
      ...emulation,
    };
    return planBuildxRemedy(facts, ask, ports.files);
  }
  const plan = await planContainerdRemedy(
    facts,
    { daemonConfig: request.daemonConfig, restart: request.restart, signal: request.signal },
    { files: ports.files, programs: ports.programs, withScratchFile, isReadOnly },
  );
  const emulators: EmulatorPlan = planEmulators(facts, { platforms, driver: "docker", built: builtByDocker(facts), ...emulation });
  return { ...plan, changes: [...emulators.changes, ...plan.changes], notes: [...plan.notes, ...emulators.notes] };
}

/** Platforms that the builder of the daemon says it builds for. */
function builtByDocker(facts: HostFacts): readonly string[] {
  const name = facts.endpoint.known ? (facts.endpoint.value.context ?? "default") : "default";
  const builders = facts.builders.known ? facts.builders.value : [];
  return builders.filter((one) => one.driver === "docker" && one.name === name).flatMap(({ nodes }) => nodes.flatMap(({ platforms }) => platforms));
}
