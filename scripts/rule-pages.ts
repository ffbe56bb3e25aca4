import { join } from "node:path";
import { byCodeUnit } from "../src/core/order.ts";
import { CONFIG_FILE } from "../src/findings/config.ts";
import { OWN_RULES } from "../src/findings/own-rules.ts";
import type { Rule } from "../src/rules/rule.ts";
import { loadRule, RULE_GROUPS, type RuleFolder, ruleFolders, sectionsOf } from "./rule-folders.ts";

const NOTE = "Written by `npm run generate`; do not edit.";
const FIX: Readonly<Record<Rule["meta"]["fix"], string>> = { none: "no", sometimes: "where it can", always: "yes" };
const cell = (text: string): string => text.replaceAll("|", "\\|");

/** What follows from the folders of the rules: texts by path. */
export async function rulePages(root: string): Promise<ReadonlyMap<string, string>> {
  const rules = await Promise.all(ruleFolders(root).map(async (folder) => ({ folder, rule: await loadRule(folder) })));
  const pages = rules.map(({ folder, rule }): [string, string] => [`docs/rules/${folder.id}.md`, pageOf(folder, rule)]);
  return new Map([["src/rules/registry.ts", registryOf(rules.map(({ folder }) => folder))], ["docs/rules.md", indexOf(rules)], ...pages]);
}

const nameOf = (folder: RuleFolder): string => folder.id.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** As the formatter would have it. */
function registryOf(folders: readonly RuleFolder[]): string {
  const rules = folders.map((folder) => ({ from: `./${folder.group}/${folder.id}/rule.ts`, what: `{ rule as ${nameOf(folder)} }` }));
  const imports = [...rules, { from: "./rule.ts", what: "type { Rule }" }].sort((a, b) => byCodeUnit(a.from, b.from));
  const line = `export const RULES: readonly Rule[] = [${folders.map(nameOf).join(", ")}];`;
  const list = line.length <= 160 ? line : `export const RULES: readonly Rule[] = [\n${folders.map((folder) => `  ${nameOf(folder)},\n`).join("")}];`;
  const lines = imports.map(({ from, what }) => `import ${what} from "${from}";`);
  return [`// ${NOTE}`, ...lines, "", "/** Every rule, by group and name. */", list, ""].join("\n");
}

function indexOf(rules: readonly { readonly folder: RuleFolder; readonly rule: Rule }[]): string {
  const tables = RULE_GROUPS.flatMap((group) => {
    const rows = rules
      .filter(({ folder }) => folder.group === group)
      .map(
        ({ rule: { meta } }) => `| [\`${meta.id}\`](rules/${meta.id}.md) | ${cell(meta.summary)} | ${meta.severity} | ${meta.confidence} | ${FIX[meta.fix]} |`,
      );
    if (rows.length === 0) return [];
    return [`## ${group}`, ["| rule | what it finds | severity | confidence | fix |", "|---|---|---|---|---|", ...rows].join("\n")];
  });
  const own = OWN_RULES.map(({ id, summary }) => `<a id="${id}"></a>\`${id}\`: ${summary}.`);
  const ignoring = [
    "A finding is silenced by a comment on its line, or on a line of its own above it, in workflows, Dockerfiles, Makefiles and bake files:",
    "```yaml\n# multihull: ignore RULE[, RULE] -- why\n```",
    `or for whole files in \`${CONFIG_FILE}\` at the repository's root:`,
    "```yaml\nignore:\n  - rule: RULE\n    path: docker/**\n    reason: why\nfail-on: warning\n```",
    "`path` is a pattern (`*` and `?` within a name, `**` for any folders; a folder's name is all that is in it); without it the whole repository is meant. `fail-on` is the lowest severity that makes `doctor` end with status 1; `--fail-on` goes before it. An ignore without a reason, one that silences nothing, and one of a rule that does not exist are told by the rule `ignore`.",
  ];
  return `${[
    "# Rules",
    `<!-- ${NOTE} -->`,
    "What `multihull doctor` looks for. Severity is how bad it is when it is true, confidence how sure we are that it is; a finding may be milder or less sure than its rule, where it says so.",
    ...tables,
    "## Without a simulation",
    own.join("\n\n"),
    "## Ignoring",
    ...ignoring,
  ].join("\n\n")}\n`;
}

function pageOf(folder: RuleFolder, { meta }: Rule): string {
  const sections = [...sectionsOf(folder)].map(([heading, text]) => `## ${heading}\n\n${text}`);
  const head = `${meta.summary[0]?.toUpperCase()}${meta.summary.slice(1)}. Severity ${meta.severity}, confidence ${meta.confidence}, fix: ${FIX[meta.fix]}.`;
  return `${[`# ${meta.id}`, `<!-- ${NOTE} -->`, head, ...sections].join("\n\n")}\n`;
}

/** Where generated pages of rules lie: nothing else may. */
export const rulePagesFolder = (root: string): string => join(root, "docs/rules");
