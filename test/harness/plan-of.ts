import { ComplaintsError } from "../../src/core/complaint.ts";
import { parsePlatform } from "../../src/core/platform.ts";
import { positionOf } from "../../src/core/span.ts";
import { parseDockerfile } from "../../src/dockerfile/parse.ts";
import type { BuildPlan, CopyVertex, ImagePlan, Vertex } from "../../src/plan/graph.ts";
import { planBuild } from "../../src/plan/plan-build.ts";
import type { NamedContext, PlanRequest } from "../../src/plan/request.ts";
import { type FakeImage, fakeImages } from "./fake-images.ts";

/** A request in few words: what is left out has no part in the case. */
export interface PlanCase extends Partial<Omit<PlanRequest, "dockerfile" | "platforms" | "buildPlatform" | "buildArgs" | "labels" | "namedContexts">> {
  readonly platforms?: readonly string[];
  readonly build?: string;
  readonly args?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly contexts?: Readonly<Record<string, NamedContext>>;
  readonly images?: Readonly<Record<string, FakeImage>>;
}

/** Plans a Dockerfile given as lines. One platform, linux/amd64, unless told. */
export function planOf(lines: string | readonly string[], about: PlanCase = {}): Promise<BuildPlan> {
  const { platforms = ["linux/amd64"], build = "linux/amd64", args = {}, labels = {}, contexts = {}, images = {}, ...rest } = about;
  const text = typeof lines === "string" ? lines : `${lines.join("\n")}\n`;
  return planBuild(
    {
      dockerfile: parseDockerfile({ name: "Dockerfile", text }),
      platforms: platforms.map((platform) => parsePlatform(platform)),
      buildPlatform: parsePlatform(build),
      buildArgs: new Map(Object.entries(args)),
      labels: new Map(Object.entries(labels)),
      namedContexts: new Map(Object.entries(contexts)),
      ...rest,
    },
    { images: fakeImages({ "docker.io/library/debian:12": {}, "docker.io/library/alpine:latest": {}, ...images }) },
  );
}

/** The only image of a plan. */
export async function imageOf(lines: readonly string[], about: PlanCase = {}): Promise<ImagePlan> {
  const { images } = await planOf(lines, about);
  const [image] = images;
  if (image === undefined || images.length > 1) throw new Error(`${images.length} images`);
  return image;
}

/** What is wrong, each as `line:column code message`. Fails when nothing is. */
export async function complaintsOf(lines: readonly string[], about: PlanCase = {}): Promise<string[]> {
  try {
    await planOf(lines, about);
  } catch (error) {
    if (!(error instanceof ComplaintsError)) throw error;
    return error.complaints.map(({ code, message, place }) => {
      const { line, column } = positionOf(place.file, place.span.start);
      return `${line}:${column} ${code} ${message}`;
    });
  }
  throw new Error("nothing was wrong");
}

/** The vertices of a kind. */
export const ofKind = <K extends Vertex["kind"]>(plan: BuildPlan, kind: K): Extract<Vertex, { kind: K }>[] =>
  plan.vertices.filter((vertex): vertex is Extract<Vertex, { kind: K }> => vertex.kind === kind);

/** The only COPY or ADD of a plan. */
export async function copyOf(lines: readonly string[], about: PlanCase = {}): Promise<CopyVertex> {
  const copies = ofKind(await planOf(lines, about), "copy");
  const [copy] = copies;
  if (copy === undefined || copies.length > 1) throw new Error(`${copies.length} copies`);
  return copy;
}
