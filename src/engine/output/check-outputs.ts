import { ProblemError } from "../../core/problem.ts";
import { onePlatformOnly } from "./export-files.ts";
import { holdsImage, type Output } from "./output.ts";
import type { DockerDaemon } from "./ports.ts";

export interface OutputFacts {
  /** What will be built, as `formatPlatform` prints it. */
  readonly platforms: readonly string[];
  readonly stdoutIsTerminal: boolean;
  /** `--iidfile` was given. */
  readonly iidfile: boolean;
}

/**
 * Refuses, before anything is built, outputs that could not hold what will be built. Docker is asked only when several platforms are to be loaded.
 * @throws {ProblemError} `output-conflict` | `usage` | `docker-unavailable`
 */
export async function checkOutputs(outputs: readonly Output[], facts: OutputFacts, docker: DockerDaemon, signal?: AbortSignal): Promise<void> {
  for (const output of outputs) {
    if ("dest" in output && output.dest === "-" && facts.stdoutIsTerminal)
      throw new ProblemError("output-conflict", {
        message: `type=${output.type} is not written to a terminal`,
        hint: "add dest=FILE, or send stdout to a file or program",
      });
    if (output.type !== "docker" || facts.platforms.length < 2) continue;
    if (output.dest !== undefined) throw onePlatformOnly("a Docker archive", facts.platforms, "use type=oci, or build one platform");
    if (!(await docker.takesIndexes(output.context, signal)))
      throw onePlatformOnly(
        "Docker's classic image store",
        facts.platforms,
        "switch Docker to the containerd image store, build one platform, or push to a registry",
      );
  }
  // As buildx, which has no ID for files (commands/build.go at 461836b).
  if (facts.iidfile && outputs.length > 0 && !outputs.some(holdsImage))
    throw new ProblemError("usage", {
      message: "--iidfile wants an image, and the outputs hold files only",
      hint: "leave --iidfile out, or add --output type=oci,dest=FILE",
    });
}
