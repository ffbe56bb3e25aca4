import { byCodeUnit } from "../core/order.ts";
import { formatPlatform, type Platform, parsePlatform } from "../core/platform.ts";
import { isProblem } from "../core/problem.ts";
import type { SourceFile } from "../core/span.ts";
import type { Dockerfile, FromInstruction, Instruction, Stage } from "../dockerfile/ast.ts";
import { parseDockerfile } from "../dockerfile/parse.ts";
import type { Build } from "../simulate/operation.ts";
import type { Readers } from "../simulate/readers.ts";
import { knownItems, textOf } from "../simulate/text.ts";
import type { Study, Trace } from "../simulate/trace.ts";
import { type BaseImages, NO_BASE_IMAGES } from "./base-images.ts";
import { dockerfilePaths } from "./dockerfile-path.ts";
import { type BuildEvent, type BuildHome, isBuildEvent } from "./rule.ts";
import { stageUses } from "./stage-use.ts";

/** A Dockerfile with every build of it that the simulation saw. */
export interface DockerfileUse {
  readonly dockerfile: Dockerfile;
  /** Path in the repository; of one that stands in a bake file, that file's with `#dockerfile-inline` behind it. */
  readonly path: string;
  /** Empty for a Dockerfile that no step builds. */
  readonly builds: readonly BuildEvent[];
  /** Normalized platforms that any build of it asks for, sorted; empty when none is known. A build that names none is of its runner's platform. */
  readonly platforms: readonly Platform[];
  /** The stages that some build needs, with the platforms they are built for; all stages when nothing builds it. */
  readonly stages: readonly StageUse[];
  /** What registries told of the images it is built upon. */
  readonly baseImages: BaseImages;
}

export interface StageUse {
  readonly stage: Stage;
  /** The stage's own FROM, and its instructions; `stage` again, at hand. */
  readonly from: FromInstruction;
  readonly instructions: readonly Instruction[];
  /** Where its programs run: on the builder's platform (`$BUILDPLATFORM`), on the target's, on one that is written down, or unknown (an ARG). */
  readonly runsOn: "build" | "target" | "constant" | "unknown";
  /** The constant, where it is one. */
  readonly constant: Platform | undefined;
  /** It is the last stage of a build (its `target`, or the file's last). */
  readonly final: boolean;
}

/**
 * The Dockerfiles that builds refer to, by path; each read once. Those that are not in the repository, are written by a step before, or
 * cannot be told (an expression) are left out.
 * @param others  paths of further Dockerfiles to look at, whether or not a step builds them
 */
export function dockerfileUses(study: Study, readers: Readers, others: readonly string[] = []): readonly DockerfileUse[] {
  const key = others.join("\n");
  const known = found.get(study)?.get(key);
  if (known !== undefined) return known;
  const builds = new Map<SourceFile, BuildEvent[]>();
  for (const path of others) for (const file of fileAt(path, readers)) builds.set(file, []);
  for (const at of buildsOf(study, readers)) {
    const file = dockerfileOf(at, readers);
    if (file === undefined) continue;
    const there = builds.get(file);
    if (there === undefined) builds.set(file, [at]);
    else there.push(at);
  }
  const uses = [...builds].map(([file, events]) => useOf(file, events)).sort((a, b) => byCodeUnit(a.path, b.path));
  found.set(study, new Map([[key, uses]]));
  return uses;
}

/** Asked for by the rules and by whoever tells the files' own mistakes. By the paths of the others. */
const found = new WeakMap<Study, ReadonlyMap<string, readonly DockerfileUse[]>>();

/** A build as the rules see it. */
export function buildEventOf(event: BuildEvent["event"], trace: Trace, readers: Readers, home?: BuildHome): BuildEvent {
  const build = event.operation;
  let file: SourceFile | null | undefined;
  const dockerfile = (): SourceFile | null => (file ??= dockerfileOf({ build, event, trace }, readers) ?? null);
  return {
    build,
    event,
    trace,
    home: trace.calledFrom.length === 0 ? home : undefined,
    get stages() {
      const found = dockerfile();
      return found === null ? undefined : stagesOf(found, build);
    },
    get dockerfile() {
      const found = dockerfile();
      return found === null ? undefined : parsed(found);
    },
  };
}

const parsedFiles = new WeakMap<SourceFile, Dockerfile>();
const staged = new WeakMap<SourceFile, WeakMap<Build, readonly StageUse[]>>();

function parsed(file: SourceFile): Dockerfile {
  const dockerfile = parsedFiles.get(file) ?? parseDockerfile(file);
  parsedFiles.set(file, dockerfile);
  return dockerfile;
}

function stagesOf(file: SourceFile, build: Build): readonly StageUse[] {
  const known = staged.get(file) ?? new WeakMap<Build, readonly StageUse[]>();
  staged.set(file, known);
  const stages = known.get(build) ?? stageUses(parsed(file), [build]);
  known.set(build, stages);
  return stages;
}

function* buildsOf(study: Study, readers: Readers): Iterable<BuildEvent> {
  for (const { jobs } of study.workflows) {
    for (const trace of jobs.flatMap((job) => job.traces)) {
      for (const event of trace.events) if (isBuildEvent(event)) yield buildEventOf(event, trace, readers);
    }
  }
}

/** A Dockerfile that stands in a bake file is the same one each time. */
const inlined = new WeakMap<SourceFile, Map<string, SourceFile>>();

function dockerfileOf(at: BuildEvent, readers: Readers): SourceFile | undefined {
  const { inline } = at.build;
  if (inline === undefined) return dockerfilePaths(at).flatMap((path) => fileAt(path, readers))[0];
  const text = textOf(inline);
  if (text === undefined) return undefined;
  const { file } = inline.place;
  const there = inlined.get(file) ?? new Map<string, SourceFile>();
  inlined.set(file, there);
  const source = there.get(text) ?? { name: `${file.name}#dockerfile-inline`, text };
  there.set(text, source);
  return source;
}

function fileAt(path: string, readers: Readers): readonly SourceFile[] {
  const read = readers.files.read(path);
  return read.kind === "text" ? [read.file] : [];
}

function useOf(file: SourceFile, events: readonly BuildEvent[]): DockerfileUse {
  const dockerfile = parsed(file);
  const builds = [...new Set(events.map((event) => event.build))];
  return { dockerfile, path: file.name, builds: events, platforms: platformsOf(events), stages: stageUses(dockerfile, builds), baseImages: NO_BASE_IMAGES };
}

function platformsOf(events: readonly BuildEvent[]): readonly Platform[] {
  const platforms = new Map<string, Platform>();
  for (const { build, event } of events) {
    const { os, architecture } = event.before.runner;
    // Containers of a Mac are Linux's.
    const own = os === undefined || architecture === undefined ? [] : [`${os === "windows" ? os : "linux"}/${architecture}`];
    const asked = build.platforms.items.length === 0 && !build.platforms.open ? own : knownItems(build.platforms);
    for (const text of asked) {
      const platform = read(text);
      if (platform !== undefined) platforms.set(formatPlatform(platform), platform);
    }
  }
  return [...platforms].sort(([a], [b]) => byCodeUnit(a, b)).map(([, platform]) => platform);
}

/** What is no platform is told by the rule about platform names. */
function read(text: string): Platform | undefined {
  try {
    return parsePlatform(text);
  } catch (error) {
    if (isProblem(error)) return undefined;
    throw error;
  }
}
