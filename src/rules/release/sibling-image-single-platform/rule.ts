import type { Fact } from "../../../findings/finding.ts";
import { shownText } from "../../../simulate/text.ts";
import type { Trace, WorkflowStudy } from "../../../simulate/trace.ts";
import { namedImage, namesArchitecture, publishingOf } from "../../published.ts";
import { setInput } from "../../remedies/inputs.ts";
import { remedy } from "../../remedies/remedy.ts";
import { type BuildEvent, defineRule, isBuildEvent } from "../../rule.ts";
import { platformsOf, sameRun } from "../../same-build.ts";

export const rule = defineRule({
  meta: {
    id: "sibling-image-single-platform",
    summary: "of several images that are published together, one is built without `platforms`",
    severity: "warning",
    confidence: "likely",
    fix: "sometimes",
    covers: ["sibling-image-single-platform"],
  },
  workflow(workflow, report) {
    const published = publishedBuilds(workflow);
    for (const at of published) {
      const { build, event, trace } = at;
      if (build.platforms.items.length > 0 || build.platforms.open || build.platforms.place !== undefined) continue;
      const siblings = published.filter((other) => sameRun(trace, other.trace));
      const many = siblings.filter((other) => (platformsOf(other)?.length ?? 0) > 1);
      // Jobs that build a platform each merge them afterwards.
      if (many.length === 0 || merges(workflow, trace) || many.some((other) => shareName(at, other))) continue;
      const first = many[0] as BuildEvent;
      const platforms = first.build.platforms.items.map(shownText).join(",");
      const own = platformsOf(at)?.[0];
      report({
        message: `${shown(at)} is published for ${own ?? "one platform"} alone, while its sibling ${shown(first)} has ${platformsOf(first)?.length} platforms`,
        place: build.place,
        key: build.name ?? "",
        confidence: event.sure && first.event.sure ? "likely" : "possible",
        facts: [{ sentence: "this build names no platforms: it is of the machine that builds it", place: build.place }, ...facts(first)],
        cause: "a build without `platforms` makes an image of the builder's own platform: who pulls both images on another machine gets one of them not at all",
        remedies: [
          remedy(
            {
              title: `build it for the same platforms: \`platforms: ${platforms}\``,
              price: "the build takes longer, and runs programs under emulation where its Dockerfile does",
              safety: "unsafe",
            },
            [event.step.action === "docker/build-push-action" ? setInput(event.step.place, "platforms", platforms) : undefined],
          ),
        ],
        traces: [trace],
      });
    }
  },
});

function publishedBuilds({ jobs }: WorkflowStudy): readonly BuildEvent[] {
  return jobs.flatMap((job) =>
    job.traces.flatMap((trace) => trace.events.flatMap((event) => (isPublished(event) ? [{ build: event.operation, event, trace }] : []))),
  );
}

const isPublished = (event: Trace["events"][number]): event is BuildEvent["event"] => {
  if (!isBuildEvent(event) || event.operation.onlyAsks) return false;
  const { pushes, byDigest } = publishingOf(event.operation);
  return pushes === true && byDigest === false && event.operation.tags.items.some((tag) => namedImage(tag) !== undefined && !namesArchitecture(shownText(tag)));
};

const merges = ({ jobs }: WorkflowStudy, trace: Trace): boolean =>
  jobs.some((job) => job.traces.some((other) => sameRun(trace, other) && other.events.some(({ operation }) => operation.kind === "create-index")));

const namesOf = ({ build }: BuildEvent): readonly string[] => build.tags.items.flatMap((tag) => namedImage(tag)?.repository ?? []);

/** A variant of the same image under another tag is a choice. */
const shareName = (a: BuildEvent, b: BuildEvent): boolean => namesOf(a).some((name) => namesOf(b).includes(name));

const shown = (at: BuildEvent): string => `"${namesOf(at)[0] ?? at.build.name ?? "the image"}"`;

const facts = ({ build }: BuildEvent): readonly Fact[] => [
  { sentence: `its sibling asks for "${build.platforms.items.map(shownText).join(",")}"`, place: build.platforms.place ?? build.place },
];
