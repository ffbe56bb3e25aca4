import { shownText, type Text, textOf } from "../../../simulate/text.ts";
import type { Trace, TracedStep } from "../../../simulate/trace.ts";
import { imageNameOf } from "../../registry/image-name.ts";
import { pushesIn } from "../../registry/pushes.ts";
import { advice } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";
import { sameRun, walksByScenario } from "../same-run.ts";

export const rule = defineRule({
  meta: {
    id: "digests-of-several-images",
    summary: "a job that joins digests downloads those of other images too, for its pattern fits their names",
    severity: "error",
    confidence: "likely",
    fix: "none",
    covers: ["digest-artifact-pattern-prefix"],
  },
  workflow(workflow, report) {
    for (const traces of walksByScenario(workflow).values()) {
      const uploads = traces.flatMap(uploadsIn);
      if (new Set(uploads.map(({ repository }) => repository)).size < 2) continue;
      for (const trace of traces) {
        for (const { operation, step, sure } of trace.events) {
          if (operation.kind !== "download-artifact" || operation.name !== undefined || operation.pattern === undefined || !sure || !merges(step)) continue;
          const { pattern } = operation;
          const wanted = mergedRepositories(trace, step);
          const fitting = uploads.filter((upload) => sameRun(upload.trace, trace) && fits(textOf(pattern), upload.name));
          const others = fitting.filter(({ repository }) => wanted !== undefined && !wanted.has(repository));
          const [other] = others;
          if (other === undefined || wanted === undefined || others.length === fitting.length) continue;
          report({
            message: `the pattern "${shownText(pattern)}" also fits "${other.name}", which holds a digest of another image`,
            place: operation.place,
            key: shownText(pattern),
            facts: [
              { sentence: `this pattern fits "${other.name}"`, place: pattern.place },
              { sentence: `the artifact of that name holds a digest of "${other.repository}"`, place: other.place },
              { sentence: `this job joins images of "${[...wanted].join('", "')}"`, place: undefined },
            ],
            log: { tool: "docker buildx imagetools create", lines: ["not found"] },
            cause:
              "artifacts of a run share one space of names, and a pattern takes all that begin alike: digests of one image are then looked for in the repository of another",
            remedies: [advice("name the artifacts so that no image's name begins another's, such as digests-<image>--<platform>", "names change in both jobs")],
            traces: [trace],
          });
        }
      }
    }
  },
});

interface Upload {
  readonly name: string;
  readonly repository: string;
  readonly trace: Trace;
  readonly place: Text["place"];
}

/** Artifacts with known names of jobs that push one image by digest. */
function uploadsIn(trace: Trace): readonly Upload[] {
  const repositories = new Set(pushesIn(trace).flatMap(({ byDigest, image }) => (byDigest === true ? [image.repository] : [])));
  const [repository, ...others] = repositories;
  if (repository === undefined || others.length > 0) return [];
  return trace.events.flatMap(({ operation, step }) => {
    const name = operation.kind === "upload-artifact" && step.runs === "yes" ? textOf(operation.name) : undefined;
    return name === undefined ? [] : [{ name, repository, trace, place: operation.place }];
  });
}

/** All files in one folder. */
const merges = ({ inputs }: TracedStep): boolean => textOf(inputs.get("merge-multiple")) === "true";

/** Repositories whose digests the job joins behind a step; undefined where it does so with nothing that is known. */
function mergedRepositories({ events }: Trace, step: TracedStep): ReadonlySet<string> | undefined {
  const found = new Set<string>();
  for (const {
    operation,
    step: { index },
  } of events) {
    if (operation.kind !== "create-index" || index < step.index) continue;
    for (const source of operation.sources.items) {
      const { byDigest, repository, repositoryHoles } = imageNameOf(source);
      if (byDigest && repositoryHoles.every(({ source: hole }) => !/^[$`]/.test(hole))) found.add(repository);
    }
  }
  return found.size === 0 ? undefined : found;
}

/** More would only be there to make the matching slow. */
const MOST_STARS = 4;
const LONGEST_PATTERN = 200;

/** As download-artifact matches: `*` and `?` stand for anything, for one sign. Braces and classes are left to it. */
function fits(pattern: string | undefined, name: string): boolean {
  if (pattern === undefined || /[[\]{}!()]/.test(pattern) || pattern.length > LONGEST_PATTERN || pattern.split("*").length > MOST_STARS + 1) return false;
  const source = pattern
    .replace(/[.+^$|\\]/g, String.raw`\$&`)
    .replaceAll("*", "[^/]*")
    .replaceAll("?", "[^/]");
  return new RegExp(`^${source}$`).test(name);
}
