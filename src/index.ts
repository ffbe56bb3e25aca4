export { build } from "./api/build.ts";
export { type ImageReport, type InspectOptions, inspect, inspectRaw, type PlatformReport } from "./api/inspect.ts";
export { plan } from "./api/plan.ts";
export { type PruneRequest, prune } from "./api/prune.ts";
export { type ServeRequest, serveRegistry } from "./api/registry.ts";
export type { BuildOutcome, BuildRequest, BuiltPlatform, PlanOptions } from "./api/request.ts";
export { isProblem, PROBLEMS, type ProblemCode, ProblemError } from "./core/problem.ts";
