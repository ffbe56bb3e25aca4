import { formatPlatform } from "../../core/platform.ts";
import type { BuildPlan } from "../../plan/graph.ts";
import type { BuildNeeds } from "./option.ts";

/** What a plan asks of the engine that builds it. */
export function buildNeeds({ vertices }: Pick<BuildPlan, "vertices">): BuildNeeds {
  const programs = new Map(vertices.flatMap((vertex) => (vertex.kind === "run" ? [[formatPlatform(vertex.platform), vertex.platform] as const] : [])));
  return { programs: [...programs.values()] };
}
