export { build } from "./api/build.ts";
export { type FileReport, type ImageReport, type InspectOptions, inspect, inspectRaw, type LayerReport, type PlatformReport } from "./api/inspect.ts";
export { type PlannedImage, type PlannedVertex, type PlanReport, plan } from "./api/plan.ts";
export { type PrunedItem, type PruneReport, type PruneRequest, prune } from "./api/prune.ts";
export { type AccessLine, type RegistryServer, type ServeRequest, serveRegistry } from "./api/registry.ts";
export type { BuildEvent, BuildOutcome, BuildRequest, BuiltPlatform, EventSink, PlanOptions } from "./api/request.ts";
export type { SessionOptions } from "./api/session.ts";
export { type Facts, isProblem, PROBLEMS, type ProblemCode, type ProblemDetails, ProblemError } from "./core/problem.ts";
