import { attributesOf } from "../../../simulate/attributes.ts";
import { goBoolean } from "../../../simulate/go-boolean.ts";
import type { Build } from "../../../simulate/operation.ts";
import type { Text } from "../../../simulate/text.ts";
import { publishingOf } from "../../published.ts";
import { advice } from "../../remedies/remedy.ts";
import { type BuildEvent, defineRule } from "../../rule.ts";

export const rule = defineRule({
  meta: {
    id: "source-date-epoch-half-used",
    summary: "a build is given SOURCE_DATE_EPOCH, and the times of files in layers stay those of the build",
    severity: "info",
    confidence: "certain",
    fix: "none",
    covers: ["not-reproducible"],
  },
  build(at, report) {
    const { build, event } = at;
    const epoch = epochOf(at);
    if (epoch === undefined || build.outputs.open || publishingOf(build).pushes !== true || !build.outputs.items.every(keepsTimes)) return;
    report({
      message: "the image's digest will be another each time: SOURCE_DATE_EPOCH does not reach the files in its layers",
      place: build.outputs.place ?? build.place,
      key: build.name ?? "",
      confidence: event.sure ? "certain" : "likely",
      facts: [{ sentence: "SOURCE_DATE_EPOCH is given here, as for a build that can be repeated", place: epoch }],
      cause:
        "BuildKit takes SOURCE_DATE_EPOCH for the dates in the image's configuration alone: files keep the time at which a step made them, and so do the layers' digests",
      remedies: [
        advice("write the output out, with rewrite-timestamp=true: `outputs: type=image,push=true,rewrite-timestamp=true`", "the layers are packed once more"),
      ],
    });
  },
});

const NAME = "SOURCE_DATE_EPOCH";

function epochOf({ build, event }: BuildEvent): Text["place"] | undefined {
  const argument = build.buildArgs.items.find(({ parts: [first] }) => typeof first === "string" && (first === NAME || first.startsWith(`${NAME}=`)));
  return (argument ?? build.variables?.get(NAME) ?? event.before.variables.get(NAME))?.place;
}

/** Not told to rewrite them, as far as is known. */
function keepsTimes(output: Build["outputs"]["items"][number]): boolean {
  const { fields, open } = attributesOf(output);
  if (!fields.has("rewrite-timestamp")) return !open;
  const value = fields.get("rewrite-timestamp");
  return value !== undefined && goBoolean(value) === false;
}
