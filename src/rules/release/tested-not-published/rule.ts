import { builderOf } from "../../../simulate/builder-of.ts";
import { shownText } from "../../../simulate/text.ts";
import { eventsOf, type Trace } from "../../../simulate/trace.ts";
import { publishingOf } from "../../published.ts";
import { advice } from "../../remedies/remedy.ts";
import { type BuildEvent, defineRule, isBuildEvent } from "../../rule.ts";
import { sourceOf } from "../../same-build.ts";

export const rule = defineRule({
  meta: {
    id: "tested-not-published",
    summary: "an image is built and tried by one builder, and built anew by another to be published",
    severity: "info",
    confidence: "likely",
    fix: "none",
    covers: ["tested-not-published"],
  },
  build(at, report) {
    if (publishingOf(at.build).pushes !== true || at.build.cacheFrom.items.length > 0 || at.build.cacheFrom.open) return;
    const tried = triedBefore(at);
    if (tried === undefined) return;
    const [first, second] = [builderOf(tried.build, tried.event.before), builderOf(at.build, at.event.before)];
    if (!first.certain || !second.certain || (first.driver === second.driver && first.name === second.name)) return;
    report({
      message: "what is published is another image than the one that was tried: it is built anew",
      place: at.build.place,
      key: at.build.name ?? "",
      facts: [
        {
          sentence: `this image is tried, which the ${first.driver === "legacy" ? "classic builder" : `${first.driver} driver`} made`,
          place: tried.build.place,
        },
        { sentence: `this build takes another builder (${second.driver}), which has none of its steps`, place: at.build.place },
      ],
      cause:
        "each builder has a cache of its own: the second one takes base images and packages as they are by then, and what it makes has been tried by nobody",
      remedies: [
        advice(
          "build both with the same builder: load first, then push (the steps that are there are not done again)",
          "the first build loads its image into Docker",
        ),
        advice(
          "push by digest to a place of its own, try that, and give it its tag with `docker buildx imagetools create`",
          "the registry holds images that are never released",
        ),
      ],
    });
  },
});

/** A build of the same thing that was not pushed, and that a container was started from. */
function triedBefore({ build, event, trace }: BuildEvent): BuildEvent | undefined {
  const run = namesRun(trace, event.step.index);
  const source = run.size === 0 ? undefined : sourceOf({ build, event, trace });
  if (source === undefined) return undefined;
  for (const other of trace.events) {
    if (!isBuildEvent(other) || other.step.index >= event.step.index || !other.sure) continue;
    const at = { build: other.operation, event: other, trace };
    const isRun = other.operation.tags.items.some((tag) => run.has(shownText(tag)));
    if (isRun && publishingOf(other.operation).pushes === false && sourceOf(at) === source) return at;
  }
  return undefined;
}

const namesRun = (trace: Trace, until: number): ReadonlySet<string> =>
  new Set(eventsOf(trace, "run-container").flatMap(({ operation: { image }, step }) => (image === undefined || step.index > until ? [] : [shownText(image)])));
