import { builderOf } from "../../../simulate/builder-of.ts";
import { parseDaemonConfig } from "../../../simulate/image-store.ts";
import { severalPlatforms } from "../../../simulate/platform-count.ts";
import { eventsOf, type Trace } from "../../../simulate/trace.ts";
import { advice } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";

export const rule = defineRule({
  meta: {
    id: "image-store-by-default",
    summary: "several platforms are built by Docker itself, which works only as long as the image store is containerd's by default",
    severity: "info",
    confidence: "likely",
    fix: "none",
    covers: ["docker29-store-flip"],
  },
  build({ build, event, trace }, report) {
    const resolved = builderOf(build, event.before);
    if (resolved.driver !== "docker" || resolved.store !== "containerd" || !resolved.certain) return;
    if (severalPlatforms(build.platforms) !== true || isSet(trace, resolved.context)) return;
    report({
      message: "the build works only where Docker has the containerd image store by default",
      place: build.place,
      key: build.name ?? "",
      facts: resolved.facts,
      cause:
        "Since version 29 a Docker on an empty disk takes the containerd image store, which holds several platforms. An older one, one that was updated, or one with a storage driver set has the classic store, and there the same build fails.",
      remedies: [
        advice("set up a builder with docker/setup-buildx-action, which hangs on no image store", "an image is in Docker's own store only when it is loaded"),
        advice('set `"features": {"containerd-snapshotter": true}` in the daemon\'s configuration', "nothing"),
      ],
    });
  },
});

/** A step said in so many words which store it is to be. */
function isSet(trace: Trace, context: string | undefined): boolean {
  const started = eventsOf(trace, "start-daemon").findLast(({ operation }) => (operation.context ?? "default") === context);
  const config = started?.operation.config;
  return (
    started !== undefined &&
    (config === null || (config !== undefined && parseDaemonConfig(config)?.snapshotter !== undefined) || started.operation.store !== undefined)
  );
}
