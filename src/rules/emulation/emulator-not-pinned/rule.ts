import { shownText, textOf } from "../../../simulate/text.ts";
import { advice } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";
import { sourceOf } from "../installed-by.ts";
import { isEmulated, programRuns } from "../program-runs.ts";

export const rule = defineRule({
  meta: {
    id: "emulator-not-pinned",
    summary: "programs run under whatever emulator a tag that moves means on that day",
    severity: "info",
    confidence: "certain",
    fix: "none",
    covers: ["qemu-version-tag-drift"],
  },
  build(at, report) {
    const installed = sourceOf(at.event, at.trace);
    if (installed === undefined || programRuns(at)?.runs.some((run) => run.emulator.how === "host" && isEmulated(run, at)) !== true) return;
    const { image, event } = installed;
    const text = image === undefined ? DEFAULT : textOf(image);
    if (text === undefined || !isMoving(text)) return;
    report({
      message: `the emulator is that of "${text}", a tag that may mean another one tomorrow`,
      place: image === undefined ? event.operation.place : image.place,
      key: "moves",
      facts: [
        { sentence: image === undefined ? `"${DEFAULT}" is the action's default` : `the image is "${shownText(image)}"`, place: event.operation.place },
        { sentence: "this build runs programs under it", place: at.build.place },
      ],
      log: undefined,
      cause: "releases of QEMU break programs that ran under the one before, and mend others; which one a run gets is told in its log alone",
      remedies: [advice("pin the image by tag and digest, as the action's input `image`", "it has to be renewed by hand, or by a bot")],
    });
  },
});

const DEFAULT = "docker.io/tonistiigi/binfmt:latest";
/** Tags with a version in them stay with one release of QEMU. */
const isMoving = (image: string): boolean => !image.includes("@") && !/:[^/]*\d/.test(image);
