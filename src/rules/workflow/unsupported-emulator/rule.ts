import { parsePlatform } from "../../../core/platform.ts";
import { isProblem } from "../../../core/problem.ts";
import { emulatorImage } from "../../../facts/emulators.ts";
import { splitText, textOf } from "../../../simulate/text.ts";
import { replaceListItem } from "../../remedies/list-items.ts";
import { advice, remedy } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";
import { actionUse } from "../action-use.ts";
import { wrongPlatform } from "../platform-words.ts";

export const rule = defineRule({
  meta: {
    id: "unsupported-emulator",
    summary: "setup-qemu-action is asked for an emulator that it does not have, and says nothing",
    severity: "warning",
    confidence: "certain",
    fix: "sometimes",
    covers: ["binfmt-install-silent-failure"],
  },
  step(step, _trace, report) {
    if (step.action !== "docker/setup-qemu-action" || actionUse(step) === undefined) return;
    const given = step.inputs.get("platforms");
    const supported = emulatorImage("tonistiigi/binfmt")?.supports;
    const image = textOf(step.inputs.get("image"));
    if (given === undefined || supported === undefined || (image !== undefined && !/(?:^|\/)tonistiigi\/binfmt(?:[:@]|$)/.test(image))) return;
    for (const item of splitText(given, /[,\n]/)) {
      const text = textOf(item);
      if (text === undefined || text === "all") continue;
      const word = architectureIn(text);
      if (supported.includes(word)) continue;
      const meant = meantBy(text, supported);
      report({
        message: `setup-qemu-action has no emulator "${word}"${word === text ? "" : ` (of "${text}")`}${meant === undefined ? "" : `; did you mean "${meant}"?`}`,
        place: given.place,
        key: text,
        log: { tool: "tonistiigi/binfmt", lines: [`installing: ${word} unsupported architecture: ${word}`] },
        cause: "the image that installs emulators prints what it cannot install, and ends as if all were well; the build fails later, at its first RUN",
        remedies: [
          meant === undefined
            ? advice(`take one of ${supported.join(", ")}`, "none")
            : remedy({ title: `write "${meant}"`, price: "none" }, [replaceListItem(given.place, text, meant)]),
        ],
      });
    }
  },
});

/** What binfmt makes of a word: a platform's architecture, or the word itself. `arm/v7` is the architecture "v7" of the operating system "arm". */
function architectureIn(text: string): string {
  const parts = text.split("/");
  try {
    return parsePlatform(text).architecture;
  } catch (error) {
    if (isProblem(error)) return parts.length > 1 ? (parts[1] ?? "").toLowerCase() : text;
    throw error;
  }
}

function meantBy(text: string, supported: readonly string[]): string | undefined {
  const [first = ""] = text.split("/");
  if (supported.includes(first)) return first;
  const wrong = wrongPlatform(text.includes("/") ? text : `linux/${text}`);
  const architecture = wrong?.meant?.[0]?.split("/")[1];
  return architecture !== undefined && supported.includes(architecture) ? architecture : undefined;
}
