import { actionLine, type BuildxCommand, type BuildxMessage, buildxLines } from "../facts/buildx.ts";
import type { Prediction } from "../findings/finding.ts";
import type { Through } from "./operation.ts";

/** What a refusal of Buildx looks like in the log of what runs it; undefined when that version does not refuse. */
export function refusalLog(
  message: BuildxMessage,
  values: Readonly<Record<string, string>>,
  through: Through,
  version: string | undefined,
): Prediction | undefined {
  const lines = buildxLines(message, values, version, commandOf(through));
  if (lines === undefined) return undefined;
  const isAction = through === "docker/build-push-action" || through === "docker/bake-action";
  return { tool: through, lines: isAction ? [...lines, actionLine(through, lines.at(-1) as string)] : lines };
}

/** Of a builder that is not there: found out before anything is built, by the actions when they look at it. */
export function missingBuilderLog(message: BuildxMessage, name: string, through: Through, version: string | undefined): Prediction {
  const lines = buildxLines(message, { name }, version, "other") ?? [];
  const isAction = through === "docker/build-push-action" || through === "docker/bake-action";
  return { tool: through, lines: isAction ? lines.map((line) => `Error: ${line}`) : lines };
}

const commandOf = (through: Through): BuildxCommand =>
  through === "docker/bake-action" || through === "docker buildx bake" || through === "docker compose" ? "other" : "build";
