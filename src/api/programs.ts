import type { World } from "../adapters/node/world.ts";
import type { RunSettings } from "../engine/run-settings.ts";
import type { SandboxHost } from "../engine/sandbox.ts";
import type { BuildPlan } from "../plan/graph.ts";
import { machineSandbox } from "./machine-sandbox.ts";
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
  session: Session,
  plan: BuildPlan,
  use: (programs: Programs) => Promise<T>,
): Promise<T> {
  const { settings, notes, close } = runSettings(request, world);
  const hasPrograms = plan.vertices.some(({ kind }) => kind === "run");
  const note = (message: string): void => request.events?.emit({ type: "warning", message, atMs: world.clock.nowMs() });
  const sandbox = hasPrograms ? await machineSandbox({ ...request, note }, world, session) : undefined;
  try {
    return await use({ run: settings, notes, ...(sandbox === undefined ? {} : { sandbox }) });
  } finally {
    await sandbox?.close();
    await close();
  }
}
