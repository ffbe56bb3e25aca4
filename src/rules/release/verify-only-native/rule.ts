import { shownText } from "../../../simulate/text.ts";
import { eventsOf, type Trace, type WorkflowStudy } from "../../../simulate/trace.ts";
import { publishingOf } from "../../published.ts";
import { advice } from "../../remedies/remedy.ts";
import { type BuildEvent, defineRule, isBuildEvent } from "../../rule.ts";
import { platformsOf, sourceOf } from "../../same-build.ts";

export const rule = defineRule({
  meta: {
    id: "verify-only-native",
    summary: "of the platforms that are published only the runner's own is tried",
    severity: "info",
    confidence: "likely",
    fix: "none",
    covers: ["verify-only-native"],
  },
  workflow(workflow, report) {
    for (const trace of workflow.jobs.flatMap((job) => job.traces)) {
      if (eventsOf(trace, "run-container").length === 0) continue;
      for (const event of trace.events) {
        if (!isBuildEvent(event) || event.operation.onlyAsks || publishingOf(event.operation).pushes !== true) continue;
        const at = { build: event.operation, event, trace };
        const untried = untriedPlatforms(at, workflow);
        if (untried === undefined) continue;
        report({
          message: `${untried.platforms.join(", ")} ${untried.platforms.length === 1 ? "is" : "are"} published and never tried`,
          place: untried.at,
          key: "",
          facts: [{ sentence: `this publishes the image; what is tried is that of ${untried.tried}`, place: at.build.platforms.place ?? at.build.place }],
          cause: "a container that is started without a platform has the runner's: what was built for the others is first run by those who pull it",
          remedies: [
            advice("try each platform on a runner of its kind (ubuntu-24.04-arm has arm64)", "one job more for each platform"),
            advice(
              "try the others under emulation: `docker run --platform linux/arm64 … --version`, after docker/setup-qemu-action",
              "a short call is enough to notice a wrong binary",
            ),
          ],
          traces: [trace],
        });
      }
    }
  },
});

interface Untried {
  readonly platforms: readonly string[];
  readonly tried: string;
  readonly at: BuildEvent["build"]["place"];
}

/** Undefined where nothing tries the image, or something may try all of it. */
function untriedPlatforms(at: BuildEvent, workflow: WorkflowStudy): Untried | undefined {
  const platforms = platformsOf(at);
  const own = ownPlatform(at.trace);
  if (platforms === undefined || platforms.length < 2 || own === undefined) return undefined;
  const names = triedNames(at);
  const runs = eventsOf(at.trace, "run-container").filter(({ operation: { image } }) => image !== undefined && names.has(shownText(image)));
  const [first] = runs;
  if (first === undefined || runs.some(({ operation }) => operation.platform !== undefined) || triesElsewhere(workflow, own)) return undefined;
  const untried = platforms.filter((platform) => platform !== own);
  return untried.length === platforms.length ? undefined : { platforms: untried, tried: own, at: first.operation.place };
}

function ownPlatform({ start: { runner } }: Trace): string | undefined {
  return runner.kind === "hosted" && runner.os === "linux" && runner.architecture !== undefined ? `linux/${runner.architecture}` : undefined;
}

/** Names of the image itself, and of what the job built from the same files. */
function triedNames(at: BuildEvent): ReadonlySet<string> {
  const source = sourceOf(at);
  const builds = at.trace.events.filter(isBuildEvent).map((event) => ({ build: event.operation, event, trace: at.trace }));
  const same = builds.filter((one) => one.build === at.build || (source !== undefined && sourceOf(one) === source));
  return new Set(same.flatMap(({ build }) => build.tags.items.map(shownText)));
}

/** Some job starts containers of another platform, or on another kind of machine. */
const triesElsewhere = ({ jobs }: WorkflowStudy, own: string): boolean =>
  jobs.some((job) =>
    job.traces.some((trace) => eventsOf(trace, "run-container").some(({ operation }) => operation.platform !== undefined || ownPlatform(trace) !== own)),
  );
