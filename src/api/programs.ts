import { findEmulators } from "../adapters/node/sandbox/emulators/find.ts";
import { obtainEmulators } from "../adapters/node/sandbox/emulators/obtain.ts";
import type { SandboxHostOptions } from "../adapters/node/sandbox/sandbox-host.ts";
import type { World } from "../adapters/node/world.ts";
import type { RunSettings } from "../engine/run-settings.ts";
import type { SandboxHost } from "../engine/sandbox.ts";
import type { BuildPlan } from "../plan/graph.ts";
import { emulatorFolder } from "./emulator-folder.ts";
import type { BuildRequest } from "./request.ts";
import { runSettings } from "./run-settings.ts";
import type { Session } from "./session.ts";

/** What RUN steps need, beside the plan. */
export interface Programs {
  /** Absent where no program can run at all: not on Linux. */
  readonly sandbox?: SandboxHost;
  readonly run: RunSettings;
  readonly notes: readonly string[];
}

/**
 * Reads what the command line gives to RUN steps, hands it and the machine's sandbox to `use`, and ends in every case what was started. A plan without RUN starts nothing
 * and asks nothing of the machine.
 * @throws {ProblemError} `usage` | `secret-missing` | what `obtainEmulators` throws
 */
export async function withPrograms<T>(
  request: BuildRequest,
  world: World,
  { store, client }: Session,
  plan: BuildPlan,
  use: (programs: Programs) => Promise<T>,
): Promise<T> {
  const { settings, notes, close } = runSettings(request, world);
  const folder = emulatorFolder(store);
  const emulators = async (): ReturnType<typeof obtainEmulators> => {
    const specs = request.emulators ?? [];
    const given =
      specs.length === 0
        ? []
        : await obtainEmulators(specs, {
            folder,
            cwd: world.cwd,
            env: world.env,
            machine: world.buildPlatform,
            client,
            nowMs: () => world.clock.nowMs(),
            note: (message) => request.events?.emit({ type: "warning", message, atMs: world.clock.nowMs() }),
            ...(request.signal === undefined ? {} : { signal: request.signal }),
          });
    return findEmulators({ folder, machine: world.buildPlatform.architecture, env: world.env, given });
  };
  const hasPrograms = plan.vertices.some(({ kind }) => kind === "run");
  const sandbox = hasPrograms && world.runsLinux ? await machinesSandbox({ folder: store.sandboxFolder, machine: world.buildPlatform, emulators }) : undefined;
  try {
    return await use({ run: settings, notes, ...(sandbox === undefined ? {} : { sandbox }) });
  } finally {
    await sandbox?.close();
    await close();
  }
}

/** Its code is not loaded for plans without RUN. */
async function machinesSandbox(options: SandboxHostOptions): Promise<SandboxHost> {
  const { sandboxHost } = await import("../adapters/node/sandbox/sandbox-host.ts");
  return sandboxHost(options);
}
