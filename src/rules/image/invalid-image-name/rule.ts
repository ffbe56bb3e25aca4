import { isProblem } from "../../../core/problem.ts";
import { parseReference } from "../../../core/reference.ts";
import type { Operation } from "../../../simulate/operation.ts";
import { type Text, textOf } from "../../../simulate/text.ts";
import { imageNameOf } from "../../registry/image-name.ts";
import { advice } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";

export const rule = defineRule({
  meta: {
    id: "invalid-image-name",
    summary: "an image is given a name that is none: its repository has capital letters, or there is a sign in it that no name may have",
    severity: "error",
    confidence: "certain",
    fix: "none",
    covers: ["imagetools-create-name-mismatch"],
  },
  event(event, trace, report) {
    const { operation } = event;
    for (const text of namesIn(operation)) {
      const whole = textOf(text);
      if (whole === undefined || isReference(whole)) continue;
      const capitals = capitalsIn(text, whole);
      // A start by hand may also be on a tag, where the name may be another.
      if (capitals === undefined && trace.scenario.kind === "dispatch" && !whole.includes("${")) continue;
      // In a script or a bake file what stands there may not be all that is meant.
      if (capitals === undefined && !(operation.kind === "build" && operation.through === "docker/build-push-action")) continue;
      report({
        message: capitals === undefined ? `"${whole}" does not name an image` : `the name of a repository is in lower case, and "${whole}" is not`,
        place: operation.place,
        key: whole,
        confidence: event.sure && event.step.runs === "yes" ? "certain" : "likely",
        facts: [
          {
            sentence: whole.includes("${") ? `this is no shell, which would fill in what stands in braces: "${whole}"` : `the name is "${whole}"`,
            place: text.place,
          },
        ],
        log: {
          tool: operation.kind === "build" ? operation.through : "docker buildx imagetools create",
          lines: [capitals === undefined ? "invalid reference format" : `invalid reference format: repository name (${capitals}) must be lowercase`],
        },
        cause:
          capitals === undefined
            ? "the name of an image is HOST/REPOSITORY:TAG of letters, digits, dots, dashes and underscores; Docker refuses anything else before it builds"
            : "registries know names of repositories in lower case only, while owners on GitHub may have capital letters",
        remedies: [
          advice(
            capitals === undefined
              ? "name the image; metadata-action makes names from branches and tags"
              : "write it in lower case; metadata-action does so by itself",
            "none",
          ),
        ],
      });
    }
  },
});

function namesIn(operation: Operation): readonly Text[] {
  if (operation.kind === "build") return operation.onlyAsks ? [] : operation.tags.items;
  return operation.kind === "create-index" && operation.tool === "imagetools" ? [...operation.names.items, ...operation.sources.items] : [];
}

function isReference(text: string): boolean {
  try {
    parseReference(text);
    return true;
  } catch (error) {
    if (isProblem(error)) return false;
    throw error;
  }
}

/** The repository without its host, where it would be a name but for its capital letters. */
function capitalsIn(text: Text, whole: string): string | undefined {
  const { repository, shownHost } = imageNameOf(text);
  const path = shownHost !== undefined && /[.:]|^localhost$/.test(shownHost) ? repository.slice(shownHost.length + 1) : repository;
  return path.toLowerCase() !== path && isReference(whole.replace(path, path.toLowerCase())) ? path : undefined;
}
