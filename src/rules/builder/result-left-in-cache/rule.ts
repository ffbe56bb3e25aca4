import type { FileEdit } from "../../../findings/finding.ts";
import { builderOf } from "../../../simulate/builder-of.ts";
import { exportersOf } from "../../../simulate/exporters.ts";
import { severalPlatforms } from "../../../simulate/platform-count.ts";
import { shownText, type Text } from "../../../simulate/text.ts";
import { addInputs } from "../../remedies/inputs.ts";
import { advice, remedy } from "../../remedies/remedy.ts";
import { addFlag } from "../../remedies/texts.ts";
import { type BuildEvent, defineRule } from "../../rule.ts";
import { type LaterUse, laterUse } from "../later-use.ts";
import { sureness } from "../sureness.ts";

export const rule = defineRule({
  meta: {
    id: "result-left-in-cache",
    summary: "a build neither pushes nor loads, so that its image is nowhere when a later step wants it",
    severity: "error",
    confidence: "certain",
    fix: "sometimes",
    covers: ["no-output"],
  },
  build(at, report) {
    const { build, event, trace } = at;
    if (!leavesNothing(at)) return;
    const use = notBrought(laterUse(build, event, trace));
    const isAsked = build.push.place !== undefined || build.load.place !== undefined;
    if (use === undefined && (isAsked || build.tags.items.length === 0)) return;
    const [tag] = build.tags.items as readonly [Text];
    const name = shownText(use?.tag ?? tag);
    const isPulled = use?.event.operation.kind === "run-container";
    report({
      message:
        use === undefined
          ? `image "${name}" is neither pushed nor loaded: nothing is left of the build but its cache`
          : `a later step uses image "${name}", which this build does not load into Docker`,
      place: build.place,
      key: `${build.name ?? ""}${use === undefined ? "" : " used"}`,
      severity: use === undefined ? "info" : isPulled ? "warning" : "error",
      confidence: use === undefined ? "likely" : isPulled || !use.event.sure ? "likely" : sureness(event),
      facts: [
        ...builderOf(build, event.before).facts,
        ...(use === undefined ? [] : [{ sentence: "this step uses the image", place: use.event.operation.place }]),
      ],
      log: use === undefined ? { tool: build.through, lines: [WARNING] } : logOf(use),
      cause:
        "A builder of Buildx has a store of its own, apart from Docker's. Its result gets out only when it is pushed to a registry, loaded into Docker, or written to a file.",
      remedies: [
        severalPlatforms(build.platforms) === false
          ? remedy({ title: "load the image into Docker", price: "some seconds, the more the larger the image is" }, [loaded(at)])
          : advice("push the image, or load one platform of it", "what is loaded is for one platform alone"),
      ],
    });
  },
});

const WARNING =
  "WARNING: No output specified with docker-container driver. Build result will only remain in the build cache. To push result image into registry use --push or to load image into docker use --load";

function leavesNothing({ build, event }: BuildEvent): boolean {
  const { push, load, outputs, tags } = build;
  if (push.value !== false || load.value !== false || outputs.open || exportersOf(build).length > 0 || tags.open) return false;
  const { driver, builder, certain } = builderOf(build, event.before);
  return driver === "docker-container" && certain && builder !== undefined && !builder.openOptions && builder.driverOptions.get("default-load") !== "true";
}

/** Something else may have put it into Docker's store meanwhile. */
function notBrought(use: LaterUse | undefined): LaterUse | undefined {
  const name = use && shownText(use.tag);
  return use?.event.before.images.some((image) => shownText(image.name) === name || typeof image.name.parts[0] !== "string") === true ? undefined : use;
}

function logOf({ tag, event }: LaterUse): { readonly tool: string; readonly lines: readonly string[] } | undefined {
  const { kind } = event.operation;
  const name = shownText(tag);
  if (kind === "push-image") return { tool: "docker push", lines: [`An image does not exist locally with the tag: ${name.replace(/:[^:/]*$/, "")}`] };
  if (kind === "tag-image") return { tool: "docker tag", lines: [`Error response from daemon: No such image: ${name}`] };
  return kind === "save-image" ? { tool: "docker save", lines: ["Error response from daemon: reference does not exist"] } : undefined;
}

function loaded({ build, event }: BuildEvent): FileEdit | undefined {
  if (build.through === "docker/build-push-action") return addInputs(event.step.place, { load: true });
  return build.through === "docker buildx build" ? addFlag(build.place, "--load") : undefined;
}
