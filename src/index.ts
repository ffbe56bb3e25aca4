export { build } from "./api/build.ts";
export {
  type CutJob,
  type DoctorReport,
  type DoctorRequest,
  doctor,
  type IgnoredFinding,
  type OnlineOptions,
  type RuleSummary,
  type UnreachedImage,
} from "./api/doctor.ts";
export {
  type Cause,
  type ExplainedFailure,
  type ExplainReport,
  type ExplainRequest,
  type Explanation,
  explain,
  type InRepository,
  type LocatedStep,
  type LogFacts,
  type LogForm,
  type LogLine,
  type StepInLog,
  type Where,
} from "./api/explain.ts";
export { type Advice, type AppliedFix, type FixChoice, type FixedFile, type FixReport, type FixRequest, fix, type Remaining } from "./api/fix.ts";
export { fixHost, type HostChange, type HostFixReport, type HostFixRequest } from "./api/fix-host.ts";
export { fixRunners, type MadeRunners, type RefusedRunners, type RunnersReport, type RunnersRequest } from "./api/fix-runners.ts";
export {
  type BuilderFact,
  type BuilderNodeFact,
  type BuildPrediction,
  type BuildWay,
  type DaemonFact,
  type HostFacts,
  type HostPlatform,
  type HostRemedy,
  type HostReport,
  type HostRequest,
  hostReport,
  type Known,
  type Unknown,
} from "./api/host.ts";
export { type FileReport, type ImageReport, type InspectOptions, inspect, inspectRaw, type LayerReport, type PlatformReport } from "./api/inspect.ts";
export { type PlannedEngine, type PlannedImage, type PlannedVertex, type PlanReport, plan } from "./api/plan.ts";
export { type PrunedItem, type PruneReport, type PruneRequest, prune } from "./api/prune.ts";
export { type AccessLine, type RegistryServer, type ServeRequest, serveRegistry } from "./api/registry.ts";
export type {
  BuildEvent,
  BuildOutcome,
  BuildRequest,
  BuiltPlatform,
  ChosenEngine,
  EngineName,
  EngineRequest,
  EventSink,
  PlanOptions,
  RunRequest,
  Verified,
} from "./api/request.ts";
export type { SessionOptions } from "./api/session.ts";
export {
  type Clause,
  type Comparison,
  type FileDifference,
  type ImageFinding,
  type ImagePlace,
  type LayerPlace,
  type PlatformComparison,
  type SmokeResult,
  type VerifiedPlatform,
  type VerifyOptions,
  type VerifyProgress,
  type VerifyReport,
  verify,
} from "./api/verify.ts";
export { type Facts, isProblem, PROBLEMS, type ProblemCode, type ProblemDetails, ProblemError } from "./core/problem.ts";
export type { Place, SourceFile, Span } from "./core/span.ts";
export type { Confidence, Fact, FileEdit, Finding, Fix, FixSafety, Prediction, Remedy, Replacement, Severity, When } from "./findings/finding.ts";
