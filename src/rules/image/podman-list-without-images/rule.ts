import type { Place } from "../../../core/span.ts";
import { hostedLabel } from "../../../facts/runners.ts";
import { atLeast } from "../../../facts/version.ts";
import type { Trace } from "../../../simulate/trace.ts";
import { remedy } from "../../remedies/remedy.ts";
import { addFlag } from "../../remedies/texts.ts";
import { defineRule } from "../../rule.ts";

/** Releases that push the images of a list without being told. @see https://github.com/containers/podman/releases/tag/v4.8.0 */
const PUSHES_ALL = { podman: "4.8.0", buildah: "1.33.0" } as const;

export const rule = defineRule({
  meta: {
    id: "podman-list-without-images",
    summary: "an old podman or buildah pushes a list of manifests without --all, and so without its images",
    severity: "error",
    confidence: "likely",
    fix: "sometimes",
    covers: ["podman-manifest-push-all"],
  },
  event({ operation, sure, step }, trace, report) {
    if (operation.kind !== "push-index" || step.step.run === undefined || saysAll(operation.place)) return;
    const { tool } = operation;
    if (tool !== "podman" && tool !== "buildah") return;
    const version = versionOn(trace, tool);
    if (version === undefined || atLeast(version, PUSHES_ALL[tool]) !== false) return;
    report({
      message: `${tool} ${version} pushes the list without the images in it`,
      place: operation.place,
      confidence: sure && step.runs === "yes" ? "likely" : "possible",
      facts: [trace.start.runner.fact, { sentence: `it has ${tool} ${version}`, place: undefined }],
      log: { tool, lines: ["no image found in manifest list for architecture"] },
      cause: `before ${PUSHES_ALL[tool]} \`${tool} manifest push\` sent the images of a list only with --all`,
      remedies: [remedy({ title: "push all of it: --all", price: "none" }, [addFlag(operation.place, "--all")])],
    });
  },
});

/** As written: what new releases do when nobody says is what counts everywhere else. */
const saysAll = ({ file, span }: Place): boolean => /\s(?:--all|-a)\b/.test(file.text.slice(span.start, span.end));

function versionOn({ start, asOf }: Trace, tool: "podman" | "buildah"): string | undefined {
  const { image, container } = start.runner;
  return image === undefined || container !== undefined ? undefined : hostedLabel(image, asOf)?.images[0]?.[tool];
}
