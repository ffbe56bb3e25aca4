// Writes what follows from the code: docs/cli.md, docs/errors.md; and from the folders of the rules: src/rules/registry.ts, docs/rules.md, docs/rules/;
// src/verify/registry.ts, docs/checks.md, docs/checks/.
// With --check writes nothing, and ends with status 1 when a page is not what it would write.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { COMMANDS, type FlagSpec } from "../src/cli/commands.ts";
import { exitCodeOf } from "../src/cli/exit-code.ts";
import { byCodeUnit } from "../src/core/order.ts";
import { PROBLEMS, type ProblemCode } from "../src/core/problem.ts";
import { failuresPage } from "./failures-page.ts";
import { imageRulePages } from "./image-rule-pages.ts";
import { loadRule, ruleFolders } from "./rule-folders.ts";
import { rulePages } from "./rule-pages.ts";

const root = join(import.meta.dirname, "..");
const NOTE = "<!-- Written by `npm run generate`; do not edit. -->";
const cell = (text: string): string => text.replaceAll("|", "\\|");

function flagRow(flag: FlagSpec): string {
  const extras = [
    flag.choices === undefined ? "" : `one of ${flag.choices.join(", ")}`,
    flag.default === undefined ? "" : `default ${flag.default}`,
    flag.env === undefined ? "" : `or $${flag.env}`,
    flag.kind === "list" ? "may be repeated" : "",
  ].filter((extra) => extra !== "");
  return `| \`${cell(flag.form)}\` | ${cell(flag.about)}${extras.length === 0 ? "" : ` (${cell(extras.join("; "))})`} |`;
}

function cliPage(): string {
  const commands = COMMANDS.map((command) =>
    [
      `## multihull ${command.path.join(" ")}`,
      `${command.summary}.`,
      `\`\`\`\nmultihull ${command.path.join(" ")} [flags]${command.argument === undefined ? "" : ` ${command.argument.form}`}\n\`\`\``,
      ...(command.argument === undefined ? [] : [`\`${command.argument.form}\`: ${command.argument.about}`]),
      ["| flag | what it does |", "|---|---|", ...command.flags.map(flagRow)].join("\n"),
      ["Examples:", "", ...command.examples.map(([line, does]) => `- \`${line}\`: ${does}`)].join("\n"),
    ].join("\n\n"),
  );
  const status =
    "Exit status: 0 done; 1 a build, check or release that failed; 2 wrong usage or unreadable input; 130 interrupted. People's text goes to stderr, documents to stdout.";
  return `${["# Command line", NOTE, status, ...commands].join("\n\n")}\n`;
}

function errorsPage(): string {
  const rows = Object.entries(PROBLEMS)
    .sort(([a], [b]) => byCodeUnit(a, b))
    .map(([code, meaning]) => `| \`${code}\` | ${cell(meaning)} | ${exitCodeOf(code as ProblemCode)} |`);
  const head = [
    "Every failure that is not a bug has one of these codes. It is printed to stderr as `error[CODE]: what happened`, with a line `help:` that names an act; with `--json` it is a document on stdout too, and in the library the fields of a `ProblemError` ([json.md](json.md)).",
    "Codes are stable; texts are not.",
  ].join("\n");
  return `${["# Errors", NOTE, head, ["| code | meaning | exit status |", "|---|---|---|", ...rows].join("\n")].join("\n\n")}\n`;
}

const pages = new Map([
  ["docs/cli.md", cliPage()],
  ["docs/errors.md", errorsPage()],
  ["docs/failures.md", failuresPage(NOTE, await Promise.all(ruleFolders(root).map(loadRule)))],
  ...(await rulePages(root)),
  ...(await imageRulePages(root)),
]);
const check = process.argv.includes("--check");
let stale = 0;
function settle(path: string, wanted: string): void {
  if (!check) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), wanted);
    return;
  }
  const there = existsSync(join(root, path)) ? readFileSync(join(root, path), "utf8") : "";
  if (there === wanted) return;
  stale++;
  const [was, is] = [there.split("\n"), wanted.split("\n")];
  const line = is.findIndex((text, i) => text !== was[i]);
  console.error(`${path}:${line + 1}: not what the code says; run npm run generate\n  is:     ${was[line]}\n  wanted: ${is[line]}`);
}
for (const [path, wanted] of pages) settle(path, wanted);
// Only now is the registry of rules, by which the example is looked at, what the folders say.
const { readmeWithExample } = await import("./readme-example.ts");
settle("README.md", await readmeWithExample(root));
// Nothing else may lie where pages of rules lie.
for (const folder of ["docs/rules", "docs/checks"]) {
  for (const name of existsSync(join(root, folder)) ? readdirSync(join(root, folder)) : []) {
    if (pages.has(`${folder}/${name}`)) continue;
    if (check) {
      stale++;
      console.error(`${folder}/${name}: there is no such rule; run npm run generate`);
    } else rmSync(join(root, folder, name));
  }
}
process.exitCode = stale > 0 ? 1 : 0;
