import { advice } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";
import { platformsOf } from "../../same-build.ts";

export const rule = defineRule({
  meta: {
    id: "compose-platform-foreign",
    summary: "a compose file pins a service to a platform that is not the runner's",
    severity: "warning",
    confidence: "likely",
    fix: "none",
    covers: ["compose-platform-single"],
  },
  build(at, report) {
    const { build, event } = at;
    const { runner } = event.before;
    if (build.through !== "docker compose" || runner.kind !== "hosted" || runner.architecture === undefined || runner.os !== "linux") return;
    const [only, ...others] = platformsOf(at) ?? [];
    const place = build.platforms.items[0]?.place;
    if (only === undefined || others.length > 0 || place === undefined || only.split("/")[1] === runner.architecture) return;
    report({
      message: `service "${build.name ?? ""}" is built and run for ${only} on a machine of linux/${runner.architecture}`,
      place,
      key: build.name ?? "",
      facts: [runner.fact, { sentence: "the service is built here", place: build.place }],
      cause: "a platform in a compose file holds for every machine: on one of another kind all programs of the service run under emulation, if there is any",
      remedies: [
        advice("take the platform away, so that each machine builds its own", "images that have one platform alone cannot be pulled elsewhere"),
        advice("let a variable say it: `platform: $PLATFORM`", "who needs the pin has to set it"),
      ],
    });
  },
});
