import { type Facts, ProblemError } from "../../core/problem.ts";
import type { BuildxProcess } from "./buildx.ts";
import { adviceFor } from "./failure-advice.ts";
import { dockerfilePlace } from "./failure-place.ts";
import type { HeardBuild } from "./raw-progress.ts";
import type { BuildkitBuilder } from "./request.ts";
import { failedAt, type NamedFailure, nameFailure, unnamed, vertexFacts } from "./vertex-failure.ts";

export type BuildxEnd = Awaited<BuildxProcess["ended"]>;

/**
 * Why a `docker buildx build` ended badly, as a problem of ours: with the words of BuildKit or Buildx, the place in the
 * Dockerfile, and what helps. Facts: `failure` (of the catalogue, where it is sure), `vertex`, `platform`, `file`, `line`,
 * `exitCode`, `command`, `output` (a program's last lines), `status` (of Buildx).
 * @returns any code of {@link KNOWN_FAILURES} | `run-failed` | `emulator-missing` | `dockerfile-semantics` | `interrupted` | `buildkit-failed`
 */
export async function buildkitFailure(heard: HeardBuild, ended: BuildxEnd, builder: BuildkitBuilder): Promise<ProblemError> {
  if (ended.kind === "missing")
    return new ProblemError("buildx-unavailable", {
      message: "there is no docker program on PATH",
      hint: "install Docker's command line with its Buildx plugin",
    });
  if (ended.kind === "unstartable")
    return new ProblemError("buildx-unavailable", { message: `docker cannot be started: ${ended.why}`, hint: "check the docker program on PATH" });
  const { failed } = heard;
  const place = dockerfilePlace(heard.words);
  const at = failedAt(failed, builder.shown, heard.answered);
  const words = failed?.error ?? errorWords(heard.words);
  const named = nameOf(words, failed?.lines ?? [], at, place !== undefined, ended.status);
  const advice = await adviceFor(heard);
  const facts: Facts = {
    ...named.details.facts,
    ...(failed === undefined ? {} : vertexFacts(failed)),
    ...(place === undefined ? {} : { file: place.file, line: place.line }),
    ...(advice.failure === undefined ? {} : { failure: advice.failure }),
    status: ended.status,
  };
  // The words for a vertex hold the instruction.
  const excerpt = failed === undefined ? place?.excerpt : "";
  const message = place === undefined ? named.details.message : `${place.file}:${place.line}: ${named.details.message}${excerpt}`;
  return new ProblemError(named.code, { message, hint: named.details.hint ?? advice.remedy, facts });
}

function nameOf(words: string, lines: readonly string[], at: ReturnType<typeof failedAt>, hasPlace: boolean, status: number): NamedFailure {
  const named = nameFailure(words, lines, at);
  if (named !== undefined) return named.code === "dockerfile-syntax" ? { ...named, details: { ...named.details, message: withoutPlace(words) } } : named;
  if (words.endsWith("context canceled")) return { code: "interrupted", details: { message: "the build was stopped" } };
  if (words === "") return { code: "buildkit-failed", details: { message: `docker buildx build ended with status ${status} and did not say why` } };
  const own = unnamed(words, at);
  // Only what the Dockerfile itself is blamed for has a place in it without a vertex.
  return hasPlace && at.instruction === "" ? { ...own, code: "dockerfile-semantics" } : own;
}

const withoutPlace = (words: string): string => words.replace(/^dockerfile parse error(?: on line \d+)?: /, "");

/** What stands before the cause: Buildx's and the solver's frames, and the image that was looked for. */
const FRAMES =
  /^(?:ERROR: |failed to build: |failed to solve: |(?:Canceled|Unknown|Unavailable|ResourceExhausted|NotFound|Internal|InvalidArgument): (?=\S)|failed to (?:compute|load) cache key: |(?:\S+: )?failed to resolve source metadata for \S+: )/;

/** The error that Buildx ends with, without its frames; its last words where it names none. */
export function errorWords(words: readonly string[]): string {
  const from = words.findLastIndex((line) => line.startsWith("ERROR: "));
  let text = (from === -1 ? words : words.slice(from)).join("\n").trim();
  for (let before = ""; before !== text; ) {
    before = text;
    text = text.replace(FRAMES, "");
  }
  return text;
}
