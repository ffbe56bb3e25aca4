import { atLeast } from "../../../facts/version.ts";
import type { Fact } from "../../../findings/finding.ts";
import { endpointOf } from "../../../simulate/endpoint.ts";
import { severalPlatforms } from "../../../simulate/platform-count.ts";
import { advice } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";

export const rule = defineRule({
  meta: {
    id: "save-several-platforms",
    summary: "several platforms are saved from or loaded into Docker's classic image store, which holds one",
    severity: "error",
    confidence: "certain",
    fix: "none",
    covers: ["docker-save-multi-platform"],
  },
  event({ operation, before, sure }, _trace, report) {
    if ((operation.kind !== "save-image" && operation.kind !== "load-image") || severalPlatforms(operation.platforms) !== true) return;
    const { daemon, known, context } = endpointOf(before, operation.variables);
    if (daemon === undefined || daemon.store !== "classic") return;
    const certain = sure && known && before.doubts.length === 0 && before.runner.kind === "hosted";
    const verb = operation.kind === "save-image" ? "save" : "load";
    const facts: readonly Fact[] = [context?.fact ?? before.runner.fact, daemon.storeFact];
    report({
      message: `the classic image store cannot ${verb} several platforms of an image`,
      place: operation.platforms.place ?? operation.place,
      key: "",
      confidence: certain ? "certain" : "likely",
      facts,
      log: daemon.version !== undefined && atLeast(daemon.version, SAVES_LISTS) === true ? { tool: `docker ${verb}`, lines: [REFUSED] } : undefined,
      cause: "Docker's classic image store has one platform of an image, and so do the archives that it writes and reads",
      remedies: [
        advice(
          "build the archive itself: `docker buildx build --output type=oci,dest=image.tar` with a Buildx builder",
          "the archive is an OCI layout, which skopeo and regctl read",
        ),
        advice("turn on the containerd image store", "images that are in the classic store are not seen any more"),
      ],
    });
  },
});

/** Since then the command takes a list; before, it takes it for the name of one platform. */
const SAVES_LISTS = "29.0.0";
const REFUSED =
  "Error response from daemon: multiple platforms not supported for this image store; use a multi-platform image store such as containerd-snapshotter";
