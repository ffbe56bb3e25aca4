import { defineImageRule } from "../../../rule.ts";
import { baseName } from "../../../start/names.ts";
import type { Start } from "../../../start/start.ts";
import { startsOf } from "../../../start/starts.ts";
import type { PlatformImage } from "../../../subject.ts";
import { list, quote } from "../../shown.ts";
import { chainFacts, confidenceOf, isOfHealthcheck, isShellForm, named, oncePerProgram, severityOf } from "../start-told.ts";

export const rule = defineImageRule({
  meta: { id: "start-missing", summary: "a program that ENTRYPOINT, CMD or HEALTHCHECK names is not in the image", severity: "error", confidence: "certain" },
  platform(image, _subject, report) {
    for (const start of oncePerProgram(startsOf(image))) {
      // Of a script's interpreter and of a missing shell other rules tell.
      if (start.what.kind !== "missing" || isShellForm(start) || start.role === "interpreter" || start.by?.role === "interpreter") continue;
      const { searched } = start.what;
      const link = start.steps.some((step) => step.includes("symbolic link"));
      const where = searched === undefined ? (link ? "its symbolic link leads to nothing" : "nothing lies there") : "no folder of PATH has it";
      report({
        message: `${named(start)}, but ${where}`,
        facts: [
          ...chainFacts(start),
          ...(searched === undefined
            ? []
            : [
                `PATH is ${list(
                  searched.map((folder) => folder || "."),
                  12,
                )}`,
              ]),
        ],
        cause: isOfHealthcheck(start)
          ? "The health check fails each time, and the container is called unhealthy."
          : start.by === undefined
            ? `The container does not start: ${searched === undefined ? "no such file or directory" : "executable file not found in $PATH"}.`
            : "What it is started with ends at once with status 127: not found.",
        remedies: remediesOf(image, start),
        severity: severityOf(start),
        confidence: confidenceOf(start),
      });
    }
  },
});

function remediesOf(image: PlatformImage, start: Start): readonly string[] {
  const { asked, by } = start;
  const elsewhere = placesOf(image, baseName(asked));
  return [
    ...(asked.startsWith("[") ? ["write the list with double quotes, as JSON: with others it is a line for the shell"] : []),
    ...(asked.includes("$") && by === undefined ? ["write the shell form, or name a shell: a list is not searched for variables"] : []),
    ...(/\s/.test(asked) && by === undefined ? [`write each word as one of the list: ${JSON.stringify(asked.trim().split(/\s+/))}`] : []),
    ...elsewhere.map((path) => `name it by its path ${quote(path)}, or add its folder to PATH`),
    isOfHealthcheck(start)
      ? "install the program in the final stage, or check with one that is there"
      : "copy or install the program into the final stage, or name one that is there",
  ];
}

/** Where a program of that name lies; two at most. */
function placesOf({ files }: PlatformImage, name: string): readonly string[] {
  const found: string[] = [];
  if (files === undefined || name === "") return found;
  for (const [path, node] of files.walk()) {
    if (node.type === "file" && (node.mode & 0o111) !== 0 && baseName(path) === name) found.push(`/${path}`);
    if (found.length === 2) break;
  }
  return found;
}
