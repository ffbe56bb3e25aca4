import { byCodeUnit } from "../src/core/order.ts";
import { type RuleFolder, sectionsOf } from "./rule-folders.ts";

export const NOTE = "Written by `npm run generate`; do not edit.";

export const cell = (text: string): string => text.replaceAll("|", "\\|");

export const capitalised = (sentence: string): string => `${sentence[0]?.toUpperCase()}${sentence.slice(1)}`;

/** What a rule's own page says, under its headings. */
export const sectionsText = (folder: RuleFolder): string => [...sectionsOf(folder)].map(([heading, text]) => `## ${heading}\n\n${text}`).join("\n\n");

const nameOf = (folder: RuleFolder): string => folder.id.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/**
 * The module that lists the rules of a kind, as the formatter would have it.
 * @param below  the folder of the groups, from the module's own
 */
export function registryText(
  folders: readonly RuleFolder[],
  { name, type, below }: { readonly name: string; readonly type: string; readonly below: string },
): string {
  const rules = folders.map((folder) => ({ from: `${below}/${folder.group}/${folder.id}/rule.ts`, what: `{ rule as ${nameOf(folder)} }` }));
  const imports = [...rules, { from: "./rule.ts", what: `type { ${type} }` }].sort((a, b) => byCodeUnit(bySegments(a.from), bySegments(b.from)));
  const head = `export const ${name}: readonly ${type}[] = [`;
  const line = `${head}${folders.map(nameOf).join(", ")}];`;
  const list = line.length <= 160 ? line : `${head}\n${folders.map((folder) => `  ${nameOf(folder)},\n`).join("")}];`;
  const lines = imports.map(({ from, what }) => `import ${what} from "${from}";`);
  return [`// ${NOTE}`, ...lines, "", "/** Every rule, by group and name. */", list, ""].join("\n");
}

/** Sorts as the formatter has it: folder by folder, so that `a/b` stands before `a-c/b`. */
const bySegments = (path: string): string => path.replaceAll("/", "\0");
