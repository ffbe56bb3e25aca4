import { IMAGE_RULE_GROUPS, type ImageRule } from "../src/verify/rule.ts";
import { IMAGE_RULE_ROOT, loadRule, type RuleFolder, ruleFolders } from "./rule-folders.ts";
import { capitalised, cell, NOTE, registryText, sectionsText } from "./rule-texts.ts";

/** What each group looks at. */
const GROUPS: Readonly<Record<(typeof IMAGE_RULE_GROUPS)[number], string>> = {
  form: "Documents and blobs: whether they are what they say they are, and what the specifications of OCI and Docker ask for.",
  completeness: "Whether the platforms that are wanted are there, and no others.",
  architecture: "Whether the programs of each platform run on it.",
  parity: "What differs between platforms and should not.",
  against: "With `--against`: what differs from another image.",
  smoke: "With `--smoke`: what became of each platform's start.",
};

/** What follows from the folders of the image rules: texts by path. */
export async function imageRulePages(root: string): Promise<ReadonlyMap<string, string>> {
  const rules = await Promise.all(ruleFolders(root, IMAGE_RULE_ROOT).map(async (folder) => ({ folder, rule: await loadRule<ImageRule>(folder) })));
  const pages = rules.map(({ folder, rule }): [string, string] => [`docs/checks/${folder.id}.md`, pageOf(folder, rule)]);
  const registry = registryText(
    rules.map(({ folder }) => folder),
    { name: "IMAGE_RULES", type: "ImageRule", below: "./rules" },
  );
  return new Map([["src/verify/registry.ts", registry], ["docs/checks.md", indexOf(rules)], ...pages]);
}

function indexOf(rules: readonly { readonly folder: RuleFolder; readonly rule: ImageRule }[]): string {
  const tables = IMAGE_RULE_GROUPS.flatMap((group) => {
    const rows = rules
      .filter(({ folder }) => folder.group === group)
      .map(({ rule: { meta } }) => `| [\`${meta.id}\`](checks/${meta.id}.md) | ${cell(meta.summary)} | ${meta.severity} | ${meta.confidence} |`);
    if (rows.length === 0) return [];
    return [`## ${group}`, GROUPS[group], ["| rule | what it finds | severity | confidence |", "|---|---|---|---|", ...rows].join("\n")];
  });
  return `${[
    "# Checks",
    `<!-- ${NOTE} -->`,
    "What `multihull verify` looks for in an image ([verify.md](verify.md)). Severity is how bad it is when it is true, confidence how sure we are that it is; a finding may be milder or less sure than its rule, where it says so. `--ignore RULE` leaves a rule out.",
    ...tables,
  ].join("\n\n")}\n`;
}

function pageOf(folder: RuleFolder, { meta }: ImageRule): string {
  const head = `${capitalised(meta.summary)}. Severity ${meta.severity}, confidence ${meta.confidence}.`;
  return `${[`# ${meta.id}`, `<!-- ${NOTE} -->`, head, sectionsText(folder)].join("\n\n")}\n`;
}
