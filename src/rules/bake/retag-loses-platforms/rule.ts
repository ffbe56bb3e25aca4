import type { Place } from "../../../core/span.ts";
import { endpointOf } from "../../../simulate/endpoint.ts";
import { severalPlatforms } from "../../../simulate/platform-count.ts";
import { shownText, type Text } from "../../../simulate/text.ts";
import type { Event, Study, Trace } from "../../../simulate/trace.ts";
import { namedImage, namesArchitecture, publishingOf } from "../../published.ts";
import { advice } from "../../remedies/remedy.ts";
import { defineRule, isBuildEvent } from "../../rule.ts";

export const rule = defineRule({
  meta: {
    id: "retag-loses-platforms",
    summary: "an image is copied by pull, tag and push, which takes one of its platforms along",
    severity: "warning",
    confidence: "possible",
    fix: "none",
    covers: ["retag-loses-platforms", "docker-push-containerd-partial"],
  },
  study(study, report) {
    let many: ReadonlySet<string> | undefined;
    for (const trace of study.workflows.flatMap(({ jobs }) => jobs.flatMap((job) => job.traces))) {
      for (const { event, source, target, pulledAt } of copies(trace)) {
        many ??= imagesOfSeveralPlatforms(study);
        const known = many.has(namedImage(source)?.repository ?? "");
        const { daemon } = endpointOf(event.before, event.operation.variables);
        report({
          message: `"${shownText(target)}" gets one platform of "${shownText(source)}", whatever others that has`,
          place: event.operation.place,
          key: "",
          severity: known ? "error" : "warning",
          confidence: known && event.sure ? "likely" : "possible",
          facts: [
            { sentence: `this pulls one platform: that of the machine, or the one that is named`, place: pulledAt },
            ...(known ? [{ sentence: `this repository publishes "${namedImage(source)?.repository ?? ""}" for several platforms`, place: undefined }] : []),
            ...(daemon?.store === "containerd"
              ? [
                  {
                    sentence: "with the containerd image store the push of an index whose platforms are not all here fails, or leaves them out",
                    place: daemon.storeFact.place,
                  },
                ]
              : []),
          ],
          cause: "Docker pulls the image of one platform out of an index: what is tagged and pushed then is that image, and the others stay behind",
          remedies: [
            advice(
              `copy the whole index without pulling it: \`docker buildx imagetools create --tag ${shownText(target)} ${shownText(source)}\``,
              "the copy is made by the registries, so the job has to be logged in to both",
            ),
          ],
          traces: [trace],
          among: [trace],
        });
      }
    }
  },
});

interface Copy {
  readonly event: Event;
  readonly source: Text;
  readonly target: Text;
  readonly pulledAt: Place;
}

/** Pushes of a name that was given to a pulled image, and of no other. */
function copies(trace: Trace): readonly Copy[] {
  if (!trace.events.some(({ operation }) => operation.kind === "pull-image")) return [];
  const pulled = new Map<string, Place>();
  const tagged = new Map<string, Text>();
  const found: Copy[] = [];
  for (const event of trace.events) {
    const { operation } = event;
    // One platform each, to be joined afterwards.
    if (operation.kind === "create-index") return [];
    if (operation.kind === "pull-image" && operation.tool === "docker" && operation.image !== undefined && operation.platform === undefined)
      pulled.set(shownText(operation.image), operation.place);
    if (isBuildEvent(event)) for (const tag of event.operation.tags.items) forget(shownText(tag), pulled, tagged);
    if (operation.kind === "tag-image" && operation.tool === "docker" && operation.source !== undefined) {
      for (const target of operation.targets.items) if (pulled.has(shownText(operation.source))) tagged.set(shownText(target), operation.source);
    }
    if (operation.kind !== "push-image" || operation.tool !== "docker" || operation.image === undefined) continue;
    const source = tagged.get(shownText(operation.image));
    const pulledAt = source && pulled.get(shownText(source));
    if (source !== undefined && pulledAt !== undefined && isNamed(source) && !isOfOne(source, operation.image))
      found.push({ event, source, target: operation.image, pulledAt });
  }
  return found;
}

function forget(name: string, ...held: readonly Map<string, unknown>[]): void {
  for (const map of held) map.delete(name);
}

/** One platform is what is wanted. */
const isOfOne = (...names: readonly Text[]): boolean => names.some((name) => namesArchitecture(shownText(name)));

/** The name of a copy on localhost, or one that nothing is known of, tells nothing. */
const isNamed = (source: Text): boolean => namedImage(source) !== undefined && !shownText(source).startsWith("localhost");

/** Repositories to which this one's workflows push several platforms. */
function imagesOfSeveralPlatforms(study: Study): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { events } of study.workflows.flatMap(({ jobs }) => jobs.flatMap((job) => job.traces))) {
    for (const event of events) {
      const { operation } = event;
      const many = isBuildEvent(event) && severalPlatforms(event.operation.platforms) === true && publishingOf(event.operation).pushes === true;
      const tags = many ? event.operation.tags.items : operation.kind === "create-index" ? operation.names.items : [];
      for (const tag of tags) names.add(namedImage(tag)?.repository ?? "");
    }
  }
  names.delete("");
  return names;
}
