import { byCodeUnit } from "../../core/order.ts";
import { formatPlatform } from "../../core/platform.ts";
import { ProblemError } from "../../core/problem.ts";
import { stableJson } from "../../core/stable-json.ts";
import type { Annotation, BuildOptions, LayerOptions } from "../engine.ts";
import { type DockerOutput, holdsImage, type ImageOutput, type OciOutput, type Output } from "./output.ts";
import { namesOf } from "./parse-output.ts";

/** What the command line says about outputs, as given. */
export interface OutputFlags {
  readonly outputs: readonly Output[];
  readonly push: boolean;
  readonly load: boolean;
  /** `-t`, as given. */
  readonly tags: readonly string[];
  /** From `--annotation`; they go to every output that holds an image. */
  readonly annotations: readonly Annotation[];
}

/** Outputs as they will be made, and what the engine must know of them to pack the image once for all. */
export interface SettledOutputs {
  readonly outputs: readonly Output[];
  readonly build: Pick<BuildOptions, "layers" | "ociMediaTypes" | "annotations">;
}

const NO_ATTRIBUTES = { names: [], layers: {}, annotations: [], rewriteTimestamp: false } as const;
const PUSH: ImageOutput = { type: "image", ...NO_ATTRIBUTES, push: true, pushByDigest: false, nameCanonical: false, insecure: false };
const LOAD: DockerOutput = { type: "docker", ...NO_ATTRIBUTES, tar: true };

/**
 * Joins `--output`, `--push`, `--load` and `-t` as `docker buildx build` does: `--push` makes every image output push, `--load` adds a load into Docker,
 * and tags take the place of the names that outputs give.
 * @throws {ProblemError} `usage` | `output-conflict` (two outputs want the image packed differently) | `reference-malformed`
 * @see docker/buildx commands/build.go (RunBuild) and build/opt.go (toSolveOpt, CreateExports) at 461836b (2026-08-20)
 */
export function settleOutputs(flags: OutputFlags): SettledOutputs {
  let outputs: readonly Output[] = flags.outputs;
  if (flags.push) {
    outputs = outputs.some((output) => output.type === "image")
      ? outputs.map((output) => (output.type === "image" ? { ...output, push: true } : output))
      : [...outputs, PUSH];
  }
  if (flags.load && !outputs.some((output) => output.type === "docker" && output.dest === undefined)) outputs = [...outputs, LOAD];
  outputs = outputs.map((output) => (holdsImage(output) ? named(output, flags) : output));
  refuseNameless(outputs);
  refuseSecondStdout(outputs);
  return { outputs, build: packing(outputs.filter(holdsImage), flags.annotations) };
}

function named(output: ImageOutput | OciOutput | DockerOutput, flags: OutputFlags): Output {
  const byDigest = output.type === "image" && output.pushByDigest;
  return {
    ...output,
    ...(flags.tags.length === 0 ? {} : { names: flags.tags.flatMap((tag) => namesOf(tag, byDigest)) }),
    annotations: [...output.annotations, ...flags.annotations],
  };
}

function refuseNameless(outputs: readonly Output[]): void {
  if (outputs.some((output) => output.type === "image" && output.push && output.names.length === 0))
    throw new ProblemError("usage", { message: "an image is to be pushed and has no name", hint: "add -t REGISTRY/REPOSITORY:TAG" });
}

function refuseSecondStdout(outputs: readonly Output[]): void {
  if (outputs.filter((output) => "dest" in output && output.dest === "-").length > 1)
    throw new ProblemError("usage", { message: "several outputs write to stdout", hint: "give all but one of them dest=FILE" });
}

/** The image is packed once, so its outputs must agree on how. */
function packing(outputs: readonly (ImageOutput | OciOutput | DockerOutput)[], fallback: readonly Annotation[]): SettledOutputs["build"] {
  const of = (output: ImageOutput | OciOutput | DockerOutput): SettledOutputs["build"] => {
    const layers: LayerOptions = { compression: "gzip", force: false, ...output.layers };
    return { layers, ociMediaTypes: output.ociMediaTypes ?? true, annotations: lastOfEach(output.annotations) };
  };
  const [first, ...rest] = outputs;
  if (first === undefined) return { layers: { compression: "gzip", force: false }, ociMediaTypes: true, annotations: lastOfEach(fallback) };
  const wanted = of(first);
  for (const other of rest) {
    if (stableJson(of(other)) !== stableJson(wanted))
      throw new ProblemError("output-conflict", {
        message: `the outputs type=${first.type} and type=${other.type} want different compression, media types or annotations of the same image`,
        hint: "give them the same attributes, or build twice: what is in the store is not built again",
      });
  }
  return wanted;
}

/** One value for each place and key, sorted; the last one given wins, as in BuildKit's map of attributes. */
function lastOfEach(annotations: readonly Annotation[]): readonly Annotation[] {
  const keyOf = (a: Annotation): string => `${a.at}\n${a.platform === undefined ? "" : formatPlatform(a.platform)}\n${a.key}`;
  const last = new Map(annotations.map((annotation) => [keyOf(annotation), annotation]));
  return [...last].sort(([a], [b]) => byCodeUnit(a, b)).map(([, annotation]) => annotation);
}
