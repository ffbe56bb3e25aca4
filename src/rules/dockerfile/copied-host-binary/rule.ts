// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of Dockerfiles
import { posix } from "node:path";
import type { Place } from "../../../core/span.ts";
import type { Word } from "../../../dockerfile/ast.ts";
import { textOf } from "../../../simulate/text.ts";
import { advice } from "../../remedies/remedy.ts";
import { type BuildEvent, defineRule } from "../../rule.ts";
import { architectureWords } from "../architecture-words.ts";
import { platformsOf } from "../built-stages.ts";
import { copiesFromContext, pathInWorkspace, writesBefore } from "../context-paths.ts";
import { shownPlatforms } from "../told-of-builds.ts";

export const rule = defineRule({
  meta: {
    id: "copied-host-binary",
    summary: "a program that a step compiled for one platform is copied into the images of several",
    severity: "error",
    confidence: "likely",
    fix: "none",
    covers: ["copy-host-built-binary"],
  },
  build(at, report) {
    const { build, dockerfile, event, stages = [] } = at;
    const { platforms } = platformsOf(at);
    if (dockerfile === undefined || new Set(platforms.map(({ architecture }) => architecture)).size < 2) return;
    const programs = programsBefore(at);
    if (programs.length === 0) return;
    for (const { source } of copiesFromContext(stages.filter(({ runsOn }) => runsOn === "target"))) {
      if (source.text.includes("$") || architectureWords(source.text).length > 0) continue;
      const program = programs.find((one) => holds(at, source, one));
      if (program === undefined) continue;
      report({
        message: `"${program.path}" ${program.isFolder ? "holds programs that were" : "was"} compiled once, and goes into the images for ${shownPlatforms(platforms)} alike`,
        place: { file: dockerfile.file, span: source.span },
        confidence: event.sure && program.sure ? "likely" : "possible",
        facts: [
          { sentence: "it is compiled here, for one platform", place: program.place },
          { sentence: `this build is for ${shownPlatforms(platforms)}`, place: build.platforms.place ?? build.place },
        ],
        cause:
          "what a step compiles is for the machine that it runs on, or for the one platform that it names; a COPY of it gives every platform that same program",
        remedies: [
          advice(
            "compile one program for each platform (app-amd64, app-arm64), and copy app-${TARGETARCH} (ARG TARGETARCH)",
            "each program is compiled on the runner",
          ),
          advice("compile in the Dockerfile, in a stage on $BUILDPLATFORM", "the Dockerfile needs the sources"),
        ],
      });
    }
  },
});

interface Program {
  readonly path: string;
  /** Of cargo's folder nobody knows the programs. */
  readonly isFolder: boolean;
  readonly place: Place;
  readonly sure: boolean;
}

const COMPILES = /(?:^|[\s;&|(])(?:go\s+build|gcc|cc|g\+\+|clang)\s/;
const CARGO = /(?:^|[\s;&|(])cargo\s+(?:b|build)\b(?![^\n]*--target[= ])/;

/** What steps of the job compiled before the build, as paths in the workspace. */
function programsBefore({ event, trace }: BuildEvent): readonly Program[] {
  const written = writesBefore(event, trace).flatMap((one): Program[] => {
    const { path, place } = one.operation;
    const known = textOf(path);
    const command = place.file.text.slice(place.span.start, place.span.end);
    return known === undefined || !COMPILES.test(command) ? [] : [{ path: known, isFolder: false, place, sure: one.sure }];
  });
  const cargo = trace.steps.flatMap(({ step, place, index, runs }): Program[] => {
    const script = step.run?.text;
    if (script === undefined || runs === "no" || index >= event.step.index || !CARGO.test(script) || /--target\b|\bcross\b/.test(script)) return [];
    const folder = step.workingDirectory?.text ?? "";
    return folder.includes("$")
      ? []
      : [{ path: posix.join(folder, "target"), isFolder: true, place: { file: place.file, span: step.run?.span ?? step.node.span }, sure: runs === "yes" }];
  });
  return [...written, ...cargo];
}

/** A file, or one in a folder that is copied; of cargo's folder what lies in it. */
function holds({ build }: BuildEvent, { text }: Word, { path: program, isFolder }: Program): boolean {
  const path = pathInWorkspace(build, text);
  if (path === undefined || path === ".") return false;
  if (isFolder) return new RegExp(`^(?:${escaped(program)})/(?:release|debug)/[^*]+$`).test(path);
  return path === program || program.startsWith(`${path}/`);
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
