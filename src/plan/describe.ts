import { bestMatch, formatPlatform, type Platform } from "../core/platform.ts";
import { positionOf } from "../core/span.ts";
import type { BuildPlan, ImagePlan, Vertex } from "./graph.ts";
import { needsOf } from "./vertices.ts";

/** A plan for `multihull plan --json`: plain data, stable over runs and machines. */
export interface PlanReport {
  readonly version: 1;
  readonly images: readonly PlannedImage[];
  /** Each after those it needs. */
  readonly vertices: readonly PlannedVertex[];
  readonly summary: {
    readonly platforms: number;
    readonly vertices: number;
    /** Vertices that serve more than one platform. */
    readonly shared: number;
    /** Vertices that run a program. */
    readonly runs: number;
  };
  /** SOURCE_DATE_EPOCH in seconds. */
  readonly epoch?: number;
  readonly warnings: readonly string[];
}

/** What a platform's image will be made of. */
export interface PlannedImage {
  readonly platform: string;
  /** Base image, full reference with digest; absent for scratch. */
  readonly base?: string;
  /** Layers of the base and those that this build adds. */
  readonly layers: { readonly base: number; readonly added: number };
  /** How the programs of its RUN steps get to run: here, under an emulator, or not at all because there are none. */
  readonly execution: "native" | "emulated" | "none";
}

/** A step, or a source of files, with the platforms that it serves and the steps that it needs. */
export interface PlannedVertex {
  readonly id: string;
  readonly kind: Vertex["kind"];
  readonly name: string;
  readonly platforms: readonly string[];
  readonly needs: readonly string[];
  /** Line in the Dockerfile, from 1. */
  readonly line?: number;
  /** Platform whose programs run; only of `run`. */
  readonly runsOn?: string;
}

/**
 * The plan as data for people and programs.
 * @param machine  platform of the machine that would run programs
 */
export function describePlan(plan: BuildPlan, machine: Platform): PlanReport {
  const { vertices, images, epoch, warnings } = plan;
  return {
    version: 1,
    images: images.map((image) => describeImage(image, vertices, machine)),
    vertices: vertices.map(describeVertex),
    summary: {
      platforms: images.length,
      vertices: vertices.length,
      shared: vertices.filter(({ platforms }) => platforms.length > 1).length,
      runs: vertices.filter(({ kind }) => kind === "run").length,
    },
    ...(epoch === undefined ? {} : { epoch }),
    warnings,
  };
}

function describeImage({ platform, files }: ImagePlan, vertices: readonly Vertex[], machine: Platform): PlannedImage {
  const name = formatPlatform(platform);
  const base = vertices.find(({ id }) => id === files.base);
  const runs = vertices.flatMap((vertex) => (vertex.kind === "run" && vertex.platforms.includes(name) ? [vertex] : []));
  const foreign = runs.some((run) => bestMatch(machine, [run]) === undefined);
  return {
    platform: name,
    ...(base?.kind === "image" ? { base: base.reference } : {}),
    layers: { base: base?.kind === "image" ? base.manifest.value.layers.length : 0, added: files.layers.length },
    execution: runs.length === 0 ? "none" : foreign ? "emulated" : "native",
  };
}

function describeVertex(vertex: Vertex): PlannedVertex {
  const { id, kind, name, platforms, place } = vertex;
  return {
    id,
    kind,
    name,
    platforms,
    needs: needsOf(vertex),
    ...(place === undefined ? {} : { line: positionOf(place.file, place.span.start).line }),
    ...(kind === "run" ? { runsOn: formatPlatform(vertex.platform) } : {}),
  };
}
