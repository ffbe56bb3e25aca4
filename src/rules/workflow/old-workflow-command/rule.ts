import { remembered } from "../../../core/remembered.ts";
import type { Place, SourceFile } from "../../../core/span.ts";
import type { FileEdit, Remedy } from "../../../findings/finding.ts";
import { textOf } from "../../../simulate/text.ts";
import type { TracedStep } from "../../../simulate/trace.ts";
import { remedy } from "../../remedies/remedy.ts";
import { replaceText } from "../../remedies/texts.ts";
import { defineRule } from "../../rule.ts";

export const rule = defineRule({
  meta: {
    id: "old-workflow-command",
    summary: "a script talks to the runner by a command that it does not take any more, or soon will not",
    severity: "warning",
    confidence: "certain",
    fix: "sometimes",
    covers: ["set-output-deprecated"],
  },
  step(step, _trace, report) {
    for (const { name, place } of commandsOf(step)) {
      const isDisabled = name === "set-env" || name === "add-path";
      if (isDisabled && allowsUnsecure(step)) continue;
      report({
        message: isDisabled ? `the runner refuses the command "${name}", and the step fails` : `the command "${name}" is deprecated`,
        place,
        key: name,
        severity: isDisabled ? "error" : "warning",
        // It may stand in a branch of the script that is not taken.
        confidence: isDisabled ? "likely" : "certain",
        log: {
          tool: "the runner",
          lines: [
            isDisabled
              ? `The \`${name}\` command is disabled. Please upgrade to using Environment Files or opt into unsecure command execution by setting the \`ACTIONS_ALLOW_UNSECURE_COMMANDS\` environment variable to \`true\`.`
              : `The \`${name}\` command is deprecated and will be disabled soon. Please upgrade to using Environment Files.`,
          ],
        },
        cause: "what a program prints could be taken for a command, so that GitHub gave each step files to write to instead",
        remedies: remediesOf(name, place, step),
      });
    }
  },
});

interface Command {
  readonly name: string;
  /** Of the `::name`. */
  readonly place: Place;
}

const COMMAND = /::(set-output|save-state|set-env|add-path)(?=[ :])/g;
const commandsOf: (step: TracedStep) => readonly Command[] = remembered(
  ({ step, place }) => (step.run === undefined || !step.run.text.includes("::") ? [] : commandsIn(place.file, step.run.span)),
  ({ step }) => step,
);

function commandsIn(file: SourceFile, span: Place["span"]): readonly Command[] {
  return [...file.text.slice(span.start, span.end).matchAll(COMMAND)].flatMap((match) => {
    const start = span.start + match.index;
    const line = lineAround(file, start);
    const isSaid = /\b(?:echo|printf|print|puts|Write-Host|Write-Output|console\.log|cat)\b/.test(line.before);
    return isSaid && !/^\s*#/.test(line.before) ? [{ name: match[1] as string, place: { file, span: { start, end: start + match[0].length } } }] : [];
  });
}

function lineAround({ text }: SourceFile, at: number): { readonly before: string; readonly start: number; readonly end: number } {
  const start = text.lastIndexOf("\n", at - 1) + 1;
  const end = text.indexOf("\n", at);
  return { before: text.slice(start, at), start, end: end === -1 ? text.length : text[end - 1] === "\r" ? end - 1 : end };
}

const ALLOW = "ACTIONS_ALLOW_UNSECURE_COMMANDS";

function allowsUnsecure({ step, before, place }: TracedStep): boolean {
  const given = textOf(before.variables.get(ALLOW));
  return given === undefined
    ? step.env !== undefined && place.file.text.slice(step.node.span.start, step.node.span.end).includes(ALLOW)
    : given.toLowerCase() === "true";
}

const FILES: Readonly<Record<string, string>> = {
  "set-output": "GITHUB_OUTPUT",
  "save-state": "GITHUB_STATE",
  "set-env": "GITHUB_ENV",
  "add-path": "GITHUB_PATH",
};

function remediesOf(name: string, place: Place, step: TracedStep): readonly Remedy[] {
  const file = FILES[name] as string;
  const title = `append ${name === "add-path" ? "the folder" : "NAME=VALUE"} to the file "$${file}" instead`;
  return [remedy({ title, price: "escapes such as %0A in a value stay as they are", safety: "unsafe" }, [inFile(place, file, step)])];
}

/** Of an `echo` that has a line for itself. */
function inFile({ file, span }: Place, variable: string, { step, before }: TracedStep): FileEdit | undefined {
  const shell = step.shell?.text;
  if ((shell !== undefined && !/^(?:ba)?sh\b/.test(shell)) || before.runner.os === "windows" || (step.run?.style !== "literal" && step.run?.style !== "plain"))
    return undefined;
  const { start, end } = lineAround(file, span.start);
  const line = file.text.slice(start, end);
  const match = /^(.*?\becho +)(?:"([^"]*)"|'([^']*)'|((?:::[a-z-]+ +)?(?:[^\s"'|;&<>`()]|\$\([^()"'|;&<>`]*\)|\$\{\{[^}]*\}\})+))[ \t]*$/.exec(line);
  if (match === null || !/^[ \t]*(?:-[ \t]+)?(?:run:[ \t]*)?echo +$/.test(match[1] as string)) return undefined;
  const [, head = "", double, single, bare] = match;
  const said = double ?? single ?? bare ?? "";
  const quote = double !== undefined ? '"' : single !== undefined ? "'" : "";
  const parts = /^::(?:set-output|save-state|set-env) +name=([\w-]+)::(.*)$/.exec(said);
  const path = /^::add-path::(.*)$/.exec(said);
  const written = parts !== null ? `${parts[1]}=${parts[2]}` : path?.[1];
  return written === undefined ? undefined : replaceText({ file, span: { start, end } }, `${head}${quote}${written}${quote} >> "$${variable}"`);
}
