import type { RunMount } from "../../../dockerfile/ast.ts";
import { builderOf } from "../../../simulate/builder-of.ts";
import { advice } from "../../remedies/remedy.ts";
import { type BuildEvent, defineRule } from "../../rule.ts";

export const rule = defineRule({
  meta: {
    id: "cache-mounts-lost",
    summary: "a Dockerfile counts on cache mounts, which are empty in each run on GitHub's runners",
    severity: "info",
    confidence: "likely",
    fix: "none",
    covers: ["cache-mounts-not-exported"],
  },
  dockerfile({ dockerfile: { file }, builds, stages }, report) {
    const mounts = stages.flatMap(({ instructions }) => instructions.flatMap((one) => (one.kind === "run" ? one.mounts : []))).filter(isCache);
    const [first] = mounts;
    const cached = builds.filter(({ build }) => build.cacheTo.items.length > 0);
    const [at] = cached;
    if (first === undefined || at === undefined || !builds.every(isLost)) return;
    const others = mounts.length - 1;
    report({
      message: `this cache mount${others > 0 ? ` and ${others} more` : ""} will be empty in each run: no cache export holds it`,
      place: { file, span: first.span },
      key: "",
      facts: [
        { sentence: "this build exports its cache, which holds the results of steps and no mounts", place: at.build.cacheTo.place ?? at.build.place },
        { sentence: "the runner is a new machine for each job", place: at.event.before.runner.fact.place },
      ],
      cause: "a cache mount lives in the builder, and the builder ends with the job: as soon as the step has to run again, it downloads and compiles all anew",
      remedies: [
        advice(
          "put what fetches dependencies in a step of its own that only their lock file changes, so that the exported cache holds its result",
          "the image is built in one step more",
        ),
        advice("carry the mounts over with reproducible-containers/buildkit-cache-dance and actions/cache", "they are packed and unpacked in each run"),
        advice("build on a builder that lives on (a remote one, or a service)", "a machine that is yours to keep"),
      ],
      traces: cached.map(({ trace }) => trace),
    });
  },
});

const isCache = ({ type }: RunMount): boolean => type === "cache";

/** The builder is made in the job, on a machine that ends with it, and nothing carries its mounts over. */
function isLost({ build, event, trace }: BuildEvent): boolean {
  const { runner, doubts } = event.before;
  if (runner.kind !== "hosted" || doubts.length > 0) return false;
  const { driver, certain } = builderOf(build, event.before);
  if (!certain || (driver !== "docker" && driver !== "docker-container")) return false;
  return !trace.steps.some(
    ({ action, step, place }) =>
      (action ?? "").includes("cache-dance") || place.file.text.slice(step.node.span.start, step.node.span.end).includes("/var/lib/docker"),
  );
}
