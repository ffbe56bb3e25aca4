import type { SourceFile } from "../core/span.ts";
import type { BakeFile } from "./bake-file.ts";
import type { BakeAttribute, BakeBlock } from "./body.ts";
import type { Expression } from "./expression.ts";

/** What several files in HCL or JSON define together. */
export interface Definitions {
  readonly variables: ReadonlyMap<string, BakeBlock>;
  readonly functions: ReadonlyMap<string, BakeBlock>;
  /** Attributes outside any block: variables that the environment cannot set. */
  readonly globals: ReadonlyMap<string, BakeAttribute>;
  /** Targets and groups in the order of files. */
  readonly blocks: readonly BakeBlock[];
}

export const BUILT_IN: ReadonlySet<string> = new Set(["BAKE_CMD_CONTEXT", "BAKE_LOCAL_PLATFORM"]);
const RESERVED: ReadonlySet<string> = new Set(["target", "group", ...BUILT_IN]);

/** Gathers them: of one name, the later one counts. Targets are merged later on. */
export function definitionsOf(files: readonly BakeFile[]): Definitions {
  const variables = new Map<string, BakeBlock>();
  const functions = new Map<string, BakeBlock>();
  const globals = new Map<string, BakeAttribute>();
  const blocks: BakeBlock[] = [];
  for (const { content } of files) {
    if (content.form === "compose") continue;
    for (const block of content.body.blocks) {
      const [name = ""] = block.labels;
      if (block.type === "target" || block.type === "group") blocks.push(block);
      else if (RESERVED.has(name)) continue;
      else if (block.type === "variable") variables.set(name, block);
      else if (block.type === "function") functions.set(name, block);
    }
    for (const attribute of content.body.attributes) if (!RESERVED.has(attribute.name)) globals.set(attribute.name, attribute);
  }
  return { variables, functions, globals, blocks };
}

export const attributeOf = (block: BakeBlock, name: string): BakeAttribute | undefined =>
  block.body.attributes.findLast((attribute) => attribute.name === name);

export const fileOf = (block: BakeBlock): SourceFile => block.place.file;

/** Names of a list of names: `[a, b]`, or texts in JSON. */
export function nameList(expression: Expression): readonly (string | undefined)[] | undefined {
  return expression.kind === "list" ? expression.items.map(nameOf) : undefined;
}

/** A name that stands as an expression: `string`, or a text in JSON. */
export function nameOf(expression: Expression): string | undefined {
  if (expression.kind === "variable") return expression.name;
  return expression.kind === "literal" && typeof expression.value === "string" ? expression.value : undefined;
}
