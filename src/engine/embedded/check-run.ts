import { formatPlatform } from "../../core/platform.ts";
import { ProblemError } from "../../core/problem.ts";
import type { BuildPlan, RunVertex } from "../../plan/graph.ts";
import type { SandboxAbility } from "../sandbox.ts";
import { whereIs } from "./where-is.ts";

/**
 * Why the RUN steps of a plan cannot be run on this machine, told before anything is built; empty when they can, and when there are none.
 * @param ability  for at least the platforms that RUN steps of the plan run on
 * @returns problems `sandbox-unavailable` (one, with the steps) | `emulator-missing` (one a platform, with its steps)
 */
export function runProblems(plan: BuildPlan, ability: SandboxAbility): ProblemError[] {
  const programs = plan.vertices.filter((vertex) => vertex.kind === "run");
  if (programs.length === 0) return [];
  if (ability.world === "none") {
    return [
      new ProblemError("sandbox-unavailable", {
        message: `RUN takes a sandbox, which this machine does not give: ${ability.why}; needed by ${stepsText(programs)}`,
        hint: ability.notes.length === 0 ? undefined : ability.notes.join("; or "),
        facts: { steps: programs.length },
      }),
    ];
  }
  const byPlatform = new Map<string, RunVertex[]>();
  for (const program of programs) {
    const name = formatPlatform(program.platform);
    byPlatform.set(name, [...(byPlatform.get(name) ?? []), program]);
  }
  return [...byPlatform].flatMap(([name, steps]) => {
    const found = ability.platforms.find(({ platform }) => formatPlatform(platform) === name);
    if (found !== undefined && found.how !== "impossible") return [];
    return [
      new ProblemError("emulator-missing", {
        message: `programs for ${name} cannot run on this machine: ${found?.why ?? "nobody tried"}; needed by ${stepsText(steps)}`,
        hint: WAYS_OUT,
        facts: { platform: name, steps: steps.length },
      }),
    ];
  });
}

const WAYS_OUT =
  "install the package qemu-user-static; or let multihull fetch it: --emulator debian, or --emulator IMAGE@sha256:… for an image that holds QEMU; or build that platform on a machine of its own; or do the step on $BUILDPLATFORM";

/** More would hide the rest of the sentence. */
const MOST_STEPS = 8;

/** `Dockerfile:3, Dockerfile:7`, each once. */
function stepsText(programs: readonly RunVertex[]): string {
  const places = [...new Set(programs.map(whereIs))];
  const rest = places.length - MOST_STEPS;
  return rest > 0 ? `${places.slice(0, MOST_STEPS).join(", ")} and ${rest} more` : places.join(", ");
}
