import { findEmulators } from "../adapters/node/sandbox/emulators/find.ts";
import { obtainEmulators } from "../adapters/node/sandbox/emulators/obtain.ts";
import type { World } from "../adapters/node/world.ts";
import type { SandboxHost } from "../engine/sandbox.ts";
import { emulatorFolder } from "./emulator-folder.ts";
import type { Session } from "./session.ts";

interface EmulatorRequest {
  /** `--emulator`: what `obtainEmulators` takes. */
  readonly emulators?: readonly string[] | undefined;
  readonly note?: ((message: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * This machine's sandbox; undefined where there can be none: not on Linux. Nothing is started, and no emulator fetched, before it is asked for something.
 * What `obtainEmulators` throws, `ability` and `open` throw.
 */
export async function machineSandbox(
  { emulators: specs = [], note, signal }: EmulatorRequest,
  world: World,
  session: Session,
): Promise<SandboxHost | undefined> {
  if (!world.runsLinux) return undefined;
  // Its code is not loaded by commands that start nothing.
  const { sandboxHost } = await import("../adapters/node/sandbox/sandbox-host.ts");
  const folder = emulatorFolder(session.store);
  const { architecture } = world.buildPlatform;
  return sandboxHost({
    folder: session.store.sandboxFolder,
    machine: world.buildPlatform,
    async emulators() {
      const given = await obtainEmulators(specs, {
        folder,
        cwd: world.cwd,
        env: world.env,
        machine: world.buildPlatform,
        client: session.client,
        nowMs: () => world.clock.nowMs(),
        ...(note === undefined ? {} : { note }),
        ...(signal === undefined ? {} : { signal }),
      });
      return findEmulators({ folder, machine: architecture, env: world.env, given });
    },
  });
}
