import type { World } from "../adapters/node/world.ts";
import type { Platform } from "../core/platform.ts";
import type { SandboxAbility } from "../engine/sandbox.ts";
import { machineSandbox } from "./machine-sandbox.ts";
import { type SessionOptions, withSession } from "./session.ts";

interface AbilityRequest extends SessionOptions {
  readonly emulators?: readonly string[] | undefined;
  readonly note?: ((message: string) => void) | undefined;
}

/** What our own engine's sandbox can run of these platforms, found by trying, now. @throws {ProblemError} `store-unusable` | what bringing an emulator throws */
export async function sandboxAbility(platforms: readonly Platform[], request: AbilityRequest, world: World): Promise<SandboxAbility> {
  return world.runsLinux ? await tried(platforms, request, world) : notLinux(platforms);
}

async function tried(platforms: readonly Platform[], request: AbilityRequest, world: World): Promise<SandboxAbility> {
  return await withSession(world, request, async (session) => {
    const host = await machineSandbox(request, world, session);
    try {
      return host === undefined ? notLinux(platforms) : await host.ability(platforms, false);
    } finally {
      await host?.close();
    }
  });
}

function notLinux(platforms: readonly Platform[]): SandboxAbility {
  const why = "RUN steps take Linux";
  return {
    world: "none",
    why,
    notes: ["build in a virtual machine or container with Linux", "build with BuildKit: docker buildx build"],
    snapshots: "copy",
    platforms: platforms.map((platform) => ({ platform, how: "impossible", why })),
  };
}
