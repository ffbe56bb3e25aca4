import { builderOf } from "../../../simulate/builder-of.ts";
import { advice } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";

export const rule = defineRule({
  meta: {
    id: "docker-mirror-ignored",
    summary: "a mirror of Docker Hub is named to Docker, and not to the builder, which pulls the base images",
    severity: "warning",
    confidence: "likely",
    fix: "none",
    covers: ["mirror-ignored"],
  },
  build({ build, event }, report) {
    const { contexts, context } = event.before;
    const daemon = context === undefined ? undefined : contexts.get(context)?.daemon;
    const [mirror] = daemon?.mirrors ?? [];
    if (daemon === undefined || mirror === undefined) return;
    const { builder, driver } = builderOf(build, event.before);
    if (driver !== "docker-container" || builder === undefined || builder.config !== undefined) return;
    report({
      message: `the builder does not use the mirror "${mirror}": it is Docker's own`,
      place: build.place,
      key: builder.name,
      facts: [daemon.storeFact, builder.fact].map(({ place }, i) => ({
        sentence: i === 0 ? `Docker is configured with the mirror "${mirror}"` : "this makes a builder without a configuration of its own",
        place,
      })),
      cause: "a builder in a container pulls base images by itself, and reads Docker's configuration no more than another machine would: it goes to Docker Hub",
      remedies: [
        advice(
          `name the mirror to the builder: buildkitd-config-inline with [registry."docker.io"] mirrors = ["${mirror.replace(/^https?:\/\//, "")}"]`,
          "none",
        ),
      ],
    });
  },
});
