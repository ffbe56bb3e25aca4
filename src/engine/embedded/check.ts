import { bestMatch, formatPlatform, platformOf, samePlatform } from "../../core/platform.ts";
import { ProblemError } from "../../core/problem.ts";
import type { BuildPlan, ImageVertex, RunVertex } from "../../plan/graph.ts";
import type { BuildOptions } from "../engine.ts";
import { NO_RUN_SETTINGS } from "../run-settings.ts";
import type { SandboxHost } from "../sandbox.ts";
import { runProblems } from "./check-run.ts";
import { checkRunSettings } from "./check-run-settings.ts";
import { whereIs } from "./where-is.ts";

/**
 * Why the embedded engine cannot build a plan; empty when it can.
 * @param sandbox  where programs would run; asked only when the plan has some
 * @returns problems `run-unsupported` | `sandbox-unavailable` | `emulator-missing` | `secret-missing` | `entitlement-missing` | `feature-unsupported` |
 *   `platform-conflict` | `output-conflict`, all of them
 */
export async function checkPlan(plan: BuildPlan, options: BuildOptions, sandbox: SandboxHost | undefined): Promise<ProblemError[]> {
  return [
    ...(await checkPrograms(plan, options, sandbox)),
    ...checkCompression(options),
    ...plan.vertices.filter((vertex) => vertex.kind === "image").flatMap(checkBase),
    ...checkAnnotations(plan, options),
  ];
}

async function checkPrograms(plan: BuildPlan, options: BuildOptions, sandbox: SandboxHost | undefined): Promise<ProblemError[]> {
  const programs = plan.vertices.filter((vertex) => vertex.kind === "run");
  if (programs.length === 0) return [];
  if (sandbox === undefined) return programs.map(runUnsupported);
  const refused = checkRunSettings(plan, options.run ?? NO_RUN_SETTINGS);
  // One platform once: what is tried takes time.
  const platforms = new Map(programs.map(({ platform }) => [formatPlatform(platform), platform]));
  return [...refused, ...runProblems(plan, await sandbox.ability([...platforms.values()]))];
}

function runUnsupported(vertex: RunVertex): ProblemError {
  const where = whereIs(vertex);
  return new ProblemError("run-unsupported", {
    message: `${where}: RUN runs a program, which takes Linux (for ${vertex.platforms.join(", ")})`,
    hint: "build it on Linux, or with BuildKit: docker buildx create --driver docker-container --use, then docker buildx build; or COPY what the program would make",
    facts: { where, platform: formatPlatform(vertex.platform) },
  });
}

function checkCompression({ layers }: BuildOptions): ProblemError[] {
  if (layers.compression === "gzip" || layers.compression === "uncompressed") return [];
  return [
    new ProblemError("feature-unsupported", {
      message: `layers cannot be written with compression "${layers.compression}": this Node has no writer for it`,
      hint: "use compression=gzip or compression=uncompressed, or build with docker buildx build",
      facts: { compression: layers.compression },
    }),
  ];
}

/** The config of a base must tell of the platform that the base was taken for: else what is published as arm64 runs nowhere. */
function checkBase(vertex: ImageVertex): ProblemError[] {
  const said = platformOf(vertex.config);
  if (said.os === "" || said.architecture === "" || bestMatch(vertex.platform, [{ platform: said }]) !== undefined) return [];
  return [
    new ProblemError("platform-conflict", {
      message: `${vertex.reference} was taken for ${formatPlatform(vertex.platform)}, its config says ${formatPlatform(said)}`,
      hint: "the image was put together wrongly: use another base, or say FROM --platform with what it really is",
      facts: { reference: vertex.reference, wanted: formatPlatform(vertex.platform), got: formatPlatform(said) },
    }),
  ];
}

function checkAnnotations(plan: BuildPlan, { annotations, ociMediaTypes }: BuildOptions): ProblemError[] {
  const problems: ProblemError[] = [];
  const refuse = (message: string, hint: string): void => void problems.push(new ProblemError("output-conflict", { message, hint }));
  for (const { at, platform, key } of annotations) {
    if (platform !== undefined && !plan.images.some((image) => samePlatform(image.platform, platform))) {
      refuse(
        `annotation "${key}" is for ${formatPlatform(platform)}, which is not built`,
        `built are ${plan.images.map((i) => formatPlatform(i.platform)).join(", ")}`,
      );
    }
    if (!ociMediaTypes && at !== "manifest") refuse(`annotation "${key}" cannot stand in Docker's media types`, "leave oci-mediatypes=false out");
    if (plan.images.length < 2 && (at === "index" || at === "index-descriptor")) {
      refuse(`annotation "${key}" is for an index, and one platform makes none`, "write it as manifest:, or build several platforms");
    }
  }
  return problems;
}
